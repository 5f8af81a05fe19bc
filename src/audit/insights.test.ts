import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { Store } from '#store/index.ts'
import { openTestStores, temporaryFolder } from '#store/testing.ts'
import { createDrain } from './drain.ts'
import { encodeEvent } from './event-text.ts'
import { type InsightOptions, type Insights, readDeploymentTotals, readInsights } from './insights.ts'
import { LATENCY_BOUNDS_US, LATENCY_COLUMNS, latencyStep, percentileUs } from './latency.ts'
import type { AuditEvent } from './model.ts'
import { NOON_MS, PATIENT, sampleEvent } from './testing.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const NOTHING = { calls: 0, errors: 0, denied: 0, p50Us: null, p95Us: null }

async function fill(store: Store, events: readonly AuditEvent[]): Promise<void> {
  const dir = temporaryFolder()
  writeFileSync(join(dir, 'n-999999999.1.ab-00000001.spool'), events.map((event) => `${encodeEvent(event)}\n`).join(''))
  await createDrain({ store, dir, now: () => NOON_MS, onError: () => {} }).close()
}

const read = (store: Store, options: Partial<InsightOptions> = {}): Promise<Insights> =>
  readInsights({ store, tenant: 'default', nowMs: NOON_MS, ...options })

/** The value below which this share of all lies, from the values themselves. */
function exact(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(values.length * share)) - 1]!
}

/** Numbers that look random and are the same in each run. */
function sequence(seed: number): () => number {
  let state = seed
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31
}

describe('the latency histogram', () => {
  it('has a step for every duration, with a column', () => {
    expect(LATENCY_COLUMNS).toHaveLength(LATENCY_BOUNDS_US.length + 1)
    expect([0, 1, 100, 101, 180, 60_000_000, 60_000_001, 3.6e9].map(latencyStep)).toEqual([0, 0, 0, 1, 1, 23, 24, 24])
  })

  it('gives a percentile within the step of the exact one, never above the longest', () => {
    const next = sequence(7)
    for (let round = 0; round < 200; round++) {
      const values = Array.from({ length: 1 + Math.floor(next() * 300) }, () => Math.round(10 ** (1 + next() * 7)))
      const counts = LATENCY_COLUMNS.map(() => 0)
      for (const us of values) counts[latencyStep(us)]! += 1
      const longest = Math.max(...values)
      for (const share of [0.5, 0.95, 1]) {
        const found = percentileUs(counts, longest, share)!
        expect(latencyStep(found)).toBe(latencyStep(exact(values, share)))
        expect(found).toBeLessThanOrEqual(longest)
      }
      expect(percentileUs(counts, longest, 1)).toBe(longest)
    }
    expect(
      percentileUs(
        LATENCY_COLUMNS.map(() => 0),
        0,
        0.5,
      ),
    ).toBeNull()
  })
})

