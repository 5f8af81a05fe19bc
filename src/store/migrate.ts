import { type Kysely, sql, type Transaction } from 'kysely'
import { Problem } from '#std/index.ts'
import * as firstTables from './migrations/0001-first-tables.ts'
import * as consoleSessions from './migrations/0002-console-sessions.ts'
import * as callMinutes from './migrations/0003-call-minutes.ts'
import * as callBodies from './migrations/0004-call-bodies.ts'
import * as auditBlocks from './migrations/0005-audit-blocks.ts'
import type { Database } from './schema.ts'
import type { Dialect } from './store.ts'

interface Migration {
  readonly up: (db: Kysely<unknown>, nowMs: number) => Promise<void>
}

/** In order. A migration that was released is never changed: the next one mends it. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-first-tables': firstTables,
  '0002-console-sessions': consoleSessions,
  '0003-call-minutes': callMinutes,
  '0004-call-bodies': callBodies,
  '0005-audit-blocks': auditBlocks,
}

// Any number, as long as nothing else in the database takes the same advisory lock.
const ADVISORY_LOCK = 0x5a11_7207

/** Brings the tables up to date: all missing migrations in one transaction, by one process at a time. */
export async function migrate(db: Kysely<Database>, dialect: Dialect, nowMs: number): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    if (dialect === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(ADVISORY_LOCK)})`.execute(transaction)
    const done = await migrationsDone(transaction)
    const unknown = done.find((name) => !(name in MIGRATIONS))
    if (unknown !== undefined) {
      throw new Problem('conflict', `The database was changed by a newer version of Sallyport (${unknown}).`, {
        remedy: 'Start that version or a later one.',
      })
    }
    for (const [name, migration] of Object.entries(MIGRATIONS)) {
      if (done.includes(name)) continue
      await migration.up(transaction as unknown as Kysely<unknown>, nowMs)
      await transaction.insertInto('migration').values({ name, applied_at_ms: nowMs }).execute()
    }
  })
}

async function migrationsDone(transaction: Transaction<Database>): Promise<readonly string[]> {
  await transaction.schema
    .createTable('migration')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('applied_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  const rows = await transaction.selectFrom('migration').select('name').execute()
  return rows.map((row) => row.name)
}
