import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { Store } from '#store/index.ts'
import { openTestStores, temporaryFolder } from '#store/testing.ts'
import { createDrain, type Drain } from './drain.ts'
import { encodeEvent } from './event-text.ts'
import type { AuditEvent } from './model.ts'
import { NOON_MS, PATIENT, sampleEvent, storedIds } from './testing.ts'

const FILE = 'n-999999999.1.ab-00000001.spool'
const MINUTE_MS = 60_000
/** Fits into one batch. */
const BATCH = 200

function leave(dir: string, events: readonly AuditEvent[], file = FILE): void {
  writeFileSync(join(dir, file), events.map((event) => `${encodeEvent(event)}\n`).join(''))
}

function drainOf(store: Store, dir: string, now = (): number => NOON_MS): Drain {
  const drain = createDrain({ store, dir, now, onError: () => {} })
  onTestFinished(() => drain.close())
  return drain
}

async function fill(store: Store, events: readonly AuditEvent[]): Promise<void> {
  const dir = temporaryFolder()
  leave(dir, events)
  await drainOf(store, dir).drainNow()
}

const countsOf = (store: Store) =>
  store.db
    .selectFrom('call_minute')
    .select(['tenant', 'minute_ms', 'endpoint', 'deployment', 'tool', 'method', 'calls', 'errors', 'denied', 'us_sum', 'us_max'])
    .orderBy('tenant')
    .orderBy('minute_ms')
    .orderBy('calls', 'desc')
    .orderBy('tool')
    .execute()

const callsOf = async (store: Store): Promise<number> => (await countsOf(store)).reduce((sum, { calls }) => sum + calls, 0)
const times = (count: number, changes: (i: number) => Partial<AuditEvent> = () => ({})): AuditEvent[] =>
  Array.from({ length: count }, (_, i) => sampleEvent(changes(i)))

/** Counts the statements that write into the table. */
function watched(store: Store): { store: Store; upserts: () => number } {
  let upserts = 0
  const watch: Store = {
    ...store,
    transaction: (work) =>
      store.transaction((transaction) => {
        const execute = transaction.executeQuery.bind(transaction)
        transaction.executeQuery = ((query: Parameters<typeof execute>[0]) => {
          if ('sql' in query && query.sql.startsWith('insert into call_minute')) upserts += 1
          return execute(query)
        }) as typeof transaction.executeQuery
        return work(transaction)
      }),
  }
  return { store: watch, upserts: () => upserts }
}

