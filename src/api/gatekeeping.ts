import { ANONYMOUS, type Authenticator, type Caller } from '#identity/index.ts'
import type { Limiter } from '#policy/index.ts'
import { type Clock, Problem } from '#std/index.ts'
import type { Route } from './contract.ts'

interface Gate {
  readonly authenticator: Authenticator
  readonly limiter: Limiter
  readonly now: Clock
}

/**
 * Who is asking. Throws `unauthenticated`, the same for no credential and for one that is not valid, and `rate-limited`
 * for an address that fails too often and a caller that asks too often.
 */
export function identify({ authenticator, limiter, now }: Gate, authorization: string | null, address: string): Caller {
  const nowMs = now()
  const caller = callerOf(authenticator, authorization, nowMs)
  if (caller.kind === 'anonymous') {
    limiter.takeFailure(address, nowMs)
    throw new Problem('unauthenticated', 'The control plane needs a valid credential.', {
      remedy: 'Send "Authorization: Bearer <key>". `sallyport key create` makes a key; `sallyport owner link` makes an owner.',
    })
  }
  limiter.take(caller, address, nowMs)
  return caller
}

/** The caller of a credential; the anonymous one when it is not valid. */
export function callerOf(authenticator: Authenticator, authorization: string | null, nowMs: number): Caller {
  try {
    return authenticator.authenticate(authorization ?? undefined, nowMs)
  } catch (error) {
    if (error instanceof Problem && error.type === 'unauthenticated') return ANONYMOUS
    throw error
  }
}

/** Throws `insufficient-scope` unless the caller holds what the route needs. */
export function assertMay(caller: Caller, needs: Route['needs']): void {
  if (needs === 'nobody' || needs === 'any' || (caller.scopes.has('admin') && (needs === 'admin' || caller.kind === 'owner'))) return
  const what = needs === 'owner' ? 'the key of an owner' : 'a key with the scope admin'
  throw new Problem('insufficient-scope', `This needs ${what}.`, {
    remedy: needs === 'owner' ? 'Run `sallyport owner link` on the machine of the server.' : 'sallyport key create NAME --scope admin',
    extensions: { scopes: ['admin'] },
  })
}
