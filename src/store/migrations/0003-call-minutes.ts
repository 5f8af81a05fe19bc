import { type Kysely, sql } from 'kysely'

/** How many columns count latencies: one per bound of the histogram and one for what is above the last. */
const LATENCY_COLUMNS = 25

/** Calls counted per minute, so that no overview ever reads the audit trail itself. */
export async function up(db: Kysely<unknown>): Promise<void> {
  let table = db.schema
    .createTable('call_minute')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('minute_ms', 'bigint', (column) => column.notNull())
    .addColumn('endpoint', 'text', (column) => column.notNull())
    .addColumn('deployment', 'text', (column) => column.notNull())
    .addColumn('tool', 'text', (column) => column.notNull())
    .addColumn('method', 'text', (column) => column.notNull())
  const counts = ['calls', 'errors', 'denied', 'us_sum', 'us_max']
  for (let i = 0; i < LATENCY_COLUMNS; i++) counts.push(`h${i}`)
  for (const name of counts) table = table.addColumn(name, 'bigint', (column) => column.notNull().defaultTo(sql`0`))
  await table
    // Reports read a tenant's stretch of time: that is the order of the key, and no other index is needed.
    .addPrimaryKeyConstraint('call_minute_pk', ['tenant', 'minute_ms', 'endpoint', 'deployment', 'tool', 'method'])
    .execute()
}
