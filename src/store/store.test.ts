import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { describeSchema } from './describe-schema.ts'
import { openStore } from './open-store.ts'
import { openTestStores, problem, temporaryFolder } from './testing.ts'

const now = () => Date.UTC(2026, 0, 1)

describe.each(openTestStores())('the store over $name', ({ open }) => {
  it('has every table, one configuration row and the default tenant', async () => {
    const store = await open()
    // A server may hold schemas of others; ours is the one that unqualified names mean.
    const ours =
      store.dialect === 'sqlite'
        ? undefined
        : (await sql<{ name: string }>`select current_schema() as name`.execute(store.db)).rows[0]?.name
    const known = await store.db.introspection.getTables()
    const tables = known.filter((table) => table.schema === ours).map((table) => table.name)
    expect(tables.toSorted()).toEqual([
      'api_key',
      'audit_block',
      'audit_head',
      'call_body',
      'call_minute',
      'console_session',
      'deployment',
      'endpoint_name',
      'install',
      'meta',
      'migration',
      'node',
      'owner_link',
      'profile',
      'secret',
      'spool_offset',
      'tenant',
    ])
    expect(await store.db.selectFrom('meta').selectAll().execute()).toEqual([{ id: 1, revision: 1 }])
    expect(await store.db.selectFrom('tenant').selectAll().execute()).toEqual([{ id: 'default', title: 'Default', created_at_ms: now() }])
    await store.ping()
  })

  it('gives 8-byte integers and counts as numbers', async () => {
    const store = await open()
    const { revision } = await store.db
      .updateTable('meta')
      .set({ revision: 2 ** 52 })
      .returning('revision')
      .executeTakeFirstOrThrow()
    expect(revision).toBe(2 ** 52)
    const { count } = await store.db
      .selectFrom('tenant')
      .select((select) => select.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    expect(count).toBe(1)
  })

  it('counts the rows that a statement changed', async () => {
    const store = await open()
    const { numUpdatedRows } = await store.db.updateTable('tenant').set({ title: 'Acme' }).where('id', '=', 'default').executeTakeFirst()
    expect(numUpdatedRows).toBe(1n)
    const { numDeletedRows } = await store.db.deleteFrom('tenant').where('id', '=', 'nobody').executeTakeFirst()
    expect(numDeletedRows).toBe(0n)
  })

  it('rolls a transaction back when its work throws, and goes on', async () => {
    const store = await open()
    const failure = new Error('half-way')
    const work = store.transaction(async (transaction) => {
      await transaction.insertInto('tenant').values({ id: 'acme', title: 'Acme', created_at_ms: 1 }).execute()
      throw failure
    })
    await expect(work).rejects.toBe(failure)
    expect(await store.db.selectFrom('tenant').select('id').execute()).toEqual([{ id: 'default' }])
  })

  it('keeps two transactions apart that start together', async () => {
    const store = await open()
    const add = () =>
      store.transaction(async (transaction) => {
        const { revision } = await transaction
          .updateTable('meta')
          .set((set) => ({ revision: set('revision', '+', 1) }))
          .returning('revision')
          .executeTakeFirstOrThrow()
        return revision
      })
    expect((await Promise.all([add(), add(), add()])).toSorted((one, other) => one - other)).toEqual([2, 3, 4])
  })

  it('refuses a row whose tenant does not exist', async () => {
    const store = await open()
    const row = { sha256: 'x', tenant: 'nobody', created_at_ms: 1, expires_at_ms: 2, redeemed_at_ms: null }
    await expect(store.db.insertInto('owner_link').values(row).execute()).rejects.toThrow(/foreign key/i)
  })
})

describe.each(openTestStores().filter(({ reopen }) => reopen !== null))('several processes over $name', ({ open, reopen }) => {
  it('migrate once, however many start', async () => {
    const store = await open()
    await store.db.updateTable('meta').set({ revision: 7 }).execute()
    const others = await Promise.all([reopen!(), reopen!()])
    for (const other of others) expect(await other.db.selectFrom('meta').select('revision').execute()).toEqual([{ revision: 7 }])
    const ran = (await store.db.selectFrom('migration').select('name').orderBy('name').execute()).map(({ name }) => name)
    expect(ran).toEqual(
      readdirSync(new URL('migrations', import.meta.url))
        .map((file) => file.replace('.ts', ''))
        .toSorted(),
    )
  })
})

describe('a SQLite file', () => {
  it('belongs to one server at a time, and is free again when that one has closed', async () => {
    const file = join(temporaryFolder(), 'sallyport.db')
    const first = await openStore({ file, now })
    await expect(openStore({ file, now })).rejects.toEqual(problem('conflict'))
    await first.close()
    const second = await openStore({ file, now })
    await second.ping()
    await second.close()
  })

  it('is private, as is everything beside it', async () => {
    const folder = temporaryFolder()
    const store = await openStore({ file: join(folder, 'sallyport.db'), now })
    const modes = Object.fromEntries(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o777]))
    expect(modes).toEqual({ 'sallyport.db': 0o600, 'sallyport.db-shm': 0o600, 'sallyport.db-wal': 0o600, 'sallyport.db.lock': 0o600 })
    await store.close()
  })

  it('keeps its rows over a restart', async () => {
    const file = join(temporaryFolder(), 'sallyport.db')
    const first = await openStore({ file, now })
    await first.db.updateTable('meta').set({ revision: 9 }).execute()
    await first.close()
    const second = await openStore({ file, now: () => 5 })
    expect(await second.db.selectFrom('meta').select('revision').execute()).toEqual([{ revision: 9 }])
    await second.close()
  })

  it('refuses tables that a newer version has changed', async () => {
    const file = join(temporaryFolder(), 'sallyport.db')
    const store = await openStore({ file, now })
    await store.db.insertInto('migration').values({ name: '9999-from-the-future', applied_at_ms: 1 }).execute()
    await store.close()
    await expect(openStore({ file, now })).rejects.toEqual(problem('conflict'))
    expect(existsSync(`${file}.lock`)).toBe(true)
    await expect(openStore({ file, now }), 'the failed start has given the lock back').rejects.toThrow('newer version')
  })

  it('lets others read, waits for a writer without stopping the process, then refuses at once until it is free', async () => {
    const file = join(temporaryFolder(), 'sallyport.db')
    const store = await openStore({ file, now })
    const write = () =>
      store.db
        .updateTable('meta')
        .set((set) => ({ revision: set('revision', '+', 1) }))
        .execute()
    const other = new DatabaseSync(file)
    expect(other.prepare('select revision from meta').get()).toEqual({ revision: 1 })

    other.exec('begin immediate')
    const waiting = write()
    setTimeout(() => other.exec('rollback'), 20)
    await waiting

    other.exec('begin immediate')
    await expect(write()).rejects.toEqual(problem('store-unavailable'))
    expect(await store.db.selectFrom('meta').select('revision').execute(), 'reading goes on').toEqual([{ revision: 2 }])
    const startedAt = performance.now()
    await expect(store.transaction(async () => undefined)).rejects.toEqual(problem('store-unavailable'))
    expect(performance.now() - startedAt).toBeLessThan(LIMITS.storeBusyMsMax / 2)
    other.exec('rollback')
    await write()
    expect(other.prepare('select revision from meta').get()).toEqual({ revision: 3 })
    other.close()
    await store.close()
  })

  it('describes its tables as SQL that makes the same tables', async () => {
    const store = await openStore({ now })
    const text = await describeSchema(store)
    const copy = new DatabaseSync(':memory:')
    copy.exec(text)
    const names = (database: { sql: string }[]) => database.map((row) => row.sql.replaceAll(/\s+/g, '').toLowerCase())
    const { rows } = await sql<{ sql: string }>`select sql from sqlite_schema where sql is not null order by name`.execute(store.db)
    const copied = copy.prepare('select sql from sqlite_schema where sql is not null order by name').all() as { sql: string }[]
    expect(names(copied)).toEqual(names(rows))
    expect(text).toContain('create table "meta" (\n  "id" integer primary key')
    await store.close()
  })
})
