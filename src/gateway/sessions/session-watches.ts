import { LRUCache } from 'lru-cache'
import { LIMITS, Problem } from '#std/index.ts'
import type { GatewayBus } from '../deps.ts'

/**
 * The resources of which legacy sessions want to hear updates (`resources/subscribe`), in every process of this server: the
 * stream of a session may be open in another one.
 */
export interface SessionWatches {
  of(nonce: string): readonly string[]
  /** Throws `overloaded` at the limit of a session. */
  add(nonce: string, uri: string): void
  remove(nonce: string, uri: string): void
  /** What another process says. */
  take(nonce: string, uris: readonly string[]): void
  /** Told whenever the list of this session changes; returns the way to stop. */
  onChange(nonce: string, listener: () => void): () => void
}

export function createSessionWatches(bus: GatewayBus): SessionWatches {
  const watched = new LRUCache<string, readonly string[]>({ max: LIMITS.endedSessionsMax })
  const listeners = new Map<string, Set<() => void>>()
  const of = (nonce: string): readonly string[] => watched.get(nonce) ?? []
  const take = (nonce: string, uris: readonly string[]): void => {
    watched.set(nonce, uris)
    for (const listener of listeners.get(nonce) ?? []) listener()
  }
  const change = (nonce: string, uris: readonly string[]): void => {
    take(nonce, uris)
    bus.publish({ kind: 'watches', nonce, uris })
  }
  return {
    of,
    add(nonce, uri) {
      const uris = of(nonce)
      if (uris.includes(uri)) return
      if (uris.length >= LIMITS.sessionWatchesMax) {
        throw new Problem('overloaded', `This session watches ${uris.length} resources.`, { remedy: 'Unsubscribe from some of them.' })
      }
      change(nonce, [...uris, uri])
    },
    remove(nonce, uri) {
      const uris = of(nonce)
      if (uris.includes(uri)) change(nonce, uris.filter((other) => other !== uri)) // prettier-ignore
    },
    take,
    onChange(nonce, listener) {
      const mine = listeners.get(nonce) ?? new Set()
      listeners.set(nonce, mine.add(listener))
      return () => {
        mine.delete(listener)
        if (mine.size === 0) listeners.delete(nonce)
      }
    },
  }
}