describe.each(openTestStores())('insights from $name', PATIENT, ({ open }) => {
  it('are zeros where nothing was called', async () => {
    const store = await open()
    const found = await read(store)
    expect(found).toMatchObject({ sinceMs: NOON_MS - HOUR_MS, untilMs: NOON_MS, stepMs: MINUTE_MS, tools: [], deployments: [] })
    expect(found.series).toEqual(Array.from({ length: 60 }, (_, i) => ({ atMs: NOON_MS - HOUR_MS + i * MINUTE_MS, ...NOTHING })))
    expect([found.totals, found.previous]).toEqual([NOTHING, NOTHING])
    expect(await readDeploymentTotals(store, 'default', NOON_MS - HOUR_MS, NOON_MS)).toEqual([])
  })

  it('count each call in its step, and the period before apart', async () => {
    const store = await open()
    await fill(store, [
      sampleEvent({ atMs: NOON_MS - 2 * HOUR_MS - 1 }),
      sampleEvent({ atMs: NOON_MS - 2 * HOUR_MS }),
      sampleEvent({ atMs: NOON_MS - HOUR_MS - 1, outcome: 'upstream-failed' }),
      sampleEvent({ atMs: NOON_MS - HOUR_MS }),
      sampleEvent({ atMs: NOON_MS - HOUR_MS + 59_999, outcome: 'tool-error' }),
      sampleEvent({ atMs: NOON_MS - 1, verdict: 'deny', outcome: 'not-found' }),
      sampleEvent({ atMs: NOON_MS }),
    ])
    const { series, totals, previous } = await read(store)
    expect(totals).toMatchObject({ calls: 3, errors: 1, denied: 1 })
    expect(previous).toMatchObject({ calls: 2, errors: 1, denied: 0 })
    expect(series[0]).toMatchObject({ atMs: NOON_MS - HOUR_MS, calls: 2, errors: 1, denied: 0 })
    expect(series.at(-1)).toEqual({ atMs: NOON_MS - MINUTE_MS, calls: 1, errors: 0, denied: 1, p50Us: null, p95Us: null })
    expect(series.slice(1, -1).every(({ calls }) => calls === 0)).toBe(true)
    expect((await read(store, { nowMs: NOON_MS + 1 })).totals.calls).toBe(4)
  })

  it('take their percentiles over all tools, deployments and minutes of a step', async () => {
    const store = await open()
    const next = sequence(11)
    const events = Array.from({ length: 900 }, (_, i) =>
      sampleEvent({
        atMs: NOON_MS - HOUR_MS + (i % 60) * MINUTE_MS,
        target: `tool-${i % 3}`,
        deployment: i % 3 === 0 ? 'docs' : 'git',
        us: Math.round(10 ** (2 + next() * 4)),
      }),
    )
    await fill(store, events)
    const within = (found: number | null, from: readonly AuditEvent[], share: number): void =>
      expect(latencyStep(found!)).toBe(latencyStep(exact(from.map(({ us }) => us), share))) // prettier-ignore
    const { totals, series, tools, deployments } = await read(store)
    within(totals.p50Us, events, 0.5)
    within(totals.p95Us, events, 0.95)
    for (const { atMs, p50Us, p95Us } of series) {
      const own = events.filter((event) => event.atMs === atMs)
      within(p50Us, own, 0.5)
      within(p95Us, own, 0.95)
    }
    for (const { deployment, tool, calls, p95Us } of tools) {
      const own = events.filter((event) => event.deployment === deployment && event.target === tool)
      expect(calls).toBe(own.length)
      within(p95Us, own, 0.95)
    }
    expect(deployments.map(({ deployment, calls }) => [deployment, calls])).toEqual([
      ['git', 600],
      ['docs', 300],
    ])
  })

  it('name the tools called most, busiest first, and no call without one', async () => {
    const store = await open()
    const events = Array.from({ length: 25 }, (_, i) =>
      Array.from({ length: i + 1 }, () => sampleEvent({ atMs: NOON_MS - MINUTE_MS, target: `tool-${i}` })),
    ).flat()
    await fill(store, [
      ...events,
      ...Array.from({ length: 90 }, () =>
        sampleEvent({ atMs: NOON_MS - MINUTE_MS, method: 'resources/read', target: 'notes://1', deployment: '' }),
      ),
    ])
    const { tools, deployments, totals } = await read(store)
    expect(tools.map(({ tool }) => tool)).toEqual(Array.from({ length: LIMITS.insightTopMax }, (_, i) => `tool-${24 - i}`))
    expect(tools[0]).toMatchObject({ deployment: 'everything', calls: 25, errors: 0, denied: 0 })
    expect(deployments.map(({ deployment }) => deployment)).toEqual(['everything'])
    expect(totals.calls).toBe(325 + 90)
  })

  it('are of one tenant, and of one deployment or endpoint when asked', async () => {
    const store = await open()
    const atMs = NOON_MS - 5 * MINUTE_MS
    await fill(store, [
      sampleEvent({ atMs }),
      sampleEvent({ atMs, endpoint: 'dev', deployment: 'docs' }),
      sampleEvent({ atMs, endpoint: 'dev' }),
      ...Array.from({ length: 7 }, () =>
        sampleEvent({ atMs, tenant: 'acme', endpoint: 'dev', deployment: 'secret-thing', target: 'theirs' }),
      ),
    ])
    const ours = await read(store)
    expect(ours.totals.calls).toBe(3)
    expect(JSON.stringify(ours)).not.toMatch(/secret-thing|theirs/)
    expect((await read(store, { endpoint: 'dev' })).totals.calls).toBe(2)
    expect((await read(store, { endpoint: 'dev', deployment: 'docs' })).totals.calls).toBe(1)
    expect((await read(store, { deployment: 'secret-thing' })).totals.calls).toBe(0)
    expect((await read(store, { tenant: 'acme' })).totals.calls).toBe(7)
    expect((await read(store, { tenant: "' or 1=1 --" })).totals.calls).toBe(0)
    const totals = await readDeploymentTotals(store, 'default', NOON_MS - HOUR_MS, NOON_MS)
    expect(Object.fromEntries(totals.map(({ deployment, calls }) => [deployment, calls]))).toEqual({ docs: 1, everything: 2 })
  })

  it.each([
    [30 * MINUTE_MS, MINUTE_MS],
    [2 * HOUR_MS, MINUTE_MS],
    [3 * HOUR_MS, 2 * MINUTE_MS],
    [6 * HOUR_MS, 5 * MINUTE_MS],
    [DAY_MS, 15 * MINUTE_MS],
    [3 * DAY_MS, HOUR_MS],
    [7 * DAY_MS, 2 * HOUR_MS],
    [14 * DAY_MS, 6 * HOUR_MS],
    [31 * DAY_MS, DAY_MS],
  ])('over %i ms go in steps of %i ms, aligned, with every call in them once', async (rangeMs, stepMs) => {
    const store = await open()
    const nowMs = NOON_MS
    const inside = Array.from({ length: 20 }, (_, i) => sampleEvent({ atMs: Math.floor(nowMs - rangeMs + (i * rangeMs) / 20) }))
    const before = sampleEvent({ atMs: nowMs - rangeMs - DAY_MS - HOUR_MS })
    await fill(store, [...inside, ...(rangeMs > 2 * DAY_MS ? [before] : [])])
    const found = await read(store, { sinceMs: nowMs - rangeMs, nowMs })
    expect(found.stepMs).toBe(stepMs)
    expect(found.series.length).toBeGreaterThanOrEqual(30)
    expect(found.series.length).toBeLessThanOrEqual(LIMITS.insightPointsMax)
    expect(found.series.every(({ atMs }) => atMs % stepMs === 0)).toBe(true)
    expect(found.series.reduce((sum, { calls }) => sum + calls, 0)).toBe(20)
    expect(found.totals.calls).toBe(20)
    expect(found.previous.calls).toBe(rangeMs > 2 * DAY_MS ? 1 : 0)
  })

  it('have 30 to 120 points, whatever the range and wherever it ends', async () => {
    const store = await open()
    for (let rangeMs = 30 * MINUTE_MS; rangeMs <= 31 * DAY_MS; rangeMs *= 1.19) {
      const nowMs = NOON_MS + Math.floor(rangeMs * 7.7)
      const { series, sinceMs, untilMs, stepMs } = await read(store, { nowMs, sinceMs: Math.floor(nowMs - rangeMs) })
      expect(series.length).toBeGreaterThanOrEqual(30)
      expect(series.length).toBeLessThanOrEqual(LIMITS.insightPointsMax)
      expect([sinceMs <= nowMs - rangeMs, untilMs >= nowMs, sinceMs % stepMs]).toEqual([true, true, 0])
    }
  })

  it('refuse a range that is none, lies ahead or is too long, and say what to give', async () => {
    const store = await open()
    const refusal = (detail: string) => ({
      type: 'invalid-input',
      message: expect.stringContaining(detail) as string,
      remedy: expect.stringContaining('31 days') as string,
    })
    await expect(read(store, { sinceMs: NOON_MS - 5, untilMs: NOON_MS - 5 })).rejects.toMatchObject(refusal('ends before it begins'))
    await expect(read(store, { sinceMs: NOON_MS - 5, untilMs: NOON_MS - HOUR_MS })).rejects.toMatchObject(refusal('ends before it begins'))
    await expect(read(store, { sinceMs: NOON_MS + 1, untilMs: NOON_MS + HOUR_MS })).rejects.toMatchObject(refusal('in the future'))
    await expect(read(store, { sinceMs: NOON_MS - 31 * DAY_MS - 1 })).rejects.toMatchObject(refusal('longer than 31 days'))
    expect((await read(store, { sinceMs: NOON_MS - HOUR_MS, untilMs: NOON_MS + DAY_MS })).untilMs).toBe(NOON_MS)
  })
})
