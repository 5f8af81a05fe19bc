import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { Store } from '#store/index.ts'
import { openTestStores, temporaryFolder } from '#store/testing.ts'
import { createDrain } from './drain.ts'
import { encodeEvent } from './event-text.ts'
import type { AuditEvent } from './model.ts'
import { type EventFilters, getEvent, listEvents } from './query.ts'
import { NOON_MS, PATIENT, sampleEvent } from './testing.ts'

async function fill(store: Store, events: readonly AuditEvent[]): Promise<void> {
  const dir = temporaryFolder()
  writeFileSync(join(dir, 'n-999999999.1.ab-00000001.spool'), events.map((event) => `${encodeEvent(event)}\n`).join(''))
  await createDrain({ store, dir, now: () => NOON_MS, onError: () => {} }).close()
}

describe.each(openTestStores())('audit events in $name', PATIENT, ({ open }) => {
  it('come newest first, page by page, each once, even when many share a moment', async () => {
    const store = await open()
    const events = Array.from({ length: 25 }, (_, i) => sampleEvent({ atMs: NOON_MS + Math.floor(i / 10), us: i }))
    await fill(store, [...events, sampleEvent({ tenant: 'acme' })])
    const seen: { atMs: number; id: string }[] = []
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof listEvents>> = await listEvents({
        store,
        tenant: 'default',
        limit: 7,
        ...(cursor === null ? {} : { cursor }),
      })
      expect(page.events.length).toBeLessThanOrEqual(7)
      seen.push(...page.events.map(({ event }) => ({ atMs: event.atMs, id: event.id })))
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(seen).toEqual(events.map(({ atMs, id }) => ({ atMs, id })).toSorted((a, b) => b.atMs - a.atMs || (a.id < b.id ? 1 : -1)))
  })

  it('are found by a filter beyond the stretch of one look', async () => {
    const store = await open()
    const rare = sampleEvent({ target: 'rare', atMs: NOON_MS - 1 })
    await fill(store, [rare, ...Array.from({ length: LIMITS.auditScanRowsMax + 10 }, (_, i) => sampleEvent({ atMs: NOON_MS + i }))])
    const { events, nextCursor } = await listEvents({ store, tenant: 'default', filters: { target: 'rare' } })
    expect(events.map(({ event }) => event.id)).toEqual([rare.id])
    expect(nextCursor).toBeNull()
  })

  it('are found by each filter, and by all of them together', async () => {
    const store = await open()
    const odd = {
      actorId: 'key_2',
      deployment: 'docs',
      endpoint: 'dev',
      target: 'search',
      outcome: 'upstream-timeout',
      verdict: 'deny',
      method: 'tools/list',
    } as const
    const wanted = sampleEvent({ ...odd, atMs: NOON_MS + 5 })
    await fill(store, [sampleEvent(), wanted, sampleEvent({ atMs: NOON_MS + 10 }), sampleEvent({ ...odd, tenant: 'acme' })])
    const { actorId: actor, ...rest } = odd
    const filters: EventFilters = { actor, ...rest, fromMs: NOON_MS + 5, toMs: NOON_MS + 6 }
    const find = async (some: EventFilters): Promise<string[]> =>
      (await listEvents({ store, tenant: 'default', filters: some })).events.map(({ event }) => event.id)
    for (const [name, value] of Object.entries({ actor, ...rest }))
      expect({ name, found: await find({ [name]: value }) }).toEqual({ name, found: [wanted.id] })
    expect(await find(filters)).toEqual([wanted.id])
    expect(await find({ ...filters, target: 'other' })).toEqual([])
    expect(await find({ fromMs: NOON_MS, toMs: NOON_MS + 6 })).toHaveLength(2)
    expect(await find({ outcome: 'ok' })).toHaveLength(2)
  })

  it('are found by id, with their place in the chain, in their own tenant only', async () => {
    const store = await open()
    const event = sampleEvent({ target: 'a "quoted" \ud83d\ude00 name' })
    await fill(store, [event])
    expect(await getEvent(store, 'default', event.id)).toEqual({ seq: 1, hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string, event })
    expect(await getEvent(store, 'acme', event.id)).toBeUndefined()
    expect(await getEvent(store, 'default', 'evt_none')).toBeUndefined()
  })

  it('refuses a cursor that it did not give out', async () => {
    const store = await open()
    for (const cursor of ['', '1', '1.2.3', 'x.y', "1.1'--"]) {
      await expect(listEvents({ store, tenant: 'default', cursor })).rejects.toMatchObject({ type: 'invalid-input' })
    }
  })
})
