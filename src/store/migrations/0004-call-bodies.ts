import type { Kysely } from 'kysely'

/** Redacted arguments and results of calls, sealed: kept for some days, and only where the operator asked for it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('call_body')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('sealed', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('call_body_pk', ['tenant', 'id'])
    .execute()
  await db.schema.createIndex('call_body_by_time').on('call_body').columns(['at_ms']).execute()
}
