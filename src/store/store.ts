import type { Insertable, Kysely, Transaction } from 'kysely'
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
  /**
   * Inserts many rows fast: no query is compiled, one statement is prepared once. Only within a transaction, so that
   * all rows arrive or none. Texts lose NUL characters and lone surrogates (PostgreSQL takes neither): each becomes U+FFFD.
   */
  bulkInsert<T extends keyof Database>(
    transaction: Transaction<Database>,
    table: T,
    columns: readonly (keyof Insertable<Database[T]> & string)[],
    rows: readonly Insertable<Database[T]>[],
  ): Promise<void>
  /** Runs `work` in a transaction. Inside, only the transaction may be used: SQLite has one connection, `db` would wait for itself. */
  transaction<T>(work: (transaction: Transaction<Database>) => Promise<T>): Promise<T>
  close(): Promise<void>
}
