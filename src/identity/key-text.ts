import { hash } from 'node:crypto'
import { newSecret } from '#std/index.ts'

/** `sp_` and 256 random bits as 43 characters of base64url. */
export const newKeyText = (): string => `sp_${newSecret()}`

/**
 * Lower-case hex over the UTF-8 bytes of a key. A fast hash is right here: 256 random bits cannot be guessed, however
 * fast the guesses are checked.
 */
export const sha256Of = (text: string): string => hash('sha256', text, 'hex')
