import { setTimeout as wait } from 'node:timers/promises'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { EVENT_LOG_BOUNDS, type EventLog, type EventLogBounds, isAfter, readEventId } from './event-log.ts'
import { createMemoryEventLog } from './memory-event-log.ts'
import { readRedisUrl } from './redis-address.ts'
import { createRedisEventLog } from './redis-event-log.ts'
import { RedisLink } from './redis-link.ts'
import { freshRedis, NO_REDIS, type TestRedis } from './testing.ts'

interface Setting {
  readonly log: EventLog
  /** Lets at least as much time pass. */
  readonly pass: (ms: number) => Promise<unknown>
}

const adapters: readonly {
  readonly name: string
  readonly isThere: boolean
  readonly open: (bounds?: Partial<EventLogBounds>) => Promise<Setting>
}[] = [
  {
    name: 'memory',
    isThere: true,
    open: async (bounds) => {
      let nowMs = Date.UTC(2026, 0, 1)
      return {
        log: createMemoryEventLog({ now: () => nowMs, bounds: { ...EVENT_LOG_BOUNDS, ...bounds } }),
        pass: async (ms) => (nowMs += ms),
      }
    },
  },
  {
    name: 'Redis',
    isThere: freshRedis !== null,
    // Its clock cannot be moved.
    open: async (bounds) => ({ log: await openOver(await freshRedis!(), bounds), pass: (ms) => wait(ms) }),
  },
]

async function openOver({ url, prefix }: TestRedis, bounds: Partial<EventLogBounds> = {}): Promise<EventLog> {
  const link = await RedisLink.open({ address: readRedisUrl(url), name: prefix })
  onTestFinished(() => link.close())
  return createRedisEventLog({ link, prefix, bounds: { ...EVENT_LOG_BOUNDS, ...bounds } })
}

/** Appends one after the other, and gives the identifiers. */
async function appendAll(log: EventLog, stream: string, texts: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  for (const text of texts) ids.push(await log.append(stream, text))
  return ids
}

async function read(log: EventLog, stream: string, afterId: string | null, countMax = 100) {
  const { events, gap } = await log.read(stream, afterId, countMax)
  return { data: events.map(({ data }) => data), gap }
}

function isRising(ids: readonly string[]): boolean {
  return ids.every((id, index) => index === 0 || isAfter(readEventId(id)!, readEventId(ids[index - 1]!)!))
}

describe.each(adapters)('the event log over $name', ({ isThere, open }) => {
  beforeEach(({ skip }) => skip(!isThere, NO_REDIS))

  it('gives what came after an event, in order, and no more than asked for', async () => {
    const { log } = await open()
    const texts = ['{"a":1}', '', 'ä\u0000\n', 'four']
    const ids = await appendAll(log, 's', texts)
    expect(isRising(ids)).toBe(true)
    expect(await read(log, 's', null)).toEqual({ data: texts, gap: false })
    expect(await log.read('s', ids[0]!, 2)).toEqual({
      events: [
        { id: ids[1], data: '' },
        { id: ids[2], data: texts[2] },
      ],
      gap: false,
    })
    expect(await read(log, 's', ids[3]!)).toEqual({ data: [], gap: false })
  })

  it('keeps streams apart', async () => {
    const { log } = await open()
    await appendAll(log, 'a', ['1', '2'])
    await appendAll(log, 'a:known', ['3'])
    expect(await read(log, 'a', null)).toEqual({ data: ['1', '2'], gap: false })
    expect(await log.delete('a')).toBe(true)
    expect(await log.delete('a')).toBe(false)
    expect(await read(log, 'a', null)).toEqual({ data: [], gap: false })
    expect(await read(log, 'a:known', null)).toEqual({ data: ['3'], gap: false })
  })

  it('keeps no more events than it may, and tells who missed one from who did not', async () => {
    const { log } = await open({ eventsMax: 3 })
    const ids = await appendAll(log, 's', ['1', '2', '3', '4', '5'])
    expect(await read(log, 's', null)).toEqual({ data: ['3', '4', '5'], gap: true })
    expect(await read(log, 's', ids[0]!)).toEqual({ data: ['3', '4', '5'], gap: true })
    expect(await read(log, 's', ids[1]!), 'has seen all that is gone').toEqual({ data: ['3', '4', '5'], gap: false })
    expect(await read(log, 's', ids[2]!)).toEqual({ data: ['4', '5'], gap: false })
  })

  it('keeps no more bytes than it may', async () => {
    const { log } = await open({ bytesMax: 10 })
    const ids = await appendAll(log, 's', ['ääää', 'bb', 'c'])
    expect(await read(log, 's', ids[0]!)).toEqual({ data: ['bb', 'c'], gap: false })
    expect(await read(log, 's', null)).toEqual({ data: ['bb', 'c'], gap: true })
    const [large = ''] = await appendAll(log, 's', ['0123456789'])
    expect(await read(log, 's', ids[1]!)).toEqual({ data: ['0123456789'], gap: true })
    expect(await read(log, 's', ids[2]!)).toEqual({ data: ['0123456789'], gap: false })
    const [tooLarge = '', next = ''] = await appendAll(log, 's', ['ääääää', 'next'])
    expect(isRising([...ids, large, tooLarge, next])).toBe(true)
    expect(await read(log, 's', large), 'one that cannot be kept leaves a gap').toEqual({ data: ['next'], gap: true })
    expect(await read(log, 's', tooLarge)).toEqual({ data: ['next'], gap: false })
  })

  it('keeps nothing longer than it may, and forgets a stream that is not written to', async () => {
    const ageMsMax = 300
    const { log, pass } = await open({ ageMsMax })
    const [old = ''] = await appendAll(log, 's', ['old', 'older than it may be'])
    await pass(ageMsMax + 20)
    await log.append('s', 'new')
    const { data, gap } = await read(log, 's', old)
    expect(data).not.toContain('older than it may be')
    expect(gap).toBe(true)
    await pass(ageMsMax + 20)
    expect(await read(log, 's', old)).toEqual({ data: [], gap: true })
    expect(await read(log, 's', null)).toEqual({ data: [], gap: false })
    expect(await log.delete('s')).toBe(false)
  })

  it.each(['', 'x', '-', '+', '1', '1-', '-1-0', '1-0 ', '0-0', '99999999999999999999-0', '999999999999999-0', '1-1-1', '٣-٠'])(
    'tells whoever comes with an identifier that was never given: %j',
    async (foreign) => {
      const { log } = await open()
      const [id = ''] = await appendAll(log, 's', ['1'])
      expect((await log.read('s', foreign, 10)).gap).toBe(true)
      expect((await log.read('unknown', foreign, 10)).gap).toBe(true)
      expect((await log.read('unknown', id, 10)).gap).toBe(true)
      expect(await log.read('unknown', null, 10)).toEqual({ events: [], gap: false })
    },
  )

  it('gives what comes together identifiers that differ, and keeps all of it', async () => {
    const { log } = await open()
    const texts = Array.from({ length: 50 }, (_, index) => String(index))
    const ids = await Promise.all(texts.map((text) => log.append('s', text)))
    expect(new Set(ids).size).toBe(50)
    const { events, gap } = await log.read('s', null, 100)
    expect(gap).toBe(false)
    expect(events.toSorted((one, other) => Number(one.data) - Number(other.data))).toEqual(
      texts.map((data, index) => ({ id: ids[index], data })),
    )
  })
})

