import { createHash } from 'node:crypto'

/** SHA-256 (hex) of a document, as it was fetched or given. */
export const documentDigest = (text: string): string => createHash('sha256').update(text).digest('hex')
