import { type Dialect as KyselyDialect, Kysely, sql } from 'kysely'
import { type Clock, LIMITS } from '#std/index.ts'
import { startCheckpointer } from './checkpointer.ts'
import { migrate } from './migrate.ts'
import { postgresDialect } from './postgres-dialect.ts'
import type { Database } from './schema.ts'
import { sqliteDialect } from './sqlite-dialect.ts'
import { openSqliteFile } from './sqlite-file.ts'
import type { Dialect, Store } from './store.ts'

export interface StoreOptions {
  /** `postgres://…`; without it, SQLite. */
  readonly databaseUrl?: string
  /** Path of the SQLite file, or `:memory:`. */
  readonly file?: string
  readonly now: Clock
  /** Told of failures that no query waits for, such as an idle connection that was cut. */
  readonly onError?: (error: unknown) => void
}

/**
 * Opens the database and brings its tables up to date. Rejects with `store-unavailable` when it cannot be reached and
 * with `conflict` when another server owns the file or a newer version has changed the tables.
 */
export async function openStore({ databaseUrl, file = ':memory:', now, onError = () => undefined }: StoreOptions): Promise<Store> {
  return databaseUrl === undefined ? openSqlite(file, now) : openPostgres(databaseUrl, now, onError)
}

async function openSqlite(file: string, now: Clock): Promise<Store> {
  const { database, release } = openSqliteFile(file)
  const db = new Kysely<Database>({ dialect: sqliteDialect(database) })
  try {
    await migrate(db, 'sqlite', now())
  } catch (error) {
    database.close()
    release()
    throw error
  }
  const store = storeOver(db, 'sqlite')
  const stopCheckpoints = file === ':memory:' ? null : startCheckpointer(file)
  return {
    ...store,
    async close() {
      await stopCheckpoints?.()
      await store.close()
      release()
    },
  }
}

async function openPostgres(url: string, now: Clock, onError: (error: unknown) => void): Promise<Store> {
  // Migrations get connections of their own: they may take longer than any statement of a request.
  const migrator = postgresDialect({ url, connectionsMax: 1, statementMsMax: LIMITS.storeMigrationMsMax, onError })
  await migratePostgres(migrator, now)
  const dialect = postgresDialect({ url, connectionsMax: LIMITS.storeConnectionsMax, statementMsMax: LIMITS.storeStatementMsMax, onError })
  return postgresStoreOver(dialect)
}

/** Migrates through a dialect of its own and closes it. */
export async function migratePostgres(dialect: KyselyDialect, now: Clock): Promise<void> {
  const db = new Kysely<Database>({ dialect })
  try {
    await migrate(db, 'postgres', now())
  } finally {
    await db.destroy()
  }
}

/** A store over any dialect that speaks PostgreSQL, whose tables exist. */
export function postgresStoreOver(dialect: KyselyDialect): Store {
  return storeOver(new Kysely<Database>({ dialect }), 'postgres')
}

function storeOver(db: Kysely<Database>, dialect: Dialect): Store {
  return {
    db,
    dialect,
    async ping() {
      await sql`select 1`.execute(db)
    },
    transaction: (work) => db.transaction().execute(work),
    close: () => db.destroy(),
  }
}
