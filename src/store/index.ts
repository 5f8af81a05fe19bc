/**
 * What outlives a request: one database (SQLite or PostgreSQL, one portable SQL), private files, and the ports for
 * what processes share for a while (values with an expiry, messages). Knows tables, not what they mean: the SQL of a
 * context stands in that context.
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
