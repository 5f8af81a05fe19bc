import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'kysely'
import { LIMITS, Problem } from '#std/index.ts'
import type { CallMinuteTable, Store } from '#store/index.ts'
import { minuteOf } from './call-minutes.ts'
import { columnText } from './chain.ts'
import { LATENCY_COLUMNS, percentileUs } from './latency.ts'

/** What calls came to in a stretch of time. */
export interface CallTotals {
  readonly calls: number
  /** Allowed, and did not go well. */
  readonly errors: number
  readonly denied: number
  /** Half of the allowed calls were faster; null when there was none. Exact to within one step of the histogram. */
  readonly p50Us: number | null
  readonly p95Us: number | null
}

export interface InsightPoint extends CallTotals {
  readonly atMs: number
}

export interface InsightDeployment extends CallTotals {
  readonly deployment: string
}

export interface InsightTool extends InsightDeployment {
  readonly tool: string
}

export interface Insights {
  /** What is really covered: whole minutes, and the first point from its beginning. */
  readonly sinceMs: number
  readonly untilMs: number
  readonly stepMs: number
  /** A point for every step, oldest first, also where nothing was called. */
  readonly series: readonly InsightPoint[]
  readonly totals: CallTotals
  /** The stretch of the same length just before. */
  readonly previous: CallTotals
  /** Those called most, busiest first. */
  readonly tools: readonly InsightTool[]
  readonly deployments: readonly InsightDeployment[]
}

