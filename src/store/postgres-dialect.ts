import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  PostgresDialect,
  type QueryResult,
  type TransactionSettings,
} from 'kysely'
import pg from 'pg'
import { LIMITS, Problem } from '#std/index.ts'

// Our 8-byte integers are milliseconds, counts and offsets, all below 2^53; `pg` would give them as text.
const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.INT8, Number)

export interface PostgresOptions {
  readonly url: string
  readonly connectionsMax: number
  /** The longest that one statement may take, in milliseconds; enforced by the server and, when it is silent, by us. */
  readonly statementMsMax: number
  /** Told of failures that no query waits for, such as an idle connection that was cut. */
  readonly onError: (error: unknown) => void
}

/** PostgreSQL through `pg`. The pool connects when it is needed, so it recovers by itself when the server comes back. */
export function postgresDialect({ url, connectionsMax, statementMsMax, onError }: PostgresOptions): Dialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    application_name: 'sallyport',
    connectionTimeoutMillis: LIMITS.storeConnectMsMax,
    statement_timeout: statementMsMax,
    query_timeout: statementMsMax + LIMITS.storeConnectMsMax,
    idle_in_transaction_session_timeout: statementMsMax + LIMITS.storeConnectMsMax,
    keepAlive: true,
    types,
  })
  pool.on('error', onError)
  // A connection that dies while a query runs reports it twice: to the query, and as an event that nobody else hears.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return refusingDialect(new PostgresDialect({ pool }))
}

/** The same dialect, in which a database that is away, overloaded or too slow is the problem `store-unavailable`. */
export function refusingDialect(inner: Dialect): Dialect {
  return {
    createAdapter: () => inner.createAdapter(),
    createDriver: () => new RefusingDriver(inner.createDriver()),
    createIntrospector: (db: Kysely<unknown>) => inner.createIntrospector(db),
    createQueryCompiler: () => inner.createQueryCompiler(),
  }
}

class RefusingDriver implements Driver {
  readonly #inner: Driver
  readonly #known = new WeakMap<DatabaseConnection, RefusingConnection>()

  constructor(inner: Driver) {
    this.#inner = inner
  }

  init(): Promise<void> {
    return refusing(() => this.#inner.init())
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const inner = await refusing(() => this.#inner.acquireConnection())
    const known = this.#known.get(inner) ?? new RefusingConnection(inner)
    this.#known.set(inner, known)
    return known
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    return this.#inner.releaseConnection(innerOf(connection))
  }

  beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    return refusing(() => this.#inner.beginTransaction(innerOf(connection), settings))
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return refusing(() => this.#inner.commitTransaction(innerOf(connection)))
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return refusing(() => this.#inner.rollbackTransaction(innerOf(connection)))
  }

  destroy(): Promise<void> {
    return this.#inner.destroy()
  }
}

class RefusingConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection

  constructor(inner: DatabaseConnection) {
    this.inner = inner
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return refusing(() => this.inner.executeQuery<R>(query))
  }

  streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    return this.inner.streamQuery<R>(query, chunkSize)
  }
}

const innerOf = (connection: DatabaseConnection): DatabaseConnection => (connection as RefusingConnection).inner

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw translate(error)
  }
}

// Classes of SQLSTATE (PostgreSQL documentation, appendix A) that speak of the server and not of the statement:
// connection, authorization, transaction rollback, resources, operator intervention, system.
const UNAVAILABLE_CLASSES = new Set(['08', '28', '3D', '40', '53', '57', '58'])
const LOCK_NOT_AVAILABLE = '55P03'

function translate(error: unknown): unknown {
  const { code, severity } = error as { code?: unknown; severity?: unknown }
  // Only the server gives a severity: without one the error comes from the way to it.
  const isFromServer = typeof severity === 'string' && typeof code === 'string'
  if (isFromServer && !UNAVAILABLE_CLASSES.has(code.slice(0, 2)) && code !== LOCK_NOT_AVAILABLE) return error
  if (error instanceof Problem || error instanceof TypeError) return error
  return new Problem('store-unavailable', 'PostgreSQL cannot be reached or did not answer in time.', {
    remedy: 'Check that the server of SALLYPORT_DATABASE_URL runs and takes connections.',
    cause: error,
  })
}
