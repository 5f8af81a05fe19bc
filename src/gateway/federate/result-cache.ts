import { LRUCache } from 'lru-cache'
import type { Upstream } from '#runtime/index.ts'
import { LIMITS } from '#std/index.ts'
import type { InspectedCall } from '../call.ts'

/**
 * Results that their server lets us keep for a while (2026-07-28, server/utilities/caching). What is private is kept for the
 * credential that got it and shown to no other (R28). An entry ends with its time, with a change of the resource that the
 * server tells of, of the deployment's specification, or of anything in the configuration.
 */
export interface ResultCache {
  find(call: InspectedCall, upstream: Upstream, params: Record<string, unknown>, revision: number): CachedResult | null
  keep(call: InspectedCall, upstream: Upstream, params: Record<string, unknown>, revision: number, result: Record<string, unknown>): void
}

export interface CachedResult {
  readonly result: Record<string, unknown>
  /** What is left of its time, in ms. */
  readonly ttlMs: number
}

interface Entry {
  readonly result: Record<string, unknown>
  readonly untilMs: number
  readonly bytes: number
  readonly upstream: Upstream
  readonly uri: string
  readonly unwatch: () => void
}

/** The only results with a lifetime that are no lists; lists are kept by the catalogue. */
const KEPT_METHOD = 'resources/read'

export function createResultCache(now: () => number): ResultCache {
  const entries = new LRUCache<string, Entry>({
    max: LIMITS.resultCacheEntriesMax,
    maxSize: LIMITS.resultCacheBytesMax,
    sizeCalculation: ({ bytes }) => bytes,
    dispose: (entry) => entry.unwatch(),
  })
  const heard = new WeakSet<Upstream>()

  /** One listener per upstream, as long as it lives. */
  const hear = (upstream: Upstream): void => {
    if (heard.has(upstream)) return
    heard.add(upstream)
    upstream.onNotification((method, params) => {
      if (method !== 'notifications/resources/updated' && method !== 'notifications/resources/list_changed') return
      for (const [key, entry] of entries) {
        if (entry.upstream === upstream && (method.endsWith('list_changed') || entry.uri === params['uri'])) entries.delete(key)
      }
    })
  }

  return {
    find(call, upstream, params, revision) {
      if (!isCacheable(call)) return null
      for (const scope of ['public', privateScope(call)]) {
        if (scope === null) continue
        const key = keyOf(scope, call, upstream, params, revision)
        const entry = entries.get(key)
        if (entry === undefined) continue
        const ttlMs = entry.untilMs - now()
        if (ttlMs > 0 && entry.upstream === upstream) return { result: entry.result, ttlMs }
        entries.delete(key)
      }
      return null
    },
    keep(call, upstream, params, revision, result) {
      const { ttlMs, cacheScope } = result
      if (!isCacheable(call) || typeof ttlMs !== 'number' || !(ttlMs > 0)) return
      const scope = cacheScope === 'public' ? 'public' : privateScope(call)
      if (scope === null) return
      const bytes = JSON.stringify(result).length
      if (bytes > LIMITS.resultCacheEntryBytesMax) return
      hear(upstream)
      const uri = String(params['uri'])
      const untilMs = now() + Math.min(ttlMs, LIMITS.resultCacheTtlMsMax)
      entries.set(keyOf(scope, call, upstream, params, revision), {
        result,
        untilMs,
        bytes,
        upstream,
        uri,
        unwatch: upstream.watch({ resource: uri }),
      })
    },
  }
}

/** A retry with answers of a person is never kept, and neither is what anybody may have asked for in place of another. */
function isCacheable({ message, shape }: InspectedCall): boolean {
  const { inputResponses, requestState } = message.params
  return message.method === KEPT_METHOD && shape === 'mcp' && inputResponses === undefined && requestState === undefined
}

/** Those without a credential are not told apart, so nothing private is kept for them. */
const privateScope = ({ caller }: InspectedCall): string | null =>
  caller.kind === 'anonymous' ? null : `private ${caller.tenant} ${caller.id}`

function keyOf(scope: string, call: InspectedCall, upstream: Upstream, params: Record<string, unknown>, revision: number): string {
  const { id, digest } = upstream.deployment
  const { _meta: _, ...asked } = params
  return JSON.stringify([scope, call.endpoint.tenant, revision, id, digest, asked])
}
