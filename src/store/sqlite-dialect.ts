import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { LRUCache } from 'lru-cache'
import { LIMITS, Problem } from '#std/index.ts'

// https://www.sqlite.org/rescode.html: the low byte of an extended result code is the primary one.
const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6
const UNAVAILABLE = new Set([
  SQLITE_BUSY,
  SQLITE_LOCKED,
  8 /* readonly */,
  10 /* i/o */,
  11 /* corrupt */,
  13 /* full */,
  14 /* cannot open */,
])

/**
 * Kysely's SQLite dialect over `node:sqlite`. Its own driver wants the statements of better-sqlite3, begins
 * transactions late (so that a lock is met half-way) and would block the event loop while it waits for one.
 */
export function sqliteDialect(database: DatabaseSync): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(database),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

class SqliteDriver implements Driver {
  readonly #database: DatabaseSync
  readonly #connection: SqliteConnection

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#connection = new SqliteConnection(database)
  }

  async init(): Promise<void> {}

  /** Kysely hands out the one connection to one user at a time. */
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection
  }

  async releaseConnection(): Promise<void> {}

  /** Takes the write lock at once: nothing inside can then be refused for another writer's sake. */
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'))
  }

  /** SQLite ends the transaction by itself after some failures, such as a full disk. */
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.isTransaction) await connection.executeQuery(CompiledQuery.raw('rollback'))
  }

  async destroy(): Promise<void> {
    this.#database.close()
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync
  readonly #statements: LRUCache<string, Statement>
  /** How long the lock of another process has been met without a success in between. */
  #busyMs = 0

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#statements = new LRUCache({ max: LIMITS.storeStatementsMax })
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    for (let delayMs = 1; ; delayMs = Math.min(delayMs * 2, LIMITS.storeBusyRetryMsMax)) {
      try {
        const result = this.#run<R>(query)
        // Reading succeeds while another process writes, and so says nothing about the lock.
        if (this.#busyMs > 0 && !query.sql.startsWith('select')) this.#busyMs = 0
        return result
      } catch (error) {
        // The bound is on the whole time of being locked out, not on each statement: those that queue behind fail at once.
        if (primaryCode(error) !== SQLITE_BUSY || this.#busyMs >= LIMITS.storeBusyMsMax) throw translate(error)
      }
      await sleep(delayMs)
      this.#busyMs += delayMs
    }
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    try {
      const statement = this.#database.prepare(query.sql)
      for (const row of statement.iterate(...(query.parameters as SQLInputValue[]))) yield { rows: [row as R] }
    } catch (error) {
      throw translate(error)
    }
  }

  #run<R>(query: CompiledQuery): QueryResult<R> {
    let statement = this.#statements.get(query.sql)
    if (statement === undefined) {
      const prepared = this.#database.prepare(query.sql)
      statement = { prepared, isReader: prepared.columns().length > 0 }
      this.#statements.set(query.sql, statement)
    }
    const parameters = query.parameters as SQLInputValue[]
    if (statement.isReader) return { rows: statement.prepared.all(...parameters) as R[] }
    const { changes } = statement.prepared.run(...parameters)
    return { rows: [], numAffectedRows: BigInt(changes) }
  }
}

interface Statement {
  readonly prepared: StatementSync
  readonly isReader: boolean
}

function primaryCode(error: unknown): number | undefined {
  const { errcode } = error as { errcode?: unknown }
  return typeof errcode === 'number' ? errcode & 0xff : undefined
}

function translate(error: unknown): unknown {
  const code = primaryCode(error)
  if (code === undefined || !UNAVAILABLE.has(code)) return error
  const why =
    code === SQLITE_BUSY || code === SQLITE_LOCKED
      ? 'Another process holds the lock of the database file.'
      : 'The database file cannot be used.'
  return new Problem('store-unavailable', why, { cause: error })
}
