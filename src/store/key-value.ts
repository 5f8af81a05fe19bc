import { LIMITS, Problem } from '#std/index.ts'

/**
 * Short-lived state that processes share: counters, once-only marks, caches. Every entry has an expiry. Losing all of
 * it must never weaken a refusal for good, only reset a count.
 *
 * Everything rejects with `store-unavailable` when the place where it is kept is away. What was rejected so may have
 * been done or not: whoever asked for a mark and got no answer has not got it.
 */
export interface KeyValue {
  get(key: string): Promise<string | null>
  /**
   * Rejects with `overloaded` when the value is larger than `keyValueBytesMax`, and when there is no room: an entry that
   * lives is never dropped to make some.
   */
  set(key: string, value: string, ttlMs: number): Promise<void>
  /** True when the key was absent and is set now: of many who ask at once, one is told so. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>
  /** True when there was something. */
  delete(key: string): Promise<boolean>
  /** Adds one and gives the new count. The time to live counts from the first; a value that is no integer is a bug. */
  increment(key: string, ttlMs: number): Promise<number>
  close(): Promise<void>
}

/** Throws `overloaded` for a value that is too large to be shared. A key that is too long is a bug: keys are ours. */
export function assertEntryFits(key: string, value: string): void {
  if (key.length > LIMITS.keyValueKeyLengthMax) throw new RangeError(`a key of ${key.length} characters`)
  const bytes = Buffer.byteLength(value)
  if (bytes <= LIMITS.keyValueBytesMax) return
  throw new Problem('overloaded', `A value of ${bytes} bytes is too large to be shared: ${LIMITS.keyValueBytesMax} (keyValueBytesMax).`)
}
