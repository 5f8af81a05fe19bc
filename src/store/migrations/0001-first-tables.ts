import { type Kysely, sql } from 'kysely'

/** The first tables. `bigint` is an 8-byte integer in both dialects: milliseconds since the epoch do not fit into four. */
export async function up(db: Kysely<unknown>, nowMs: number): Promise<void> {
  await createSingletons(db, nowMs)
  await createIdentity(db)
  await createConfiguration(db)
  await createAudit(db)
}

async function createSingletons(db: Kysely<unknown>, nowMs: number): Promise<void> {
  await db.schema
    .createTable('meta')
    .addColumn('id', 'integer', (column) => column.primaryKey().check(sql`id = 1`))
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .execute()
  await sql`insert into meta (id, revision) values (1, 1)`.execute(db)
  await db.schema
    .createTable('node')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('seen_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('tenant')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await sql`insert into tenant (id, title, created_at_ms) values ('default', 'Default', ${nowMs})`.execute(db)
}

async function createIdentity(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('api_key')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('tenant', 'text', (column) => column.notNull().references('tenant.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('sha256', 'text', (column) => column.notNull().unique())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('endpoints', 'text')
    .addColumn('tools', 'text')
    .addColumn('expires_at_ms', 'bigint')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('revoked_at_ms', 'bigint')
    .addColumn('last_used_at_ms', 'bigint')
    .execute()
  await db.schema.createIndex('api_key_by_tenant').on('api_key').columns(['tenant', 'id']).execute()
  await db.schema
    .createTable('owner_link')
    .addColumn('sha256', 'text', (column) => column.primaryKey().notNull())
    .addColumn('tenant', 'text', (column) => column.notNull().references('tenant.id'))
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('redeemed_at_ms', 'bigint')
    .execute()
  await db.schema
    .createTable('secret')
    .addColumn('tenant', 'text', (column) => column.notNull().references('tenant.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('kid', 'text', (column) => column.notNull())
    .addColumn('wrapped_key', 'text', (column) => column.notNull())
    .addColumn('sealed', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('secret_pk', ['tenant', 'name'])
    .execute()
}

async function createConfiguration(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('endpoint_name')
    .addColumn('tenant', 'text', (column) => column.notNull().references('tenant.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('endpoint_name_pk', ['tenant', 'name'])
    .execute()
  await endpointTable(db, 'deployment')
    .addColumn('deadline_ms', 'bigint', (column) => column.notNull())
    .addColumn('start_deadline_ms', 'bigint', (column) => column.notNull())
    .addColumn('headers_mode', 'text', (column) => column.notNull())
    .addColumn('spec', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('approved_digest', 'text')
    .execute()
  await endpointTable(db, 'profile')
    .addColumn('servers', 'text', (column) => column.notNull())
    .addColumn('tools', 'text', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('install')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('tenant', 'text', (column) => column.notNull().references('tenant.id'))
    .addColumn('package', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('integrity', 'text', (column) => column.notNull())
    .addColumn('folder', 'text', (column) => column.notNull())
    .addColumn('installed_at_ms', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('install_by_version', ['tenant', 'package', 'version'])
    .execute()
}

/** The columns that deployments and profiles have in common. */
function endpointTable(db: Kysely<unknown>, name: 'deployment' | 'profile') {
  return db.schema
    .createTable(name)
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('access', 'text', (column) => column.notNull())
    .addColumn('origin', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
    .addUniqueConstraint(`${name}_by_name`, ['tenant', 'name'])
    .addForeignKeyConstraint(`${name}_owns_name`, ['tenant', 'name'], 'endpoint_name', ['tenant', 'name'])
}

async function createAudit(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_event')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('actor_id', 'text', (column) => column.notNull())
    .addColumn('actor_name', 'text', (column) => column.notNull())
    .addColumn('endpoint', 'text', (column) => column.notNull())
    .addColumn('deployment', 'text', (column) => column.notNull())
    .addColumn('method', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('verdict', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('us', 'bigint', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_event_pk', ['tenant', 'seq'])
    .execute()
  // Every index costs each call a microsecond or two, so one serves three ends: lists go by time, an event is found by its
  // id, which begins with its time, and no event is there twice.
  await db.schema.createIndex('audit_event_by_time').unique().on('audit_event').columns(['tenant', 'at_ms', 'id']).execute()
  await db.schema
    .createTable('audit_head')
    .addColumn('tenant', 'text', (column) => column.primaryKey().notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('spool_offset')
    .addColumn('file', 'text', (column) => column.primaryKey().notNull())
    .addColumn('offset', 'bigint', (column) => column.notNull())
    .execute()
}
