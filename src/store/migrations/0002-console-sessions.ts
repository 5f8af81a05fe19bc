import type { Kysely } from 'kysely'

/** Sessions of the console. Of the key, its hash too: a key that was exchanged under the same id ends its sessions. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('console_session')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('tenant', 'text', (column) => column.notNull().references('tenant.id'))
    .addColumn('sha256', 'text', (column) => column.notNull().unique())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('key_sha256', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('console_session_by_key').on('console_session').columns(['tenant', 'key_sha256', 'id']).execute()
}
