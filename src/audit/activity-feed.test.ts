import { describe, expect, it } from 'vitest'
import { type ActivityItem, createActivityFeed } from './activity-feed.ts'
import type { AuditRecord } from './model.ts'
import { sampleEvent } from './testing.ts'

const record = (seq: number, tenant = 'default'): AuditRecord => ({ seq, hash: '', event: sampleEvent({ tenant }) })
const shown = (item: ActivityItem | undefined | void): number | string | undefined =>
  item === undefined ? undefined : item.kind === 'event' ? item.record.seq : `${item.count} dropped`

describe('the live tail', () => {
  it('gives each listener the events of its tenant, in order', async () => {
    const feed = createActivityFeed()
    const items = feed.subscribe('default')[Symbol.asyncIterator]()
    feed.publish([record(1), record(7, 'acme'), record(2)])
    const seen = [await items.next(), await items.next()]
    const third = items.next()
    feed.publish([record(3)])
    expect([...seen, await third].map(({ value }) => shown(value as ActivityItem))).toEqual([1, 2, 3])
  })

  it('tells a slow listener how many it missed, and keeps the newest for it', async () => {
    const feed = createActivityFeed()
    const slow = feed.subscribe('default', 3)
    for (let seq = 1; seq <= 10; seq++) feed.publish([record(seq)])
    const seen: (number | string | undefined)[] = []
    for await (const item of slow) {
      seen.push(shown(item))
      if (seen.length === 4) break
    }
    expect(seen).toEqual(['7 dropped', 8, 9, 10])
  })

  it('ends for all when it closes, and for one that leaves', async () => {
    const feed = createActivityFeed()
    const one = feed.subscribe('default')[Symbol.asyncIterator]()
    const waiting = one.next()
    feed.close()
    expect(await waiting).toEqual({ done: true, value: undefined })
    feed.publish([record(1)])
    expect((await one.next()).done).toBe(true)
  })
})
