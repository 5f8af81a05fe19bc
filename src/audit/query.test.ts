import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { LIMITS, newId } from '#std/index.ts'
import type { Store } from '#store/index.ts'
import { openTestStores } from '#store/testing.ts'
import type { AuditEvent } from './model.ts'
import { type EventFilters, getEvent, listEvents, type ListOptions } from './query.ts'
import { append, NOON_MS, PATIENT, sampleEvent } from './testing.ts'

const newestFirst = (events: readonly AuditEvent[]): string[] =>
  events.toSorted((a, b) => b.atMs - a.atMs || (a.id < b.id ? 1 : -1)).map(({ id }) => id)

/** Ids of all pages, each of which holds what it was asked for at most. */
async function pages(store: Store, options: Partial<ListOptions> = {}): Promise<string[][]> {
  const found: string[][] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof listEvents>> = await listEvents({
      store,
      tenant: 'default',
      ...options,
      ...(cursor === null ? {} : { cursor }),
    })
    expect(page.events.length).toBeLessThanOrEqual(options.limit ?? LIMITS.pageSizeDefault)
    found.push(page.events.map(({ event }) => event.id))
    cursor = page.nextCursor
  } while (cursor !== null)
  return found
}

/** Numbers that look random and are the same in each run. */
function sequence(seed: number): (max: number) => number {
  let state = seed
  return (max) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state % max
  }
}

