import type { Kysely, Transaction } from 'kysely'
import type { Database } from './schema.ts'

export type Dialect = 'sqlite' | 'postgres'

/**
 * The database. Everything that fails because it is away, locked or too slow rejects with the problem
 * `store-unavailable`; anything else that fails is a bug.
 */
export interface Store {
  readonly db: Kysely<Database>
  readonly dialect: Dialect
  /** One round trip. */
  ping(): Promise<void>
  /** Runs `work` in a transaction. Inside, only the transaction may be used: SQLite has one connection, `db` would wait for itself. */
  transaction<T>(work: (transaction: Transaction<Database>) => Promise<T>): Promise<T>
  close(): Promise<void>
}