describe('an event log in memory', () => {
  it('gives identifiers that rise although the clock goes back', async () => {
    let nowMs = 5_000
    const log = createMemoryEventLog({ now: () => nowMs })
    const ids = [await log.append('s', '1')]
    nowMs = 4_000
    ids.push(await log.append('s', '2'), await log.append('s', '3'))
    nowMs = 6_000
    ids.push(await log.append('s', '4'))
    expect(ids).toEqual(['5000-0', '5000-1', '5000-2', '6000-0'])
  })

  it('forgets the stream that was not written to for longest when all together are too much', async () => {
    const log = createMemoryEventLog({ now: () => 1, totalBytesMax: 10, streamsMax: 3 })
    const [a = ''] = await appendAll(log, 'a', ['aaaa'])
    await appendAll(log, 'b', ['bbbb'])
    await appendAll(log, 'a', ['aa'])
    await appendAll(log, 'c', ['c'])
    expect(await read(log, 'a', a)).toEqual({ data: ['aa'], gap: false })
    expect(await read(log, 'b', null)).toEqual({ data: [], gap: false })
    await appendAll(log, 'd', [''])
    await appendAll(log, 'e', [''])
    expect(await read(log, 'a', a), 'there are too many streams').toEqual({ data: [], gap: true })
    expect(await read(log, 'c', null)).toEqual({ data: ['c'], gap: false })
    await log.delete('c')
    await appendAll(log, 'd', ['0123456789'])
    expect((await read(log, 'd', null)).data, 'what was deleted takes no room').toEqual(['', '0123456789'])
  })
})

describe('an event log in Redis', () => {
  beforeEach(({ skip }) => skip(freshRedis === null, NO_REDIS))

  it('is the same for every node, and everything in it expires', async () => {
    const redis = await freshRedis!()
    const [one, two] = [await openOver(redis), await openOver(redis)]
    const ids = [await one.append('s', '1'), await two.append('s', '2'), await one.append('s', '3')]
    expect(isRising(ids)).toBe(true)
    expect(await read(two, 's', ids[0]!)).toEqual({ data: ['2', '3'], gap: false })
    const keys = await redis.stranger.keys(`${redis.prefix}*`)
    expect(keys).toHaveLength(2)
    for (const key of keys) expect(await redis.stranger.pTTL(key)).toBeGreaterThan(0)
    await redis.pass(EVENT_LOG_BOUNDS.ageMsMax)
    expect(await read(one, 's', ids[2]!)).toEqual({ data: [], gap: true })
  })

  it('does not send what it would not keep', async () => {
    const redis = await freshRedis!()
    const log = await openOver(redis, { bytesMax: 100 })
    const monitor = redis.stranger.duplicate()
    await monitor.connect()
    onTestFinished(() => monitor.destroy())
    const commands: string[] = []
    await monitor.monitor((line) => void (line.includes(redis.prefix) && commands.push(line)))
    await log.append('s', 'x'.repeat(100))
    await log.append('s', 'x'.repeat(101))
    expect(await read(log, 's', null)).toEqual({ data: [], gap: true })
    await expect.poll(() => commands.some((line) => line.includes('HMGET'))).toBe(true)
    expect(commands.filter((line) => line.includes('x'.repeat(100))).length).toBeGreaterThan(0)
    expect(commands.filter((line) => line.includes('x'.repeat(101)))).toEqual([])
  })
})