describe.each(openTestStores())('audit events in $name', PATIENT, ({ open }) => {
  it('come newest first, page by page, each once, even when many share a moment', async () => {
    const store = await open()
    const events = Array.from({ length: 25 }, (_, i) => sampleEvent({ atMs: NOON_MS + Math.floor(i / 10), us: i }))
    await append(store, events.slice(0, 8), events.slice(8, 9), [...events.slice(9), sampleEvent({ tenant: 'acme' })])
    expect((await pages(store, { limit: 7 })).flat()).toEqual(newestFirst(events))
    expect((await pages(store, { limit: 25 })).map((page) => page.length)).toEqual([25])
  })

  it('come in order where blocks of several nodes and slow calls overlap in time', async () => {
    const store = await open()
    const next = sequence(7)
    const all: AuditEvent[] = []
    for (let batch = 0; batch < 30; batch++) {
      const events = Array.from({ length: 1 + next(12) }, () => {
        // A call is recorded when it ends, and stands at the time when it began.
        const atMs = NOON_MS + batch * 100 - (next(10) === 0 ? next(8_000) : next(250))
        return sampleEvent({ id: newId('evt', atMs), atMs, target: next(4) === 0 ? 'rare' : 'echo' })
      })
      all.push(...events)
      await append(store, events)
    }
    for (const limit of [3, 50]) expect((await pages(store, { limit })).flat()).toEqual(newestFirst(all))
    const rare = all.filter(({ target }) => target === 'rare')
    expect((await pages(store, { limit: 4, filters: { target: 'rare' } })).flat()).toEqual(newestFirst(rare))
    // Pages that end early, again and again.
    expect((await pages(store, { limit: 4, scanMax: 5, filters: { target: 'rare' } })).flat()).toEqual(newestFirst(rare))
    expect((await pages(store, { limit: 2, scanMax: 1 })).flat()).toEqual(newestFirst(all))
    for (const { id } of all) expect((await getEvent(store, 'default', id))?.event.id).toBe(id)
    const spans = await store.db.selectFrom('audit_block').select(['from_ms', 'to_ms']).execute()
    expect(spans.every(({ from_ms: from, to_ms: to }) => to - from <= LIMITS.auditBlockMsMax)).toBe(true)
  })

  it('are found by a filter beyond what one page passes: it ends early, and its cursor goes on', async () => {
    const store = await open()
    const rare = sampleEvent({ target: 'rare', atMs: NOON_MS - 1 })
    // So many targets that summaries do not name them.
    const crowd = Array.from({ length: 300 }, (_, i) => sampleEvent({ atMs: NOON_MS + i, target: `tool-${i}` }))
    await append(store, [rare, ...crowd.slice(0, 100)], crowd.slice(100, 200), crowd.slice(200))
    const find = (scanMax?: number) => pages(store, { filters: { target: 'rare' }, ...(scanMax === undefined ? {} : { scanMax }) })
    expect(await find()).toEqual([[rare.id]])
    expect(await find(100)).toEqual([[], [], [rare.id]])
    expect(await find(101)).toEqual([[], [rare.id]])
  })

  it('are found by each filter, and by all of them together', async () => {
    const store = await open()
    const odd = {
      kind: 'admin',
      actorId: 'key_2',
      deployment: 'docs',
      endpoint: 'dev',
      target: 'search',
      outcome: 'upstream-timeout',
      verdict: 'deny',
      method: 'tools/list',
    } as const
    const wanted = sampleEvent({ ...odd, atMs: NOON_MS + 5 })
    await append(store, [sampleEvent(), wanted, sampleEvent({ ...odd, tenant: 'acme' })], [sampleEvent({ atMs: NOON_MS + 10 })])
    const { actorId: actor, ...rest } = odd
    const filters: EventFilters = { actor, ...rest, fromMs: NOON_MS + 5, toMs: NOON_MS + 6 }
    const find = async (some: EventFilters): Promise<string[]> =>
      (await listEvents({ store, tenant: 'default', filters: some })).events.map(({ event }) => event.id)
    for (const [name, value] of Object.entries({ actor, ...rest }))
      expect({ name, found: await find({ [name]: value }) }).toEqual({ name, found: [wanted.id] })
    expect(await find(filters)).toEqual([wanted.id])
    expect(await find({ ...filters, target: 'other' })).toEqual([])
    expect(await find({ fromMs: NOON_MS, toMs: NOON_MS + 6 })).toHaveLength(2)
    expect(await find({ fromMs: NOON_MS + 6 })).toHaveLength(1)
    expect(await find({ toMs: NOON_MS })).toEqual([])
    expect(await find({ outcome: 'ok' })).toHaveLength(2)
  })

  it('are found by the beginning of a text that is too long for a summary, and by one that PostgreSQL cannot hold', async () => {
    const store = await open()
    const long = 'x'.repeat(LIMITS.auditColumnLengthMax + 20)
    const events = [sampleEvent({ target: long }), sampleEvent({ target: 'a\0b' }), sampleEvent({ target: 'x' })]
    await append(store, events)
    const find = (target: string) => pages(store, { filters: { target } })
    expect(await find(long)).toEqual([[events[0]!.id]])
    expect(await find(long.slice(0, LIMITS.auditColumnLengthMax))).toEqual([[events[0]!.id]])
    expect(await find('a\0b')).toEqual([[events[1]!.id]])
  })

  it('are not looked for in a block whose summary says that it holds none; a summary that is none hides nothing', async () => {
    const store = await open()
    await append(store, [sampleEvent()])
    const find = async (): Promise<number> => (await listEvents({ store, tenant: 'default', filters: { target: 'echo' } })).events.length
    expect(await find()).toBe(1)
    await sql`update audit_block set summary = replace(summary, 'echo', 'other')`.execute(store.db)
    expect(await find()).toBe(0)
    for (const summary of ['', 'null', '[]', '{"target":"x"}', '{"target":null}']) {
      await store.db.deleteFrom('audit_block').execute()
      await store.db.deleteFrom('audit_head').execute()
      await append(store, [sampleEvent()])
      await sql`update audit_block set summary = ${summary}`.execute(store.db)
      expect({ summary, found: await find() }).toEqual({ summary, found: 1 })
    }
  })

  it('are found by id, with their place in the chain, in their own tenant only', async () => {
    const store = await open()
    const event = sampleEvent({ target: 'a "quoted" \ud83d\ude00 name' })
    const neighbour = sampleEvent({ target: event.id })
    await append(store, [neighbour, event], [sampleEvent()])
    expect(await getEvent(store, 'default', event.id)).toEqual({ seq: 2, hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string, event })
    expect(await getEvent(store, 'acme', event.id)).toBeUndefined()
    expect(await getEvent(store, 'default', 'evt_none')).toBeUndefined()
    expect(await getEvent(store, 'default', newId('evt', NOON_MS))).toBeUndefined()
  })

  it('leaves out a text that is no event any more', async () => {
    const store = await open()
    const [first, second] = [sampleEvent({ atMs: NOON_MS, target: 'first' }), sampleEvent({ atMs: NOON_MS + 1, target: 'second' })]
    await append(store, [first, second])
    await sql`update audit_block set body = replace(body, '"target":"first"', '"target":1')`.execute(store.db)
    expect(await pages(store)).toEqual([[second.id]])
    expect(await getEvent(store, 'default', first.id)).toBeUndefined()
    expect(await getEvent(store, 'default', second.id)).toMatchObject({ seq: 2 })
  })

  it('refuses a cursor that it did not give out', async () => {
    const store = await open()
    for (const cursor of ['', '1', '1.2.3', 'x.y', "1.1'--"]) {
      await expect(listEvents({ store, tenant: 'default', cursor })).rejects.toMatchObject({ type: 'invalid-input' })
    }
  })
})
