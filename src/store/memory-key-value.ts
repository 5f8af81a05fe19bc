import { type Clock, Problem } from '#std/index.ts'
import { assertEntryFits, type KeyValue } from './key-value.ts'

interface Entry {
  readonly value: string
  readonly expiresAtMs: number
}

export interface MemoryKeyValueOptions {
  readonly now: Clock
  readonly entriesMax: number
}

/** The adapter for one process. */
export function createMemoryKeyValue({ now, entriesMax }: MemoryKeyValueOptions): KeyValue {
  const entries = new Map<string, Entry>()
  // No entry ends before this: a sweep earlier would find nothing.
  let sweepAtMs = Infinity

  function alive(key: string): Entry | undefined {
    const entry = entries.get(key)
    if (entry === undefined || entry.expiresAtMs > now()) return entry
    entries.delete(key)
    return undefined
  }

  function write(key: string, value: string, expiresAtMs: number): void {
    assertEntryFits(key, value)
    if (!entries.has(key) && entries.size >= entriesMax) makeRoom()
    entries.set(key, { value, expiresAtMs })
    sweepAtMs = Math.min(sweepAtMs, expiresAtMs)
  }

  function makeRoom(): void {
    const nowMs = now()
    if (sweepAtMs <= nowMs) {
      sweepAtMs = Infinity
      for (const [key, entry] of entries) {
        if (entry.expiresAtMs <= nowMs) entries.delete(key)
        else sweepAtMs = Math.min(sweepAtMs, entry.expiresAtMs)
      }
    }
    if (entries.size >= entriesMax) throw new Problem('overloaded', `The shared memory of this process is full (${entriesMax} entries).`)
  }

  // All of them are asynchronous because the port is, and so that what they throw is a rejection.
  return {
    async get(key) {
      return alive(key)?.value ?? null
    },
    async set(key, value, ttlMs) {
      write(key, value, now() + ttlMs)
    },
    async setIfAbsent(key, value, ttlMs) {
      if (alive(key) !== undefined) return false
      write(key, value, now() + ttlMs)
      return true
    },
    async delete(key) {
      return alive(key) !== undefined && entries.delete(key)
    },
    async increment(key, ttlMs) {
      const entry = alive(key)
      const count = entry === undefined ? 1 : Number(entry.value) + 1
      if (!Number.isSafeInteger(count)) throw new TypeError(`not a counter: ${key}`)
      write(key, String(count), entry?.expiresAtMs ?? now() + ttlMs)
      return count
    },
    async close() {
      entries.clear()
    },
  }
}
