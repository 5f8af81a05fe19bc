import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { KeyValue } from './key-value.ts'
import { createMemoryKeyValue } from './memory-key-value.ts'
import { readRedisUrl } from './redis-address.ts'
import { createRedisKeyValue } from './redis-key-value.ts'
import { RedisLink } from './redis-link.ts'
import { freshRedis, NO_REDIS, problem } from './testing.ts'

const MINUTE = 60_000

interface Setting {
  readonly shared: KeyValue
  /** Lets time pass. */
  readonly pass: (ms: number) => Promise<void>
}

/** Every adapter, with the way to let its time pass. Times are minutes: a slow machine must not make entries expire. */
const adapters: readonly { readonly name: string; readonly isThere: boolean; readonly open: () => Promise<Setting> }[] = [
  {
    name: 'memory',
    isThere: true,
    open: async () => {
      let nowMs = 1_000
      return {
        shared: createMemoryKeyValue({ now: () => nowMs, entriesMax: 100 }),
        pass: async (ms) => {
          nowMs += ms
        },
      }
    },
  },
  {
    name: 'Redis',
    isThere: freshRedis !== null,
    open: async () => {
      const { url, prefix, pass } = await freshRedis!()
      const link = await RedisLink.open({ address: readRedisUrl(url), name: prefix })
      onTestFinished(() => link.close())
      return { shared: createRedisKeyValue({ link, prefix }), pass }
    },
  },
]

describe.each(adapters)('the key-value port over $name', ({ isThere, open }) => {
  beforeEach(({ skip }) => skip(!isThere, NO_REDIS))

  it('gives what was set until it expires', async () => {
    const { shared, pass } = await open()
    expect(await shared.get('a')).toBeNull()
    await shared.set('a', 'one', 50 * MINUTE)
    await shared.set('a', '', 100 * MINUTE)
    await pass(99 * MINUTE)
    expect(await shared.get('a')).toBe('')
    await pass(MINUTE)
    expect(await shared.get('a')).toBeNull()
  })

  it('tells exactly one of many that it was first, and somebody again after the expiry', async () => {
    const { shared, pass } = await open()
    const ask = (value: string): Promise<boolean> => shared.setIfAbsent('once', value, 100 * MINUTE)
    const first = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(String(index))))
    expect(first.filter(Boolean)).toHaveLength(1)
    expect(await shared.get('once')).toBe(String(first.indexOf(true)))
    await pass(100 * MINUTE)
    expect(await ask('again')).toBe(true)
  })

  it('deletes, and says whether there was something', async () => {
    const { shared, pass } = await open()
    await shared.set('a', 'one', 100 * MINUTE)
    expect(await shared.delete('a')).toBe(true)
    expect(await shared.delete('a')).toBe(false)
    await shared.set('a', 'one', 100 * MINUTE)
    await pass(100 * MINUTE)
    expect(await shared.delete('a')).toBe(false)
  })

  it('counts what comes together, for a time that the first one starts', async () => {
    const { shared, pass } = await open()
    const counts = await Promise.all([1, 2, 3].map(() => shared.increment('hits', 100 * MINUTE)))
    expect(counts.toSorted((one, other) => one - other)).toEqual([1, 2, 3])
    await pass(60 * MINUTE)
    expect(await shared.increment('hits', 100 * MINUTE)).toBe(4)
    await pass(40 * MINUTE)
    expect(await shared.increment('hits', 100 * MINUTE)).toBe(1)
  })

  it('counts on from a number that was set, until that expires', async () => {
    const { shared, pass } = await open()
    await shared.set('hits', '0', 10 * MINUTE)
    expect(await shared.increment('hits', 100 * MINUTE)).toBe(1)
    await pass(10 * MINUTE)
    expect(await shared.get('hits')).toBeNull()
  })

  it('refuses to count on what is no number', async () => {
    const { shared } = await open()
    await shared.set('a', 'one', 100 * MINUTE)
    await expect(shared.increment('a', 100 * MINUTE)).rejects.toThrow(TypeError)
    await expect(shared.increment('a', 100 * MINUTE)).rejects.toThrow('not a counter')
    expect(await shared.get('a')).toBe('one')
  })

  it('refuses what is too large, and leaves what was there', async () => {
    const { shared } = await open()
    const largest = 'ä'.repeat(LIMITS.keyValueBytesMax / 2)
    await shared.set('a', largest, MINUTE)
    await expect(shared.set('a', `${largest}x`, MINUTE)).rejects.toEqual(problem('overloaded', 'keyValueBytesMax'))
    await expect(shared.setIfAbsent('b', `${largest}x`, MINUTE)).rejects.toEqual(problem('overloaded'))
    await expect(shared.set('k'.repeat(LIMITS.keyValueKeyLengthMax + 1), '', MINUTE)).rejects.toThrow(RangeError)
    expect([await shared.get('a'), await shared.get('b')]).toEqual([largest, null])
  })
})

describe('values in Redis', () => {
  beforeEach(({ skip }) => skip(freshRedis === null, NO_REDIS))

  it('all have the prefix and an expiry, also for the shortest time', async () => {
    const { url, prefix, stranger } = await freshRedis!()
    const link = await RedisLink.open({ address: readRedisUrl(url), name: prefix })
    onTestFinished(() => link.close())
    const shared = createRedisKeyValue({ link, prefix })
    await shared.set('a', 'x', 0.5)
    await shared.set('b', 'x', 1_234.5)
    await shared.setIfAbsent('c', 'x', MINUTE)
    await shared.increment('d', MINUTE)
    const left = await Promise.all(['b', 'c', 'd'].map((key) => stranger.pTTL(`${prefix}value:${key}`)))
    expect(left.every((ms) => ms > 0 && ms <= MINUTE)).toBe(true)
    await expect.poll(() => shared.get('a')).toBeNull()
  })
})

describe('the memory of one process', () => {
  it('takes no more entries than it may, drops none that lives, and makes room of those that do not', async () => {
    let nowMs = 0
    const shared = createMemoryKeyValue({ now: () => nowMs, entriesMax: 3 })
    await shared.set('short', '1', 10)
    await shared.set('long', '2', 1_000)
    await shared.increment('count', 1_000)
    await expect(shared.set('more', 'x', 1_000)).rejects.toEqual(problem('overloaded'))
    await expect(shared.setIfAbsent('more', 'x', 1_000)).rejects.toEqual(problem('overloaded'))
    await expect(shared.increment('more', 1_000)).rejects.toEqual(problem('overloaded'))
    await shared.set('long', 'changed', 1_000)
    nowMs = 10
    await shared.set('more', 'x', 1_000)
    expect([await shared.get('short'), await shared.get('long'), await shared.get('count'), await shared.get('more')]).toEqual([
      null,
      'changed',
      '1',
      'x',
    ])
    await expect(shared.set('again', 'x', 1_000)).rejects.toEqual(problem('overloaded'))
  })
})
