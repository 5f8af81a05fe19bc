import { LRUCache } from 'lru-cache'
import type { Caller } from '#identity/index.ts'
import { LIMITS } from '#std/index.ts'
import type { Endpoint } from '../endpoints.ts'

/**
 * Which server mentioned a URI that is in no list and keeps its text, such as a web page that a tool linked to. Kept for
 * each caller at each endpoint apart, and for nobody without a credential: strangers share one name.
 */
export interface Mentions {
  note(caller: Caller, endpoint: Endpoint, uri: string, deploymentId: string): void
  deploymentOf(caller: Caller, endpoint: Endpoint, uri: string): string | null
}

export function createMentions(): Mentions {
  const callers = new LRUCache<string, LRUCache<string, string>>({ max: LIMITS.mentioningCallersMax })
  const keyOf = (caller: Caller, endpoint: Endpoint): string => `${endpoint.tenant} ${endpoint.name} ${caller.tenant} ${caller.id}`
  return {
    note(caller, endpoint, uri, deploymentId) {
      if (caller.kind === 'anonymous' || uri.length > LIMITS.uriLengthMax) return
      const key = keyOf(caller, endpoint)
      let mine = callers.get(key)
      if (mine === undefined) callers.set(key, (mine = new LRUCache({ max: LIMITS.mentionsPerCallerMax })))
      mine.set(uri, deploymentId)
    },
    deploymentOf: (caller, endpoint, uri) => callers.get(keyOf(caller, endpoint))?.get(uri) ?? null,
  }
}
