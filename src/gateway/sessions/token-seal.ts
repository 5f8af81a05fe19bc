import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** What a token is for. One kind never opens as another. */
export type TokenKind = 'session' | 'state' | 'cursor' | 'task'

/** What every token says of itself, so that nobody else can use it (R19). */
export interface TokenClaims {
  readonly tenant: string
  readonly endpoint: string
  readonly callerId: string
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number
}

/**
 * State that travels with the client instead of being remembered here: encrypted and authenticated, so that every process
 * of this server can read it and nobody else can read or change it.
 */
export interface TokenSeal {
  seal(kind: TokenKind, claims: TokenClaims): string
  /** Null for anything that this key did not seal as this kind, or that has expired. */
  open(kind: TokenKind, token: string, nowMs: number): TokenClaims | null
}

const PREFIX: Readonly<Record<TokenKind, string>> = { session: 's1.', state: 'r1.', cursor: 'c1.', task: 't1.' }
const IV_BYTES = 12
const TAG_BYTES = 16

/** Seals with AES-256-GCM under `key` (32 bytes). */
export function createTokenSeal(key: Buffer): TokenSeal {
  return {
    seal(kind, claims) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad(kind))
      const sealed = Buffer.concat([iv, cipher.update(JSON.stringify(claims), 'utf8'), cipher.final(), cipher.getAuthTag()])
      return PREFIX[kind] + sealed.toString('base64url')
    },
    open(kind, token, nowMs) {
      const claims = decrypt(kind, token, key) as TokenClaims | null
      return claims === null || claims.expiresAtMs <= nowMs ? null : claims
    },
  }
}

const aad = (kind: TokenKind): Buffer => Buffer.from(`sallyport ${kind} v1`)

function decrypt(kind: TokenKind, token: string, key: Buffer): unknown {
  const prefix = PREFIX[kind]
  if (!token.startsWith(prefix)) return null
  const bytes = Buffer.from(token.slice(prefix.length), 'base64url')
  // Base64url has several spellings of the same bytes; only ours is taken.
  if (bytes.length <= IV_BYTES + TAG_BYTES || bytes.toString('base64url') !== token.slice(prefix.length)) return null
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES)).setAAD(aad(kind))
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES))
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, bytes.length - TAG_BYTES)), decipher.final()]).toString('utf8')
    return JSON.parse(text)
  } catch {
    return null
  }
}
