/**
 * Short-lived state that processes share: counters, once-only marks, caches. Every entry has an expiry. Losing all of
 * it must never weaken a refusal for good, only reset a count.
 */
export interface KeyValue {
  get(key: string): Promise<string | null>
  /** Rejects with `overloaded` when there is no room: an entry that lives is never dropped to make some. */
  set(key: string, value: string, ttlMs: number): Promise<void>
  /** True when the key was absent and is set now: of many who ask at once, one is told so. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>
  /** True when there was something. */
  delete(key: string): Promise<boolean>
  /** Adds one and gives the new count. The time to live counts from the first; a value that is no integer is a bug. */
  increment(key: string, ttlMs: number): Promise<number>
  close(): Promise<void>
}
