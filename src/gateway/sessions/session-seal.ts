import { LRUCache } from 'lru-cache'
import { LIMITS } from '#std/index.ts'
import type { TokenClaims, TokenSeal } from './token-seal.ts'

/** What a legacy session is, sealed into its own identifier: any process can check it, none has to remember it (R19). */
export interface SessionClaims extends TokenClaims {
  readonly version: string
  /** What the client of a local session can be asked for, as it said in `initialize`. */
  readonly client: SessionClient
  /** `relay`: the upstream holds the session. `local`: the gateway answers itself. */
  readonly mode: 'relay' | 'local'
  /** Which deployment, in which specification, a relayed session belongs to: another one under the same name is a stranger. */
  readonly boundTo: string
  /** The upstream's own session id, when it gave one. */
  readonly upstreamSession: string | null
  /** Tells two sessions of one caller apart. */
  readonly nonce: string
}

/** Who the client is, by its own words: for servers that ask, never for a decision. */
export interface SessionClient {
  readonly info: { readonly name: string; readonly version: string } | null
  readonly capabilities: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export const UNKNOWN_CLIENT: SessionClient = { info: null, capabilities: {} }

export interface SessionSeal {
  seal(claims: SessionClaims): string
  /** Null for anything that this key did not seal, or that has expired. */
  open(token: string, nowMs: number): SessionClaims | null
}

const TOKEN_LENGTH_MAX = 4096

/** Session ids over `tokens`. Opened ones are remembered, so a session costs one decryption per process. */
export function createSessionSeal(tokens: TokenSeal): SessionSeal {
  const opened = new LRUCache<string, SessionClaims>({ max: LIMITS.credentialCacheMax })
  return {
    seal: (claims) => tokens.seal('session', claims),
    open(token, nowMs) {
      const known = opened.get(token)
      if (known !== undefined) return known.expiresAtMs > nowMs ? known : null
      const claims = token.length > TOKEN_LENGTH_MAX ? null : (tokens.open('session', token, nowMs) as SessionClaims | null)
      // Sessions of an earlier version of this program say nothing of their client: such a client begins anew.
      if (claims?.client === undefined) return null
      opened.set(token, claims)
      return claims
    },
  }
}
