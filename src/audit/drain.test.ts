import { randomBytes } from 'node:crypto'
import { appendFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { Store } from '#store/index.ts'
import { openTestStores, temporaryFolder } from '#store/testing.ts'
import { createDrain, type Drain, type DrainOptions } from './drain.ts'
import { encodeEvent } from './event-text.ts'
import type { AuditEvent, AuditRecord, DrainedBatch } from './model.ts'
import { openSpool } from './spool.ts'
import { NOON_MS, PATIENT, recorded, recordsIn, sampleEvent, spoolFiles, storedEvents, storedIds as idsOf } from './testing.ts'
import { verifyChain } from './verify.ts'

function start(store: Store, dir: string, options: Partial<DrainOptions> = {}): Drain {
  const onError = (error: Error): void => {
    throw error
  }
  const drain = createDrain({ store, dir, now: () => NOON_MS, onError, ...options })
  onTestFinished(() => drain.close())
  return drain
}

/** A file as a process that was killed leaves it. */
function leaveFile(dir: string, events: readonly AuditEvent[], tail = ''): string {
  const name = `node-a-999999999.1.${randomBytes(3).toString('hex')}-00000001.spool`
  writeFileSync(join(dir, name), events.map((event) => `${encodeEvent(event)}\n`).join('') + tail)
  return name
}

const offsetsOf = (store: Store): Promise<{ file: string; offset: number }[]> => store.db.selectFrom('spool_offset').selectAll().execute()

const many = (count: number, changes: (i: number) => Partial<AuditEvent> = () => ({})): AuditEvent[] =>
  Array.from({ length: count }, (_, i) => sampleEvent({ atMs: NOON_MS + i, ...changes(i) }))

describe.each(openTestStores())('the drain into $name', PATIENT, ({ open }) => {
  it('carries every event once, in order, across batches, and chains it', async () => {
    const store = await open()
    const dir = temporaryFolder()
    const events = many(LIMITS.drainBatchMax * 2 + 7)
    const name = leaveFile(dir, events)
    const batches: AuditRecord[][] = []
    const progress: number[] = []
    const { size } = statSync(join(dir, name))
    const drain = start(store, dir, {
      onBatch: (batch) => batches.push(recordsIn(batch)),
      onProgress: (_, offset) => progress.push(offset),
    })
    await drain.drainNow()
    expect(await idsOf(store)).toEqual(events.map(({ id }) => id))
    expect(batches.flat().map(({ event }) => event)).toEqual(events)
    expect(batches.flat()).toEqual(await storedEvents(store))
    expect(batches.length).toBeGreaterThan(2)
    expect(batches.every((records) => records.length <= LIMITS.drainBatchMax)).toBe(true)
    expect(progress.at(-1)).toBe(size)
    expect(await verifyChain({ store, tenant: 'default' })).toMatchObject({
      ok: true,
      checked: events.length,
      head: { seq: events.length },
    })
  })

  it('removes files of dead processes with their rows, and keeps the one that is still written', async () => {
    const store = await open()
    const dir = temporaryFolder()
    leaveFile(dir, many(3))
    const spool = openSpool({ dir, node: 'node-b', bytesMax: 1e6 })
    onTestFinished(() => spool.close())
    const drain = start(store, dir, { onProgress: (file, offset) => spool.acknowledge(file, offset) })
    await recorded(spool)
    await drain.drainNow()
    expect(spoolFiles(dir)).toHaveLength(1)
    expect(await offsetsOf(store)).toEqual([{ file: spoolFiles(dir)[0], offset: statSync(join(dir, spoolFiles(dir)[0]!)).size }])
    expect(spool.undrainedBytes()).toBe(0)
    await recorded(spool)
    await drain.drainNow()
    expect(await idsOf(store)).toHaveLength(5)
  })

  it('keeps two tenants apart: each has its own chain', async () => {
    const store = await open()
    const dir = temporaryFolder()
    const events = many(20, (i) => ({ tenant: i % 3 === 0 ? 'acme' : 'default' }))
    leaveFile(dir, events)
    await start(store, dir).drainNow()
    for (const tenant of ['acme', 'default']) {
      const own = events.filter((event) => event.tenant === tenant)
      expect(await idsOf(store, tenant)).toEqual(own.map(({ id }) => id))
      expect(await verifyChain({ store, tenant })).toMatchObject({ ok: true, checked: own.length })
    }
  })

  it('drops half an event of a dead process with a message, and waits for that of a living one', async () => {
    const store = await open()
    const dir = temporaryFolder()
    const [first, second] = many(2)
    leaveFile(dir, [first!], encodeEvent(second!).slice(0, 100))
    const errors: string[] = []
    const drain = start(store, dir, { onError: (error) => errors.push(error.message) })
    const spool = openSpool({ dir, node: 'node-b', bytesMax: 1e6 })
    onTestFinished(() => spool.close())
    const [living] = spoolFiles(dir).filter((name) => name.startsWith('node-b'))
    appendFileSync(join(dir, living!), encodeEvent(second!).slice(0, 100))
    await drain.drainNow()
    expect(await idsOf(store)).toEqual([first!.id])
    expect(errors).toEqual([expect.stringContaining('half an event')])
    expect(spoolFiles(dir)).toEqual([living])
    appendFileSync(join(dir, living!), `${encodeEvent(second!).slice(100)}\n`)
    await drain.drainNow()
    expect(await idsOf(store)).toEqual([first!.id, second!.id])
  })

  it('leaves out lines that are no events, says so, and carries the rest', async () => {
    const store = await open()
    const dir = temporaryFolder()
    const events = many(2)
    const name = leaveFile(dir, events)
    writeFileSync(join(dir, name), `\n${encodeEvent(events[0]!)}\n${'\0'.repeat(4_096)}\n{"id":1}\n\n${encodeEvent(events[1]!)}\n`)
    const errors: string[] = []
    await start(store, dir, { onError: (error) => errors.push(error.message) }).drainNow()
    expect(await idsOf(store)).toEqual(events.map(({ id }) => id))
    expect(errors).toHaveLength(2)
    expect(errors.join()).not.toContain('{"id":1}')
    const types = await sql<{ type: string }>`select ${sql.raw(store.dialect === 'sqlite' ? 'typeof' : 'pg_typeof')}(body) as type from audit_block`.execute(store.db) // prettier-ignore
    expect(types.rows).toEqual([{ type: 'text' }])
  })

  it('gets past a stretch without any line end', async () => {
    const store = await open()
    const dir = temporaryFolder()
    const [event] = many(1)
    const name = leaveFile(dir, [])
    writeFileSync(join(dir, name), `${'x'.repeat(LIMITS.spoolSlabBytes * 2 + 10)}\n${encodeEvent(event!)}\n`)
    const errors: string[] = []
    await start(store, dir, { onError: (error) => errors.push(error.message) }).drainNow()
    expect(await idsOf(store)).toEqual([event!.id])
    expect(errors.length).toBeGreaterThan(0)
  })

  it('stores what no column of PostgreSQL takes, and still verifies', async () => {
    const store = await open()
    const dir = temporaryFolder()
    leaveFile(dir, [sampleEvent({ target: `\0\ud800"\\\n${'\u4e2d'.repeat(5_000)}`, actorName: '\udc00' })])
    await start(store, dir).drainNow()
    expect(await verifyChain({ store, tenant: 'default' })).toMatchObject({ ok: true, checked: 1 })
  })

  it('neither loses nor doubles anything when the transaction fails at its end, at whatever batch', async () => {
    const store = await open()
    const dir = temporaryFolder()
    const events = many(LIMITS.drainBatchMax + 20)
    leaveFile(dir, events)
    let commits = 0
    const failing: Store = {
      ...store,
      transaction: (work) =>
        store.transaction(async (transaction) => {
          const result = await work(transaction)
          // Everything is written; the commit is what fails.
          if (commits++ % 2 === 0) throw new Error('the connection was lost before the commit')
          return result
        }),
    }
    const drain = start(failing, dir, { onError: () => {} })
    for (let tries = 0; (await idsOf(store)).length < events.length && tries < 10; tries++) {
      const [{ offset } = { offset: 0 }] = await offsetsOf(store)
      const there = await idsOf(store)
      expect(offset).toBe(events.slice(0, there.length).reduce((sum, event) => sum + Buffer.byteLength(encodeEvent(event)) + 1, 0))
      await drain.drainNow().catch(() => {})
    }
    expect(await idsOf(store)).toEqual(events.map(({ id }) => id))
    expect(await verifyChain({ store, tenant: 'default' })).toMatchObject({ ok: true })
  })

  it('doubles nothing when a commit succeeded but was reported as failed', async () => {
    const store = await open()
    const dir = temporaryFolder()
    const events = many(30)
    leaveFile(dir, events)
    let failures = 1
    const forgetful: Store = {
      ...store,
      async transaction(work) {
        const result = await store.transaction(work)
        if (failures-- > 0) throw new Error('the connection was lost after the commit')
        return result
      },
    }
    const drain = start(forgetful, dir, { onError: () => {} })
    await drain.drainNow().catch(() => {})
    await drain.drainNow()
    expect(await idsOf(store)).toEqual(events.map(({ id }) => id))
  })

  it('recognises events that are there already when a spool comes back from a copy', async () => {
    const store = await open()
    const dir = temporaryFolder()
    const events = many(5)
    const name = leaveFile(dir, events)
    const copy = readFileSync(join(dir, name))
    await start(store, dir).close()
    const later = sampleEvent()
    writeFileSync(join(dir, name), Buffer.concat([copy, Buffer.from(`${encodeEvent(later)}\n${encodeEvent(later)}\n`)]))
    const drain = start(store, dir, { onError: () => {} })
    await drain.drainNow().catch(() => {})
    await drain.drainNow()
    expect((await idsOf(store)).toSorted()).toEqual([...events, later].map(({ id }) => id).toSorted())
    expect(await verifyChain({ store, tenant: 'default' })).toMatchObject({ ok: true, checked: 6 })
    expect(spoolFiles(dir)).toEqual([])
  })

  it('looks for events that are there already in files of the dead and after a failure, and nowhere else', async () => {
    const store = await open()
    const dir = temporaryFolder()
    let looks = 0
    let isFailing = false
    const watched: Store = {
      ...store,
      transaction: (work) =>
        store.transaction(async (transaction) => {
          const select = transaction.selectFrom.bind(transaction)
          transaction.selectFrom = ((table: 'audit_block') => {
            if (table === 'audit_block') looks += 1
            return select(table)
          }) as typeof transaction.selectFrom
          const result = await work(transaction)
          if (isFailing) throw new Error('lost before the commit')
          return result
        }),
    }
    const drain = start(watched, dir, { onError: () => {} })
    const spool = openSpool({ dir, node: 'node-b', bytesMax: 1e6 })
    onTestFinished(() => spool.close())
    const events = [await recorded(spool), await recorded(spool)]
    await drain.drainNow()
    expect(looks).toBe(0)
    isFailing = true
    events.push(await recorded(spool))
    await drain.drainNow().catch(() => {})
    isFailing = false
    await drain.drainNow()
    expect(looks).toBeGreaterThan(0)
    looks = 0
    events.push(await recorded(spool))
    await drain.drainNow()
    expect(looks).toBe(0)
    const left = many(1)
    leaveFile(dir, left)
    await drain.drainNow()
    expect(looks).toBeGreaterThan(0)
    expect((await idsOf(store)).toSorted()).toEqual([...events, ...left].map(({ id }) => id).toSorted())
  })

  it('puts events into one block per tenant and batch, and slow calls into blocks of their own', async () => {
    const store = await open()
    const dir = temporaryFolder()
    const slow = sampleEvent({ atMs: NOON_MS - 30_000, us: 30_000_000 })
    leaveFile(dir, [...many(20, (i) => ({ tenant: i % 2 === 0 ? 'acme' : 'default' })), slow])
    await start(store, dir).drainNow()
    const columns = ['tenant', 'first_seq', 'last_seq', 'from_ms', 'to_ms'] as const
    const blocks = await store.db.selectFrom('audit_block').select(columns).orderBy('tenant').orderBy('first_seq').execute()
    expect(blocks.map(Object.values)).toEqual([
      ['acme', 1, 10, NOON_MS, NOON_MS + 18],
      ['default', 1, 1, NOON_MS - 30_000, NOON_MS - 30_000],
      ['default', 2, 11, NOON_MS + 1, NOON_MS + 19],
    ])
  })

  it('tells which keys acted and when each did last', async () => {
    const store = await open()
    const dir = temporaryFolder()
    leaveFile(dir, [
      ...many(3),
      sampleEvent({ actorId: 'key_2', atMs: NOON_MS - 5 }),
      sampleEvent({ actorKind: 'anonymous', actorId: 'nobody' }),
    ])
    const batches: DrainedBatch[] = []
    await start(store, dir, { onBatch: (batch) => batches.push(batch) }).drainNow()
    expect(batches.map(({ keyUses }) => Object.fromEntries(keyUses))).toEqual([{ key_1: NOON_MS + 2, key_2: NOON_MS - 5 }])
  })

  it('ends at the next start what a crash between the steps of removing a file left undone', async () => {
    const store = await open()
    const dir = temporaryFolder()
    const name = 'node-a-999999999.1.abcdef-00000001'
    writeFileSync(join(dir, `${name}.drained`), `${encodeEvent(sampleEvent())}\n`)
    await store.db
      .insertInto('spool_offset')
      .values({ file: `${name}.spool`, offset: 5 })
      .execute()
    await start(store, dir).drainNow()
    expect(readdirSync(dir)).toEqual([])
    expect(await offsetsOf(store)).toEqual([])
    expect(await idsOf(store)).toEqual([])
  })

  it('waits while the database is away, tells how far it lags, and catches up by itself', async () => {
    const store = await open()
    const dir = temporaryFolder()
    let nowMs = NOON_MS
    let isAway = true
    const flaky: Store = { ...store, transaction: (work) => (isAway ? Promise.reject(new Error('away')) : store.transaction(work)) }
    const failed = Promise.withResolvers<void>()
    const caughtUp = Promise.withResolvers<void>()
    const drain = start(flaky, dir, { now: () => nowMs, onError: () => failed.resolve(), onBatch: () => caughtUp.resolve() })
    expect(drain.lag()).toEqual({ bytes: 0, ageMs: 0 })
    const name = leaveFile(dir, many(3))
    drain.nudge()
    await failed.promise
    nowMs += 5_000
    expect(drain.lag()).toEqual({ bytes: statSync(join(dir, name)).size, ageMs: 5_000 })
    isAway = false
    await caughtUp.promise
    expect(await idsOf(store)).toHaveLength(3)
    await drain.drainNow()
    expect(drain.lag()).toEqual({ bytes: 0, ageMs: 0 })
  })

  it('lets events gather for a while after a batch, unless a whole batch waits', async () => {
    const store = await open()
    const dir = temporaryFolder()
    let batch = Promise.withResolvers<number>()
    const drain = start(store, dir, { onBatch: (drained) => batch.resolve(recordsIn(drained).length) })
    const spool = openSpool({ dir, node: 'node-b', bytesMax: 1e9, onNudge: () => drain.nudge() })
    onTestFinished(() => spool.close())
    await recorded(spool)
    expect(await batch.promise).toBe(1)
    const startedAt = performance.now()
    batch = Promise.withResolvers()
    for (let i = 0; i < 3; i++) await recorded(spool)
    expect(await batch.promise).toBe(3)
    expect(performance.now() - startedAt).toBeGreaterThan(LIMITS.drainRestMs / 2)
    batch = Promise.withResolvers()
    const large = { rule: 'x'.repeat(LIMITS.auditTextLengthMax) }
    const count = LIMITS.drainBatchBytesMax / LIMITS.auditTextLengthMax
    for (let i = 0; i < count; i++) void recorded(spool, sampleEvent(large))
    expect(await batch.promise).toBeGreaterThan(count / 4)
  })

  it('carries what is left when it closes', async () => {
    const store = await open()
    const dir = temporaryFolder()
    const drain = start(store, dir)
    leaveFile(dir, many(3))
    await drain.close()
    expect(await idsOf(store)).toHaveLength(3)
  })

  it('does without a spool folder until there is one', async () => {
    const store = await open()
    const dir = temporaryFolder()
    rmSync(dir, { recursive: true })
    const drain = start(store, dir)
    await drain.drainNow()
    expect(drain.lag().bytes).toBe(0)
  })
})

const shared = openTestStores().filter(({ reopen }) => reopen !== null)
describe.each(shared)('two nodes that drain into one $name', PATIENT, ({ open, reopen }) => {
  it('make one chain per tenant without gaps', async () => {
    const stores = [await open(), await reopen!()]
    const events = many(1_200, (i) => ({ tenant: i % 2 === 0 ? 'acme' : 'default' }))
    const drains = stores.map((store, i) => {
      const dir = temporaryFolder()
      leaveFile(dir, events.slice(i * 600, i * 600 + 600))
      return start(store, dir)
    })
    await Promise.all(drains.map((drain) => drain.drainNow()))
    for (const tenant of ['acme', 'default']) {
      expect(await verifyChain({ store: stores[0]!, tenant })).toMatchObject({ ok: true, checked: 600, head: { seq: 600 } })
    }
  })

  it('doubles nothing when both drain the same folder', async () => {
    const stores = [await open(), await reopen!()]
    const dir = temporaryFolder()
    const events = many(1_200)
    leaveFile(dir, events)
    const drains = stores.map((store) => start(store, dir, { onError: () => {} }))
    for (const drain of drains) await drain.drainNow().catch(() => {})
    expect((await idsOf(stores[0]!)).toSorted()).toEqual(events.map(({ id }) => id).toSorted())
    expect(await verifyChain({ store: stores[1]!, tenant: 'default' })).toMatchObject({ ok: true, checked: 1_200 })
  })
})
