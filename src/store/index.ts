/**
 * What outlives a request: one database (SQLite or PostgreSQL, one portable SQL), private files, and the ports for
 * what processes share for a while (values with an expiry, messages, events of streams, limits), in memory or in Redis.
 * Knows tables, not what they mean: the SQL of a context stands in that context.
 */
export type * from './schema.ts'
export type { Dialect, Store } from './store.ts'
export { assertRoom } from './assert-room.ts'
export { describeSchema } from './describe-schema.ts'
export { openStore, type StoreOptions } from './open-store.ts'
export { ensurePrivateFile, readPrivateFile } from './private-file.ts'
export type { KeyValue } from './key-value.ts'
export { createMemoryKeyValue, type MemoryKeyValueOptions } from './memory-key-value.ts'
export type { Json, PubSub, PubSubListener } from './pub-sub.ts'
export { createMemoryPubSub, type MemoryPubSubOptions } from './memory-pub-sub.ts'
export type { EventLog, EventLogBounds, EventPage, LoggedEvent } from './event-log.ts'
export { createMemoryEventLog, type MemoryEventLogOptions } from './memory-event-log.ts'
export type { Allowance, Settlement, SharedLimit, Usage } from './shared-limit.ts'
export { createMemorySharedLimit, type MemorySharedLimitOptions } from './memory-shared-limit.ts'
export { type AllowanceMode, createSharedAllowance, type SharedAllowance, type SharedAllowanceOptions } from './shared-allowance.ts'
export {
  createSharedState,
  type SharedState,
  type SharedStateHealth,
  type SharedStateLog,
  type SharedStateOptions,
} from './shared-state.ts'
