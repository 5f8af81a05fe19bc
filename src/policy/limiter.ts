import { LRUCache } from 'lru-cache'
import type { Caller } from '#identity/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import { TokenBucket } from './token-bucket.ts'

export interface LimiterSettings {
  readonly callsPerSecond: number
}

export interface Limiter {
  /** Takes one call of the caller's and the tenant's allowance. Throws `rate-limited` with the seconds to wait. */
  take(caller: Caller, address: string, nowMs: number): void
  /** Counts a sign-in of a key to the console. Throws `rate-limited` when there were too many. */
  takeSignIn(caller: Caller, nowMs: number): void
  /** Counts a failed authentication of an address. Throws `rate-limited` when there were too many. */
  takeFailure(address: string, nowMs: number): void
}

/** Token buckets of this process. Anonymous callers share one bucket per address. */
export function createLimiter({ callsPerSecond }: LimiterSettings): Limiter {
  const callers = new LRUCache<string, TokenBucket>({ max: LIMITS.credentialCacheMax })
  const tenants = new LRUCache<string, TokenBucket>({ max: LIMITS.credentialCacheMax })
  const signIns = new LRUCache<string, TokenBucket>({ max: LIMITS.credentialCacheMax })
  const failures = new LRUCache<string, TokenBucket>({ max: LIMITS.credentialCacheMax })
  const bucket = (cache: LRUCache<string, TokenBucket>, key: string, perSecond: number, burst: number, nowMs: number): TokenBucket => {
    let found = cache.get(key)
    if (found === undefined) cache.set(key, (found = new TokenBucket(perSecond, burst, nowMs)))
    return found
  }
  return {
    take(caller, address, nowMs) {
      const key = caller.kind === 'anonymous' ? address : caller.id
      refuse(
        bucket(callers, key, callsPerSecond, callsPerSecond * 2, nowMs).take(nowMs),
        `This caller may make ${callsPerSecond} calls a second`,
      )
      refuse(
        bucket(tenants, caller.tenant, LIMITS.callsPerSecondPerTenant, LIMITS.callBurstPerTenant, nowMs).take(nowMs),
        `The tenant may make ${LIMITS.callsPerSecondPerTenant} calls a second`,
      )
    },
    takeSignIn(caller, nowMs) {
      const waitMs = bucket(signIns, caller.id, LIMITS.signInsPerSecondPerCaller, LIMITS.signInBurst, nowMs).take(nowMs)
      refuse(waitMs, `A key may sign in ${LIMITS.signInsPerSecondPerCaller} times a second`, '')
    },
    takeFailure(address, nowMs) {
      const waitMs = bucket(failures, address, LIMITS.authenticationFailuresPerSecond, LIMITS.authenticationFailureBurst, nowMs).take(nowMs)
      refuse(waitMs, 'Too many failed authentications from this address', '')
    },
  }
}

function refuse(waitMs: number, rule: string, otherwise = ', or raise SALLYPORT_CALLS_PER_SECOND'): void {
  if (waitMs === 0) return
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000))
  throw new Problem('rate-limited', `${rule}.`, {
    remedy: `Wait ${retryAfterSeconds} s${otherwise}.`,
    extensions: { retryAfterSeconds },
  })
}
