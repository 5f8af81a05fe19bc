import { hash } from 'node:crypto'
import { type LIMITS, Problem } from '#std/index.ts'
import { type Authenticator, type Caller, type CallerKind, DEFAULT_TENANT, type KeyRecord, type Scope } from './model.ts'

// RFC 7235 §2.1: the scheme is case-insensitive, one or more spaces follow; what follows then is ours to define.
const BEARER = /^bearer +/i
/** The spelling that everybody uses. Whoever has a key could fill the memory with thousands of others of it. */
const USUAL = 'Bearer '
const SPACE = 32

export interface AuthenticatorOptions {
  readonly limits: Pick<typeof LIMITS, 'credentialCacheMax'>
}

/** Whoever shows no credential. */
export const ANONYMOUS: Caller = newCaller('anonymous', 'anonymous', 'anonymous', DEFAULT_TENANT, [], null, null, Infinity, null)

/**
 * Knows callers by their whole header value, so that a credential seen before costs one look-up in a map. A new one
 * costs a SHA-256; a wrong one costs that each time and leaves nothing behind.
 */
export function createAuthenticator({ limits }: AuthenticatorOptions): Authenticator {
  const seen = new Map<string, Caller>()
  let known: ReadonlyMap<string, Caller> = new Map()

  function recognise(authorization: string): Caller {
    const scheme = BEARER.exec(authorization)
    // Header values arrive as Latin-1: this gives the bytes that were sent.
    const caller =
      scheme === null ? undefined : known.get(hash('sha256', Buffer.from(authorization.slice(scheme[0].length), 'latin1'), 'hex'))
    if (caller === undefined) throw unauthenticated()
    return caller
  }

  return {
    authenticate(authorization, nowMs) {
      if (authorization === undefined) return ANONYMOUS
      const cached = seen.get(authorization)
      const caller = cached ?? recognise(authorization)
      if (nowMs >= caller.expiresAtMs) {
        seen.delete(authorization)
        throw unauthenticated()
      }
      if (cached === undefined && authorization.startsWith(USUAL) && authorization.charCodeAt(USUAL.length) !== SPACE) {
        // The oldest makes room: only real keys get here, each once, so nobody else can push them out.
        if (seen.size >= limits.credentialCacheMax) seen.delete(seen.keys().next().value!)
        seen.set(authorization, caller)
      }
      return caller
    },

    replaceKeys(keys) {
      known = new Map(keys.map((key) => [key.sha256, callerOf(key)]))
      seen.clear()
    },
  }
}

/** One answer for unknown, revoked and expired, so that nobody learns which keys once were. */
function unauthenticated(): Problem {
  return new Problem('unauthenticated', 'The credential is missing, unknown, expired or revoked.', {
    remedy: 'Send "Authorization: Bearer <key>" with a key that is valid. `sallyport key create` makes one.',
  })
}

function callerOf(key: KeyRecord): Caller {
  const { id, kind, name, tenant, scopes, endpoints, tools, expiresAtMs, sessionId } = key
  return newCaller(id, kind, name, tenant, scopes, endpoints, tools, expiresAtMs ?? Infinity, sessionId ?? null)
}

/** Every caller has the same shape, which keeps property access on the path of a call fast. */
function newCaller(
  id: string,
  kind: CallerKind,
  name: string,
  tenant: string,
  scopes: readonly Scope[],
  endpoints: readonly string[] | null,
  tools: readonly string[] | null,
  expiresAtMs: number,
  sessionId: string | null,
): Caller {
  return Object.freeze({
    id,
    kind,
    name,
    keyRule: `key:${name}`,
    tenant,
    scopes: new Set(scopes),
    endpoints: endpoints === null ? null : new Set(endpoints),
    tools,
    expiresAtMs,
    sessionId,
  })
}
