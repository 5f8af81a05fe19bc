import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { createMemorySharedLimit } from './memory-shared-limit.ts'
import { readRedisUrl } from './redis-address.ts'
import { RedisLink } from './redis-link.ts'
import { createRedisSharedLimit } from './redis-shared-limit.ts'
import type { SharedLimit } from './shared-limit.ts'
import { freshRedis, NO_REDIS, type TestRedis } from './testing.ts'

interface Setting {
  readonly limit: SharedLimit
  /** Lets time pass. */
  readonly pass: (ms: number) => Promise<void>
}

const adapters: readonly { readonly name: string; readonly isThere: boolean; readonly open: () => Promise<Setting> }[] = [
  {
    name: 'memory',
    isThere: true,
    open: async () => {
      let nowMs = 1_000
      return {
        limit: createMemorySharedLimit({ now: () => nowMs }),
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
      const redis = await freshRedis!()
      const link = await RedisLink.open({ address: readRedisUrl(redis.url), name: redis.prefix })
      onTestFinished(() => link.close())
      return { limit: createRedisSharedLimit({ link, prefix: redis.prefix }), pass: (ms) => age(redis, ms) }
    },
  },
]

/** The clock of Redis cannot be moved, so what it has written down moves into the past. */
async function age({ prefix, stranger, pass }: TestRedis, ms: number): Promise<void> {
  await pass(ms)
  for (const key of await stranger.keys(`${prefix}limit:*`)) await stranger.hIncrBy(key, 'at', -ms)
  for (const { value, score } of await stranger.zRangeWithScores(`${prefix}nodes`, 0, -1))
    await stranger.zAdd(`${prefix}nodes`, { value, score: score - ms })
}

// Slow enough that the time which a test takes fills nothing.
const perHour = { perSecond: 1 / 3_600, burst: 10 }
const HOUR = 3_600_000

describe.each(adapters)('the shared limit over $name', ({ isThere, open }) => {
  beforeEach(({ skip }) => skip(!isThere, NO_REDIS))

  async function balance(limit: SharedLimit, key: string, spent: number, node = 'one'): Promise<number> {
    const { balances } = await limit.settle(node, [{ key, ...perHour, spent }])
    return Math.round(balances[0]!)
  }

  it('begins with a full bucket and takes from it what any node spent', async () => {
    const { limit } = await open()
    expect(await balance(limit, 'a', 0)).toBe(10)
    expect(await balance(limit, 'a', 4)).toBe(6)
    expect(await balance(limit, 'a', 3, 'two')).toBe(3)
    expect(await balance(limit, 'b', 1)).toBe(9)
  })

  it('fills the bucket with time, to the brim and no further', async () => {
    const { limit, pass } = await open()
    expect(await balance(limit, 'a', 9)).toBe(1)
    await pass(3 * HOUR)
    expect(await balance(limit, 'a', 0)).toBe(4)
    await pass(100 * HOUR)
    expect(await balance(limit, 'a', 2)).toBe(8)
  })

  it('lets what was too much be owed, up to two bursts', async () => {
    const { limit, pass } = await open()
    expect(await balance(limit, 'a', 15)).toBe(-5)
    await pass(3 * HOUR)
    expect(await balance(limit, 'a', 0)).toBe(-2)
    expect(await balance(limit, 'a', 1_000)).toBe(-20)
  })

  it('settles many at once, each by its own rule', async () => {
    const { limit } = await open()
    const usages = Array.from({ length: LIMITS.sharedLimitBatchMax }, (_, index) => ({
      key: `k${index}`,
      ...perHour,
      burst: index + 1,
      spent: 1,
    }))
    const { balances } = await limit.settle('one', usages)
    expect(balances.map(Math.round)).toEqual(usages.map((_, index) => index))
  })

  it('counts the nodes that are there, until they have been silent for long', async () => {
    const { limit, pass } = await open()
    expect((await limit.settle('one', [])).nodes).toBe(1)
    expect((await limit.settle('two', [])).nodes).toBe(2)
    expect((await limit.settle('one', [])).nodes).toBe(2)
    await pass(LIMITS.sharedLimitNodeMsMax)
    expect((await limit.settle('two', [])).nodes).toBe(1)
  })
})

describe('a shared limit in Redis', () => {
  beforeEach(({ skip }) => skip(freshRedis === null, NO_REDIS))

  it('leaves nothing behind once all buckets are full again', async () => {
    const { url, prefix, stranger } = await freshRedis!()
    const link = await RedisLink.open({ address: readRedisUrl(url), name: prefix })
    onTestFinished(() => link.close())
    const limit = createRedisSharedLimit({ link, prefix })
    await limit.settle('one', [
      { key: 'a', ...perHour, spent: 4 },
      { key: 'b', ...perHour, spent: 0 },
      { key: 'c', perSecond: 1_000, burst: 10, spent: 10 },
    ])
    await expect.poll(() => stranger.keys(`${prefix}limit:*`)).toEqual([`${prefix}limit:a`])
    const leftMs = await stranger.pTTL(`${prefix}limit:a`)
    expect(leftMs).toBeGreaterThan(3 * HOUR)
    expect(leftMs).toBeLessThanOrEqual(4 * HOUR)
    expect(await stranger.pTTL(`${prefix}nodes`)).toBeGreaterThan(0)
  })
})
