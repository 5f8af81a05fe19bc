import { describe, expect, it } from 'vitest'
import { type ActivityItem, createActivityFeed } from './activity-feed.ts'
import { encodeEvent } from './event-text.ts'
import type { DrainedBatch } from './model.ts'
import { sampleEvent } from './testing.ts'

/** A batch with these places, in blocks of neighbours. */
const batch = (...seqs: readonly number[]): Pick<DrainedBatch, 'blocks'> => ({ blocks: [block(seqs)] })

function block(seqs: readonly number[], tenant = 'default'): DrainedBatch['blocks'][number] {
  const lines = seqs.map((us) => encodeEvent(sampleEvent({ tenant, us })))
  return { tenant, firstSeq: seqs[0]!, hash: 'ab', body: Buffer.from(lines.join('\n')) }
}

const shown = (item: ActivityItem | undefined | void): number | string | undefined =>
  item === undefined ? undefined : item.kind === 'event' ? item.record.seq : `${item.count} dropped`

describe('the live tail', () => {
  it('gives each listener the events of its tenant, in order', async () => {
    const feed = createActivityFeed()
    const items = feed.subscribe('default')[Symbol.asyncIterator]()
    feed.publish({ blocks: [block([1]), block([7, 8], 'acme'), block([2])] })
    const seen = [await items.next(), await items.next()]
    const third = items.next()
    feed.publish(batch(3))
    expect([...seen, await third].map(({ value }) => shown(value as ActivityItem))).toEqual([1, 2, 3])
  })

  it('gives the events of a block with their places and its hash', async () => {
    const feed = createActivityFeed()
    const items = feed.subscribe('acme')[Symbol.asyncIterator]()
    feed.publish({ blocks: [block([7, 8, 9], 'acme')] })
    for (const seq of [7, 8, 9]) {
      expect((await items.next()).value).toMatchObject({ kind: 'event', record: { seq, hash: 'ab', event: { tenant: 'acme', us: seq } } })
    }
  })

  it('tells a slow listener how many it missed, and keeps the newest for it', async () => {
    const feed = createActivityFeed()
    const slow = feed.subscribe('default', 3)
    feed.publish(batch(1))
    feed.publish(batch(2, 3, 4, 5, 6, 7, 8))
    feed.publish(batch(9, 10))
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
    feed.publish(batch(1))
    expect((await one.next()).done).toBe(true)
  })
})
