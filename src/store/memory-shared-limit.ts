import { LRUCache } from 'lru-cache'
import { type Clock, LIMITS } from '#std/index.ts'
import { OWED_BURSTS_MAX, refilled, type SharedLimit } from './shared-limit.ts'

export interface MemorySharedLimitOptions {
  readonly now: Clock
}

/** The adapter for one process. */
export function createMemorySharedLimit({ now }: MemorySharedLimitOptions): SharedLimit {
  const buckets = new LRUCache<string, { tokens: number; atMs: number }>({ max: LIMITS.sharedLimitKeysMax })
  const nodes = new Map<string, number>()
  return {
    async settle(node, usages) {
      const nowMs = now()
      nodes.set(node, nowMs)
      for (const [other, atMs] of nodes) if (atMs + LIMITS.sharedLimitNodeMsMax <= nowMs) nodes.delete(other)
      const balances = usages.map((usage) => {
        const bucket = buckets.get(usage.key) ?? { tokens: usage.burst, atMs: nowMs }
        const left = refilled(bucket.tokens, nowMs - bucket.atMs, usage.perSecond, usage.burst) - usage.spent
        const tokens = Math.max(left, -OWED_BURSTS_MAX * usage.burst)
        buckets.set(usage.key, { tokens, atMs: nowMs })
        return tokens
      })
      return { nodes: nodes.size, balances }
    },
    async close() {
      buckets.clear()
      nodes.clear()
    },
  }
}
