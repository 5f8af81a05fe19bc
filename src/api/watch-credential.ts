import type { Caller } from '#identity/index.ts'
import type { Route } from './contract.ts'
import type { ApiDeps } from './deps.ts'
import { assertMay, callerOf } from './gatekeeping.ts'

const TIMER_MS_MAX = 2 ** 31 - 1

/**
 * A signal that fires when the credential of an open stream stops being good for it: revoked, expired or narrowed. Call
 * `stop` when the stream has ended.
 */
export function watchCredential(
  deps: ApiDeps,
  authorization: string | null,
  caller: Caller,
  needs: Route['needs'],
): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController()
  const check = (): void => {
    try {
      assertMay(callerOf(deps.authenticator, authorization, deps.now()), needs)
    } catch {
      controller.abort()
    }
  }
  // The authenticator listens to the same change; it is asked when all have heard of it.
  const forget = deps.snapshots.onChange(() => setImmediate(check))
  const leftMs = caller.expiresAtMs - deps.now()
  const timer = leftMs < TIMER_MS_MAX ? setTimeout(check, Math.max(0, leftMs)) : undefined
  timer?.unref()
  return {
    signal: controller.signal,
    stop: () => {
      forget()
      clearTimeout(timer)
    },
  }
}