describe.each(openTestStores())('calls per minute in $name', PATIENT, ({ open }) => {
  it('cost one statement for a batch of one tool, and add up over batches', async () => {
    const { store, upserts } = watched(await open())
    const events = times(BATCH, (i) => ({ us: 100 + i }))
    await fill(store, events)
    expect(upserts()).toBe(1)
    await fill(store, [sampleEvent({ us: 50_000 })])
    expect(upserts()).toBe(2)
    const sum = events.reduce((total, { us }) => total + us, 50_000)
    expect(await countsOf(store)).toEqual([
      {
        tenant: 'default',
        minute_ms: NOON_MS,
        endpoint: 'everything',
        deployment: 'everything',
        tool: 'echo',
        method: 'tools/call',
        calls: 201,
        errors: 0,
        denied: 0,
        us_sum: sum,
        us_max: 50_000,
      },
    ])
    const { h0, h1, h2, h11 } = await store.db.selectFrom('call_minute').selectAll().executeTakeFirstOrThrow()
    expect([h0, h1, h2, h11]).toEqual([1, 80, 119, 1])
  })

  it('tell failures, refusals and clients that left apart, and count nothing but calls', async () => {
    const store = await open()
    await fill(store, [
      sampleEvent(),
      sampleEvent({ outcome: 'upstream-timeout', us: 900 }),
      sampleEvent({ outcome: 'tool-error' }),
      sampleEvent({ outcome: 'cancelled' }),
      sampleEvent({ verdict: 'deny', outcome: 'not-found', us: 9_000_000 }),
      sampleEvent({ method: 'tools/list', target: '' }),
      sampleEvent({ method: 'tools/list', target: '', verdict: 'deny', outcome: 'forbidden' }),
      sampleEvent({ atMs: NOON_MS + MINUTE_MS }),
      sampleEvent({ kind: 'admin', method: 'key.create' }),
      sampleEvent({ kind: 'system' }),
    ])
    const rows = await countsOf(store)
    const found = rows.map(({ minute_ms: at, tool, method, calls, errors, denied }) =>
      [at - NOON_MS, tool, method, calls, errors, denied].join(' '),
    )
    expect(found.toSorted()).toEqual(['0   1 0 1', '0  tools/call 1 0 1', '0 echo tools/call 4 2 0', '60000 echo tools/call 1 0 0'])
    expect(Math.max(...rows.map((row) => row.us_max))).toBe(900)
  })

  it('take no name from a call that was refused, nor an address that nobody has', async () => {
    const store = await open()
    const refused = { verdict: 'deny', outcome: 'not-found', deployment: '' } as const
    await fill(store, [
      ...times(50, (i) => ({ ...refused, endpoint: `/mcp/guess-${i}`, target: `guess-${i}` })),
      ...times(50, (i) => ({ outcome: 'invalid-params', target: `guess-${i}` })),
      sampleEvent({ ...refused, endpoint: 'dev' }),
      sampleEvent({ ...refused, endpoint: '*' }),
    ])
    const rows = await countsOf(store)
    expect(rows.map(({ endpoint, tool, calls }) => `${endpoint} ${tool} ${calls}`).toSorted()).toEqual([
      ' '.repeat(2) + '50',
      '*  1',
      'dev  1',
      'everything  50',
    ])
  })

  it('keep at most so many names per tenant and minute, the busiest first, and lose no call', async () => {
    const store = await open()
    const busy = times(5, () => ({ target: 'zebra' }))
    const crowd = times(BATCH - 5, (i) => ({ target: `tool-${i}` }))
    await fill(store, [...crowd, ...busy])
    await fill(store, [
      ...times(20, (i) => ({ target: `late-${i}` })),
      ...times(3, () => ({ target: 'late-0' })),
      sampleEvent({ target: 'zebra' }),
    ])
    await fill(store, [...times(30, (i) => ({ target: `more-${i}`, us: 7 })), sampleEvent({ target: 'tool-3', atMs: NOON_MS + MINUTE_MS })])
    const rows = (await countsOf(store)).filter(({ minute_ms: at }) => at === NOON_MS)
    expect(rows.filter(({ tool }) => tool !== '')).toHaveLength(LIMITS.callMinuteToolsMax)
    expect(rows.find(({ tool }) => tool === 'zebra')).toMatchObject({ calls: 6 })
    expect(rows.find(({ tool }) => tool === 'late-0')).toMatchObject({ calls: 4 })
    expect(rows.filter(({ tool }) => tool.startsWith('more-'))).toEqual([])
    expect(await callsOf(store)).toBe(200 + 24 + 31)
    expect((await countsOf(store)).find(({ minute_ms: at }) => at > NOON_MS)).toMatchObject({ tool: 'tool-3' })
  })

  it('take names that no column of PostgreSQL takes, also two that become one', async () => {
    const store = await open()
    const long = '\u4e2d'.repeat(LIMITS.auditColumnLengthMax)
    await fill(store, [sampleEvent({ target: `\0\ud800"\\\n` }), sampleEvent({ target: `${long}a` }), sampleEvent({ target: `${long}b` })])
    expect((await countsOf(store)).map(({ tool, calls }) => [tool, calls])).toEqual([
      [long, 2],
      ['\ufffd\ufffd"\\\n', 1],
    ])
  })

  it('count nothing twice when a commit fails, or succeeds and is reported as failed', async () => {
    const store = await open()
    const dir = temporaryFolder()
    leave(dir, times(LIMITS.drainBatchMax + 30))
    let attempts = 0
    const flaky: Store = {
      ...store,
      async transaction(work) {
        attempts += 1
        if (attempts === 2) throw new Error('away before anything')
        if (attempts === 1)
          return store.transaction(async (transaction) => {
            await work(transaction)
            throw new Error('lost before the commit')
          })
        const result = await store.transaction(work)
        if (attempts === 3) throw new Error('lost after the commit')
        return result
      },
    }
    const drain = drainOf(flaky, dir)
    for (let i = 0; i < 6; i++) await drain.drainNow().catch(() => {})
    expect(attempts).toBeGreaterThan(3)
    expect(await callsOf(store)).toBe(LIMITS.drainBatchMax + 30)
  })

  it('count nothing twice when a spool comes back from a copy', async () => {
    const store = await open()
    const dir = temporaryFolder()
    leave(dir, times(5))
    const copy = readFileSync(join(dir, FILE))
    await drainOf(store, dir).close()
    writeFileSync(join(dir, FILE), Buffer.concat([copy, Buffer.from(`${encodeEvent(sampleEvent())}\n`)]))
    const again = drainOf(store, dir)
    await again.drainNow().catch(() => {})
    // The copy is only looked for after a failure; before it, the chain refuses what it has.
    await again.drainNow()
    expect(await callsOf(store)).toBe(6)
  })

  it('are removed when they are too old, in all tenants, and no sooner', async () => {
    const store = await open()
    const dir = temporaryFolder()
    const days = (count: number): number => count * 24 * 3_600_000
    const keptDays = LIMITS.callMinuteKeptMs / days(1)
    const ages = [keptDays + 40, keptDays + 1, keptDays - 1, 0]
    leave(
      dir,
      ages.flatMap((age) => ['acme', 'default'].map((tenant) => sampleEvent({ tenant, atMs: NOON_MS - days(age) }))),
    )
    let nowMs = NOON_MS
    const drain = drainOf(store, dir, () => nowMs)
    await drain.drainNow()
    const agesOf = async (): Promise<number[]> => (await countsOf(store)).map((row) => (NOON_MS - row.minute_ms) / days(1))
    expect(await agesOf()).toEqual([keptDays - 1, 0, keptDays - 1, 0])
    nowMs += LIMITS.callMinuteSweepMs - 1
    await drain.drainNow()
    nowMs += days(2)
    await drain.drainNow()
    expect(await agesOf()).toEqual([0, 0])
    // The evidence stays.
    expect(await storedIds(store)).toHaveLength(4)
    expect(await storedIds(store, 'acme')).toHaveLength(4)
  })
})

const shared = openTestStores().filter(({ reopen }) => reopen !== null)
describe.each(shared)('two nodes that count into one $name', PATIENT, ({ open, reopen }) => {
  it('add to the same minutes without losing a call', async () => {
    const stores = [await open(), await reopen!()]
    const drains = stores.map((store, node) => {
      const dir = temporaryFolder()
      leave(
        dir,
        times(600, (i) => ({ tenant: i % 2 === 0 ? 'acme' : 'default', target: `tool-${i % 7}` })),
        `${node}-${FILE}`,
      )
      return drainOf(store, dir)
    })
    await Promise.all(drains.map((drain) => drain.drainNow()))
    expect(await callsOf(stores[0]!)).toBe(1_200)
    expect(await countsOf(stores[0]!)).toHaveLength(14)
  })
})
