import { recordAdmin } from '#audit/index.ts'
import type { ApiKey, Caller, NewKey } from '#identity/index.ts'
import { Problem } from '#std/index.ts'
import type { ResponseOf } from './contract.ts'
import type { ApiDeps } from './deps.ts'
import { callerOf } from './gatekeeping.ts'
import type { Handlers, Passage } from './handler.ts'
import { timeOrNull, timeText } from './pages.ts'

type SessionHandlers = Handlers<'createSession' | 'deleteSession'>

/** A key, of which it is known whose it is. */
interface KnownKey {
  readonly caller: Caller
  readonly text: string
  readonly isNew: boolean
}

/**
 * Signing in exchanges a key for a session in two halves: a cookie that no script can read, and a proof that no other
 * site can send. The browser then keeps no key.
 */
export function sessionHandlers(deps: ApiDeps): SessionHandlers {
  return {
    async createSession({ body, passage }) {
      const key = body.token === undefined ? keyOf(deps, body.key ?? '', passage) : await redeem(deps, body.token, passage)
      const { id, tenant, expiresAtMs } = key.caller
      const session = await deps.identity.createSession({ id, tenant, expiresAtMs, text: key.text })
      const lifeSeconds = Math.floor((session.expiresAtMs - passage.startedAtMs) / 1000)
      passage.headers['set-cookie'] = cookieText(deps.sessionCookie, session.cookie, lifeSeconds)
      return {
        id: session.id,
        proof: session.proof,
        expiresAt: timeText(session.expiresAtMs),
        whoami: whoamiView({ ...key.caller, expiresAtMs: session.expiresAtMs, sessionId: session.id }),
        ownerKey: key.isNew ? key.text : null,
      }
    },

    async deleteSession({ caller, passage }) {
      if (caller.sessionId === null) {
        throw new Problem('not-found', 'This request came with a key, not with a session.', {
          remedy: 'Revoke a key with `sallyport key revoke`.',
        })
      }
      passage.target = caller.sessionId
      await deps.identity.endSession(caller.tenant, caller.sessionId)
      passage.headers['set-cookie'] = cookieText(deps.sessionCookie, '', 0)
      return undefined
    },
  }
}

/** What a credential may do, as its holder is told. */
export function whoamiView(caller: Caller): ResponseOf<'whoami'> {
  const { id, kind, name, tenant, scopes, endpoints, tools, expiresAtMs, sessionId } = caller
  return {
    id,
    kind: kind === 'owner' ? 'owner' : 'key',
    name,
    tenant,
    scopes: [...scopes],
    endpoints: endpoints === null ? null : [...endpoints],
    tools: tools === null ? null : [...tools],
    expiresAt: timeOrNull(expiresAtMs),
    session: sessionId === null ? null : { expiresAt: timeText(expiresAtMs) },
  }
}

/** Throws `unauthenticated` for what is no valid key. A session is none: it could prolong itself for ever. */
function keyOf({ authenticator, limiter, now }: ApiDeps, text: string, passage: Passage): KnownKey {
  // A header value holds one character per byte; what was typed into the page is UTF-8.
  const caller = callerOf(authenticator, `Bearer ${Buffer.from(text).toString('latin1')}`, now())
  if (caller.kind === 'anonymous' || caller.sessionId !== null) {
    throw new Problem('unauthenticated', 'The key is unknown, expired or revoked.', {
      remedy: '`sallyport key create` makes a key; `sallyport owner link` makes an owner.',
    })
  }
  passage.caller = caller
  limiter.take(caller, passage.address, passage.startedAtMs)
  limiter.takeSignIn(caller, passage.startedAtMs)
  return { caller, text, isNew: false }
}

/** Uses an owner link up. The key it made is evidence of its own, written down whatever becomes of the session. */
async function redeem(deps: ApiDeps, token: string, passage: Passage): Promise<KnownKey> {
  const { record, key }: NewKey = await deps.identity.redeemOwnerLink(token)
  const { id, tenant, kind, name } = record
  const actor = { id, kind, name }
  const caller = callerOfRecord(record)
  passage.caller = caller
  await recordAdmin(deps.audit.recorder, {
    atMs: passage.startedAtMs,
    tenant,
    actor,
    method: 'owner-link.redeem',
    target: id,
    verdict: 'allow',
    rule: 'owner-link',
    outcome: 'ok',
    status: 201,
  })
  return { caller, text: key, isNew: true }
}

/** The key is not in force yet: it is published together with its session. */
const callerOfRecord = ({ id, kind, name, tenant, scopes, endpoints, tools, expiresAtMs }: ApiKey): Caller => ({
  id,
  kind,
  name,
  keyRule: `key:${name}`,
  tenant,
  scopes: new Set(scopes),
  endpoints: endpoints === null ? null : new Set(endpoints),
  tools,
  expiresAtMs: expiresAtMs ?? Infinity,
  sessionId: null,
})

/** `Secure` goes with the prefix; without it the public address is plain http, on loopback. */
function cookieText(name: string, value: string, lifeSeconds: number): string {
  const secure = name.startsWith('__Host-') ? '; Secure' : ''
  return `${name}=${value}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${lifeSeconds}${secure}`
}
