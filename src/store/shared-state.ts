import { type Clock, LIMITS } from '#std/index.ts'
import type { EventLog } from './event-log.ts'
import type { KeyValue } from './key-value.ts'
import { createMemoryEventLog } from './memory-event-log.ts'
import { createMemoryKeyValue } from './memory-key-value.ts'
import { createMemoryPubSub } from './memory-pub-sub.ts'
import { createMemorySharedLimit } from './memory-shared-limit.ts'
import type { PubSub } from './pub-sub.ts'
import type { SharedLimit } from './shared-limit.ts'

export interface SharedStateOptions {
  /** `redis://…` or `rediss://…`; null keeps everything in the memory of this process. */
  readonly url: string | null
  readonly now: Clock
  readonly log: SharedStateLog
  /** What every key and channel in Redis begins with. Tests have their own. */
  readonly prefix?: string
}

/** As much of a log as is needed here. */
export interface SharedStateLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
}

export interface SharedStateHealth {
  readonly kind: 'memory' | 'redis'
  /** False while operations are refused with `store-unavailable`, or messages do not come. */
  readonly isReady: boolean
  /** A sentence for operators, with the host and port of Redis. */
  readonly detail: string
  /** Messages of strangers that were ignored since the start. */
  readonly messagesIgnored: number
}

/** What the processes of an installation share for a while. */
export interface SharedState {
  readonly keyValue: KeyValue
  readonly pubSub: PubSub
  readonly eventLog: EventLog
  readonly sharedLimit: SharedLimit
  health(): SharedStateHealth
  close(): Promise<void>
}

/**
 * Connects to Redis, or keeps everything here. Rejects with `invalid-input` for an address that cannot be read, and with
 * `store-unavailable`, which names the setting, the host and the port, when Redis cannot be used within
 * `redisConnectMsMax`. Afterwards it may go and come back: until it does, everything is refused at once.
 */
export async function createSharedState({ url, now, log, prefix }: SharedStateOptions): Promise<SharedState> {
  if (url === null) return keepInMemory(now, log)
  // Only who has a Redis pays for its client: a fifth of a second at the start, and 30 MB.
  const { openRedisState } = await import('./redis-state.ts')
  return openRedisState({ url, now, log, ...(prefix === undefined ? {} : { prefix }) })
}

function keepInMemory(now: Clock, log: SharedStateLog): SharedState {
  const keyValue = createMemoryKeyValue({ now, entriesMax: LIMITS.keyValueEntriesMax })
  const pubSub = createMemoryPubSub({ onError: (error) => log.warn({ err: error }, 'a listener to messages failed') })
  const eventLog = createMemoryEventLog({ now })
  const sharedLimit = createMemorySharedLimit({ now })
  return {
    keyValue,
    pubSub,
    eventLog,
    sharedLimit,
    health: () => ({ kind: 'memory', isReady: true, detail: 'In the memory of this process; shared with no other.', messagesIgnored: 0 }),
    async close() {
      for (const part of [pubSub, keyValue, eventLog, sharedLimit]) await part.close()
    },
  }
}