export interface InsightOptions {
  readonly store: Store
  readonly tenant: string
  readonly nowMs: number
  /** Default: an hour before `untilMs`. */
  readonly sinceMs?: number | undefined
  /** Default, and at the latest: now. */
  readonly untilMs?: number | undefined
  readonly deployment?: string | undefined
  readonly endpoint?: string | undefined
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** Close enough to each other that any range from half an hour on has 30 points at least. */
const STEPS_MS = [1, 2, 5, 15, 60, 120, 360, 1440].map((minutes) => minutes * MINUTE_MS)

/** How many calls there were and how they went, from the counts per minute. Throws `invalid-input` for a range that is none or too long. */
export async function readInsights(options: InsightOptions): Promise<Insights> {
  const { sinceMs, untilMs, stepMs } = rangeOf(options)
  const report = createReport(sinceMs, untilMs, stepMs)
  for await (const row of groupsIn(options, sinceMs, untilMs, stepMs)) report.add(row)
  const before = newTally()
  for await (const row of groupsIn(options, sinceMs - (untilMs - sinceMs), sinceMs, null)) addTo(before, row)
  return { sinceMs, untilMs, stepMs, previous: totalsOf(before), ...report.result() }
}

/** Every deployment that was called from one moment until before another, in no order. */
export async function readDeploymentTotals(
  store: Store,
  tenant: string,
  sinceMs: number,
  untilMs: number,
): Promise<readonly InsightDeployment[]> {
  const tallies = new Map<string, Tally>()
  for await (const row of groupsIn({ store, tenant }, minuteOf(sinceMs), untilMs, null)) {
    if (row.deployment !== '') addTo(tallyAt(tallies, row.deployment), row)
  }
  return [...tallies].map(([deployment, tally]) => ({ deployment, ...totalsOf(tally) }))
}

interface Range {
  readonly sinceMs: number
  readonly untilMs: number
  readonly stepMs: number
}

function rangeOf({ nowMs, sinceMs, untilMs }: InsightOptions): Range {
  const end = Math.min(untilMs ?? nowMs, nowMs)
  const start = sinceMs ?? end - HOUR_MS
  const remedy =
    'Give a since that lies before until and in the past, at most 31 days earlier; times are written like 2026-11-21T10:00:00Z.'
  if (start >= end) {
    const why = start >= nowMs ? 'The range begins in the future.' : 'The range ends before it begins.'
    throw new Problem('invalid-input', why, { remedy })
  }
  if (end - start > LIMITS.insightRangeMsMax)
    throw new Problem('invalid-input', `The range is longer than ${LIMITS.insightRangeMsMax / (24 * HOUR_MS)} days.`, { remedy })
  const lastMinute = minuteOf(end + MINUTE_MS - 1)
  const stepMs = STEPS_MS.find((step) => (lastMinute - floorTo(start, step)) / step <= LIMITS.insightPointsMax) ?? STEPS_MS.at(-1)!
  return { sinceMs: floorTo(start, stepMs), untilMs: lastMinute, stepMs }
}

const floorTo = (atMs: number, stepMs: number): number => Math.floor(atMs / stepMs) * stepMs

interface Group extends Pick<CallMinuteTable, 'calls' | 'errors' | 'denied' | 'us_max' | (typeof LATENCY_COLUMNS)[number]> {
  readonly at: number
  readonly deployment: string
  readonly tool: string
}

type Filters = Pick<InsightOptions, 'store' | 'tenant' | 'deployment' | 'endpoint'>

/**
 * The counts of a stretch of time, per step, deployment and tool; without a step all times are one. Read in slices, other
 * work in between, so that a group may come more than once.
 */
async function* groupsIn(filters: Filters, sinceMs: number, untilMs: number, stepMs: number | null): AsyncGenerator<Group> {
  const sliceMs = filters.store.dialect === 'sqlite' ? LIMITS.insightSqliteSliceMs : LIMITS.insightPostgresSliceMs
  let from = sinceMs
  while (from < untilMs) {
    if (from > sinceMs) await nextTurn()
    const to = Math.min(untilMs, from + sliceMs)
    yield* await slice(filters, from, to, stepMs)
    from = to
  }
}

function slice({ store, tenant, deployment, endpoint }: Filters, from: number, to: number, stepMs: number | null): Promise<Group[]> {
  // Literals of our own: a parameter would make the division one of floating point.
  const at = stepMs === null ? sql<number>`0` : sql<number>`minute_ms / ${sql.lit(stepMs)} * ${sql.lit(stepMs)}`
  // A sum of 8-byte integers is a decimal number to PostgreSQL, and a text to us.
  const sums = (['calls', 'errors', 'denied', ...LATENCY_COLUMNS] as const).map((column) =>
    sql<number>`cast(sum(${sql.ref(column)}) as bigint)`.as(column),
  )
  let query = store.db
    .selectFrom('call_minute')
    .select([at.as('at'), 'deployment', 'tool', (select) => select.fn.max('us_max').as('us_max'), ...sums])
    .where('tenant', '=', tenant)
    .where('minute_ms', '>=', from)
    .where('minute_ms', '<', to)
    .groupBy(['deployment', 'tool'])
  if (stepMs !== null) query = query.groupBy(at)
  if (deployment !== undefined) query = query.where('deployment', '=', columnText(deployment))
  if (endpoint !== undefined) query = query.where('endpoint', '=', columnText(endpoint))
  return query.execute()
}

interface Tally {
  calls: number
  errors: number
  denied: number
  longestUs: number
  readonly latencies: number[]
}

const newTally = (): Tally => ({ calls: 0, errors: 0, denied: 0, longestUs: 0, latencies: LATENCY_COLUMNS.map(() => 0) })

function addTo(tally: Tally, row: Group): void {
  tally.calls += row.calls
  tally.errors += row.errors
  tally.denied += row.denied
  tally.longestUs = Math.max(tally.longestUs, row.us_max)
  for (const [step, column] of LATENCY_COLUMNS.entries()) tally.latencies[step]! += row[column]
}

const totalsOf = ({ calls, errors, denied, latencies, longestUs }: Tally): CallTotals => ({
  calls,
  errors,
  denied,
  p50Us: percentileUs(latencies, longestUs, 0.5),
  p95Us: percentileUs(latencies, longestUs, 0.95),
})

/** The tally of a key. Beyond `insightGroupsMax` the new ones share one that nobody reads. */
function tallyAt(tallies: Map<string, Tally>, key: string): Tally {
  const known = tallies.get(key)
  if (known !== undefined) return known
  const tally = newTally()
  if (tallies.size < LIMITS.insightGroupsMax) tallies.set(key, tally)
  return tally
}

interface Report {
  add(row: Group): void
  result(): Pick<Insights, 'series' | 'totals' | 'tools' | 'deployments'>
}

function createReport(sinceMs: number, untilMs: number, stepMs: number): Report {
  const points = Array.from({ length: Math.ceil((untilMs - sinceMs) / stepMs) }, newTally)
  const totals = newTally()
  const tools = new Map<string, Tally>()
  const deployments = new Map<string, Tally>()
  return {
    add(row) {
      addTo(totals, row)
      addTo(points[(row.at - sinceMs) / stepMs]!, row)
      if (row.deployment !== '') addTo(tallyAt(deployments, row.deployment), row)
      if (row.tool !== '') addTo(tallyAt(tools, JSON.stringify([row.deployment, row.tool])), row)
    },
    result: () => ({
      series: points.map((tally, i) => ({ atMs: sinceMs + i * stepMs, ...totalsOf(tally) })),
      totals: totalsOf(totals),
      deployments: busiest(deployments).map(([deployment, tally]) => ({ deployment, ...totalsOf(tally) })),
      tools: busiest(tools).map(([key, tally]) => {
        const [deployment, tool] = JSON.parse(key) as [string, string]
        return { deployment, tool, ...totalsOf(tally) }
      }),
    }),
  }
}

function busiest(tallies: ReadonlyMap<string, Tally>): readonly [string, Tally][] {
  const sorted = [...tallies].toSorted(([one, a], [other, b]) => b.calls - a.calls || (one < other ? -1 : 1))
  return sorted.slice(0, LIMITS.insightTopMax)
}
