import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { LIMITS } from '#std/index.ts'

/** What a legacy session is, sealed into its own identifier: any process can check it, none has to remember it (R19). */
export interface SessionClaims {
  readonly tenant: string
  readonly endpoint: string
  readonly callerId: string
  readonly version: string
  /** `relay`: the upstream holds the session. `local`: the gateway answers itself. */
  readonly mode: 'relay' | 'local'
  /** Which deployment, in which specification, a relayed session belongs to: another one under the same name is a stranger. */
  readonly boundTo: string
  /** The upstream's own session id, when it gave one. */
  readonly upstreamSession: string | null
  /** Tells two sessions of one caller apart. */
  readonly nonce: string
  readonly expiresAtMs: number
}

export interface SessionSeal {
  seal(claims: SessionClaims): string
  /** Null for anything that this key did not seal, or that has expired. */
  open(token: string, nowMs: number): SessionClaims | null
}

const VERSION = 's1.'
const IV_BYTES = 12
const TAG_BYTES = 16
const TOKEN_LENGTH_MAX = 4096
const AAD = Buffer.from('sallyport session v1')

/** Seals with AES-256-GCM under `key` (32 bytes). Opened tokens are remembered, so a session costs one decryption per process. */
export function createSessionSeal(key: Buffer): SessionSeal {
  const opened = new LRUCache<string, SessionClaims>({ max: LIMITS.credentialCacheMax })
  return {
    seal(claims) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(AAD)
      const sealed = Buffer.concat([iv, cipher.update(JSON.stringify(claims), 'utf8'), cipher.final(), cipher.getAuthTag()])
      return VERSION + sealed.toString('base64url')
    },
    open(token, nowMs) {
      const known = opened.get(token)
      if (known !== undefined) return known.expiresAtMs > nowMs ? known : null
      const claims = decrypt(token, key)
      if (claims === null || claims.expiresAtMs <= nowMs) return null
      opened.set(token, claims)
      return claims
    },
  }
}

function decrypt(token: string, key: Buffer): SessionClaims | null {
  if (!token.startsWith(VERSION) || token.length > TOKEN_LENGTH_MAX) return null
  const bytes = Buffer.from(token.slice(VERSION.length), 'base64url')
  if (bytes.length <= IV_BYTES + TAG_BYTES || bytes.toString('base64url') !== token.slice(VERSION.length)) return null
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES)).setAAD(AAD)
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES))
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, bytes.length - TAG_BYTES)), decipher.final()]).toString('utf8')
    return JSON.parse(text) as SessionClaims
  } catch {
    return null
  }
}
