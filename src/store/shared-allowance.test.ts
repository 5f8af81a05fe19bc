import { setTimeout as wait } from 'node:timers/promises'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { LIMITS, Problem } from '#std/index.ts'
import { createMemorySharedLimit } from './memory-shared-limit.ts'
import { readRedisUrl } from './redis-address.ts'
import { RedisLink } from './redis-link.ts'
import { createRedisSharedLimit } from './redis-shared-limit.ts'
import { type AllowanceMode, createSharedAllowance, type SharedAllowance } from './shared-allowance.ts'
import type { Allowance, SharedLimit } from './shared-limit.ts'
import { freshRedis, NO_REDIS, openWay, problem } from './testing.ts'

const NEVER = 2 ** 31 - 1
const INTERVAL_MS = LIMITS.sharedLimitSyncMs

/** Buckets that can be taken away. */
function breakable(inner: SharedLimit) {
  let isAway = false
  return {
    goAway: (isOn: boolean) => void (isAway = isOn),
    limit: {
      settle: async (node, usages) => {
        if (isAway) throw new Problem('store-unavailable', 'away')
        return inner.settle(node, usages)
      },
      close: () => inner.close(),
    } satisfies SharedLimit,
  }
}

interface Nodes {
  readonly all: readonly SharedAllowance[]
  readonly modes: readonly AllowanceMode[]
  readonly goAway: (isOn: boolean) => void
  /** Lets `ms` pass while every busy node takes all that it gets, and all of them settle in turn. Gives what was admitted. */
  readonly run: (ms: number, allowance: Allowance, busy?: readonly number[]) => Promise<number>
}

/** Nodes over one memory, whose time the test owns: each of them settles once in an interval, one after the other. */
async function openNodes(count: number): Promise<Nodes> {
  let nowMs = 1_000
  const now = (): number => nowMs
  const { limit, goAway } = breakable(createMemorySharedLimit({ now }))
  const modes: AllowanceMode[] = []
  const all: SharedAllowance[] = []
  for (let index = 0; index < count; index += 1) {
    const onChange = (mode: AllowanceMode): void => void modes.push(mode)
    all.push(await createSharedAllowance({ limit, node: `node${index}`, now, intervalMs: NEVER, onChange }))
  }
  for (const node of all) onTestFinished(() => node.close())
  for (const node of all) await node.settle()
  const stepMs = INTERVAL_MS / count
  let turn = 0
  return {
    all,
    modes,
    goAway,
    async run(ms, allowance, busy = all.keys().toArray()) {
      let admitted = 0
      for (const endMs = nowMs + ms; nowMs < endMs; nowMs += stepMs) {
        for (const index of busy) while (all[index]!.take('caller', allowance, nowMs) === 0) admitted += 1
        await all[turn % count]!.settle()
        turn += 1
      }
      return admitted
    },
  }
}

describe('an allowance that nodes share', () => {
  it('is that of a plain token bucket for a single node', async () => {
    const { all } = await openNodes(1)
    const [node] = all
    const allowance = { perSecond: 10, burst: 5 }
    const waits = Array.from({ length: 7 }, () => node!.take('caller', allowance, 1_000))
    expect(waits).toEqual([0, 0, 0, 0, 0, 100, 100])
    expect(node!.take('caller', allowance, 1_050)).toBe(50)
    expect(node!.take('caller', allowance, 1_100)).toBe(0)
    expect(node!.take('other', allowance, 1_100)).toBe(0)
    expect(node!.take('caller', allowance, 500), 'a clock that goes back fills nothing').toBeGreaterThan(0)
  })

  it.each([
    [2, { perSecond: 100, burst: 200 }],
    [2, { perSecond: 2, burst: 64 }],
    [3, { perSecond: 600, burst: 1_200 }],
    [10, { perSecond: 600, burst: 1_200 }],
    [10, { perSecond: 1, burst: 2 }],
  ])('holds for %i nodes that are all asked without end', async (count, allowance) => {
    const { run, modes } = await openNodes(count)
    const seconds = 10
    const fair = allowance.burst + allowance.perSecond * seconds
    const admitted = await run(seconds * 1_000, allowance)
    expect(admitted).toBeLessThanOrEqual(allowance.burst * 1.5 + count + allowance.perSecond * seconds)
    expect(admitted).toBeGreaterThan(fair * 0.9)
    // What was too much at the beginning is paid back, so that nobody gains by asking several nodes.
    expect(await run(seconds * 1_000, allowance)).toBeLessThanOrEqual(allowance.perSecond * (seconds + INTERVAL_MS / 1_000) + count)
    expect(modes).toEqual([])
  })

  it.each([2, 10])('gives one of %i nodes all of it when nobody asks the others', async (count) => {
    const { run } = await openNodes(count)
    const allowance = { perSecond: 600, burst: 1_200 }
    await run(10_000, allowance, [0])
    const admitted = await run(10_000, allowance, [0])
    expect(admitted).toBeGreaterThan(6_000 * 0.98)
    expect(admitted).toBeLessThanOrEqual(6_000 + 60)
  })

  it('is not won back by going to a node that has not heard of the caller', async () => {
    const { run } = await openNodes(2)
    const allowance = { perSecond: 100, burst: 200 }
    let admitted = 0
    // Each node is idle for long enough to have filled a bucket of its own.
    for (let turn = 0; turn < 10; turn += 1) admitted += await run(4_000, allowance, [turn % 2])
    expect(admitted).toBeLessThanOrEqual(200 * 2 + 2 + 100 * 40)
  })

  it('is divided while the buckets are away, never open, and shared again afterwards', async () => {
    const { run, all, goAway, modes } = await openNodes(4)
    const allowance = { perSecond: 100, burst: 200 }
    await run(10_000, allowance)
    goAway(true)
    const admitted = await run(20_000, allowance)
    expect(modes).toEqual(['divided', 'divided', 'divided', 'divided'])
    expect(admitted).toBeLessThanOrEqual(200 + 4 + 100 * 20)
    expect(admitted, 'nor is it shut').toBeGreaterThan(100 * 20 * 0.9)
    expect(await run(20_000, allowance, [0]), 'one node alone has its part').toBeLessThanOrEqual((200 + 100 * 20) / 4 + 1)
    expect(all[0]!.take('newcomer', allowance, NEVER)).toBe(0)
    goAway(false)
    expect(await run(20_000, allowance)).toBeLessThanOrEqual(200 * 2 + 4 + 100 * 20)
    expect(modes.slice(4)).toEqual(['shared', 'shared', 'shared', 'shared'])
    expect(all.every(({ nodes, mode }) => nodes === 4 && mode === 'shared')).toBe(true)
  })

  it('lets each node admit one at least, however small its part', async () => {
    const { all, goAway } = await openNodes(10)
    goAway(true)
    await all[0]!.settle()
    const allowance = { perSecond: 1, burst: 2 }
    expect(all[0]!.take('caller', allowance, 1_000)).toBe(0)
    expect(all[0]!.take('caller', allowance, 1_000)).toBe(10_000)
  })

  it('does not begin while the buckets are away', async () => {
    const { limit, goAway } = breakable(createMemorySharedLimit({ now: () => 0 }))
    goAway(true)
    await expect(createSharedAllowance({ limit, node: 'one', now: () => 0 })).rejects.toEqual(problem('store-unavailable'))
  })

  it('settles more callers than fit in one message, and none twice', async () => {
    const seen: number[] = []
    const inner = createMemorySharedLimit({ now: () => 0 })
    const limit: SharedLimit = {
      settle: (node, usages) => {
        seen.push(usages.reduce((sum, { spent }) => sum + spent, 0))
        return inner.settle(node, usages)
      },
      close: () => inner.close(),
    }
    const node = await createSharedAllowance({ limit, node: 'one', now: () => 0, intervalMs: NEVER })
    for (let index = 0; index < LIMITS.sharedLimitBatchMax + 1; index += 1) node.take(`caller${index}`, { perSecond: 1, burst: 5 }, 0)
    await node.settle()
    await node.settle()
    node.take('caller0', { perSecond: 1, burst: 5 }, 0)
    await node.close()
    expect(seen).toEqual([0, LIMITS.sharedLimitBatchMax, 1, 0, 1])
  })
})

describe('an allowance over Redis', () => {
  beforeEach(({ skip }) => skip(freshRedis === null, NO_REDIS))
  const now = (): number => performance.now()

  it('holds for two nodes together, in real time, and when Redis goes away', async () => {
    const { url, prefix } = await freshRedis!()
    const way = await openWay(url, 6379)
    const modes: AllowanceMode[] = []
    const nodes: SharedAllowance[] = []
    for (const node of ['one', 'two']) {
      const link = await RedisLink.open({ address: readRedisUrl(way.href), name: prefix })
      onTestFinished(() => link.close())
      const limit = createRedisSharedLimit({ link, prefix })
      nodes.push(await createSharedAllowance({ limit, node, now, onChange: (mode) => modes.push(mode) }))
    }
    for (const node of nodes) onTestFinished(() => node.close())
    await expect.poll(() => nodes.map(({ nodes: count }) => count)).toEqual([2, 2])
    const allowance = { perSecond: 200, burst: 100 }
    /** Asks both without end for a while; gives what was admitted, and how long it took. */
    const ask = async (ms: number): Promise<{ admitted: number; seconds: number }> => {
      let admitted = 0
      const startMs = now()
      while (now() < startMs + ms) {
        for (const node of nodes) while (node.take('caller', allowance, now()) === 0) admitted += 1
        await wait(5)
      }
      return { admitted, seconds: (now() - startMs) / 1_000 }
    }
    const shared = await ask(2_000)
    expect(shared.admitted).toBeLessThanOrEqual(2 * allowance.burst + 2 + allowance.perSecond * shared.seconds)
    expect(shared.admitted).toBeGreaterThan((allowance.perSecond * shared.seconds) / 2)
    await way.cut()
    await expect.poll(() => modes).toEqual(['divided', 'divided'])
    const divided = await ask(1_000)
    expect(divided.admitted).toBeLessThanOrEqual(allowance.burst + 2 + allowance.perSecond * divided.seconds)
    expect(divided.admitted).toBeGreaterThan(0)
    await way.mend()
    await expect.poll(() => modes, { timeout: 2 * LIMITS.redisRetryMsMax }).toEqual(['divided', 'divided', 'shared', 'shared'])
  })
})
