import { collectDefaultMetrics, type Metric, Registry } from 'prom-client'
import { LIMITS } from '#std/index.ts'
import { CallCounts, DURATION_BUCKETS_US, type MetricsState } from './call-counts.ts'

export interface CallLabels {
  readonly deployment: string
  readonly method: string
  readonly outcome: string
  readonly era: string
}

export interface DenialLabels {
  readonly deployment: string
  readonly method: string
  /** Type of the problem. */
  readonly problem: string
}

/** States that nobody counts: told right before they are read. What is left out keeps its last value. */
export interface GaugeValues {
  readonly inFlight?: number
  readonly eventStreams?: number
  readonly spoolBytes?: number
  readonly drainLagSeconds?: number
  readonly snapshotAgeSeconds?: number
  readonly upstreams?: readonly { readonly deployment: string; readonly state: string }[]
}

/** Numbers for operators: counts and times per deployment and method, never per caller. */
export interface Metrics {
  /** One call that ended, and how many microseconds it took. On the path of every call: no allocation once the labels are known. */
  call(labels: CallLabels, us: number): void
  /** One call that was refused. */
  denial(labels: DenialLabels): void
  /** Bodies of calls that were to be kept and were not: nothing waits for them. */
  bodiesDropped(count: number): void
  gauges(values: GaugeValues): void
  /** Prometheus text. `states` are what other processes of this server exported; their counts are added. */
  render(states?: readonly MetricsState[]): Promise<string>
  /** The counts of this process as plain JSON. */
  exportState(): MetricsState
}

export const METRICS_CONTENT_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE

const GAUGES = {
  inFlight: ['sallyport_calls_in_flight', 'Calls that are being answered.'],
  eventStreams: ['sallyport_event_streams', 'Open event streams.'],
  spoolBytes: ['sallyport_spool_undrained_bytes', 'Bytes of audit events that wait for the database.'],
  drainLagSeconds: ['sallyport_drain_lag_seconds', 'For how long the database has not had all audit events.'],
  snapshotAgeSeconds: ['sallyport_snapshot_age_seconds', 'Time since the configuration was confirmed.'],
} as const satisfies Partial<Record<keyof GaugeValues, readonly [name: string, help: string]>>

interface Sample {
  readonly value: number
  readonly labels: Readonly<Record<string, string | number>>
  readonly metricName?: string
}

export function createMetrics(): Metrics {
  const defaults = new Registry()
  collectDefaultMetrics({ register: defaults })
  const counts = new CallCounts()
  let gauges: GaugeValues = {}
  return {
    call: (labels, us) => counts.call(labels.deployment, labels.method, labels.outcome, labels.era, us),
    denial: (labels) => counts.denial(labels.deployment, labels.method, labels.problem),
    bodiesDropped: (count) => counts.bodiesDropped(count),
    gauges: (values) => void (gauges = { ...gauges, ...values }),
    exportState: () => counts.export(),
    render(states = []) {
      const all = new CallCounts()
      for (const state of [counts.export(), ...states]) all.add(state)
      const product = new Registry()
      registerCounts(product, all.export())
      registerGauges(product, gauges)
      return Registry.merge([product, defaults]).metrics()
    },
  }
}

/** Hands ready-made samples to prom-client, which only has to write them down: its own counters cost too much per call. */
function register(
  registry: Registry,
  type: 'counter' | 'gauge' | 'histogram',
  name: string,
  help: string,
  values: readonly Sample[],
): void {
  if (values.length === 0) return
  const metric = { name, help, type, values, aggregator: 'sum' }
  registry.registerMetric({ name, get: () => Promise.resolve(metric) } as unknown as Metric)
}

function registerCounts(registry: Registry, { calls, denials, durations, bodiesDropped }: MetricsState): void {
  const counted = calls.map(([deployment, method, outcome, era, value]) => ({ labels: { deployment, method, outcome, era }, value }))
  register(registry, 'counter', 'sallyport_calls_total', 'Calls that ended, by how they ended.', counted)
  const denied = denials.map(([deployment, method, problem, value]) => ({ labels: { deployment, method, problem }, value }))
  register(registry, 'counter', 'sallyport_denials_total', 'Calls that were refused, by the type of the problem.', denied)
  register(registry, 'counter', 'sallyport_call_bodies_dropped_total', 'Bodies of calls that were to be kept and were not.', [
    { labels: {}, value: bodiesDropped },
  ])
  const name = 'sallyport_call_duration_seconds'
  const observed = durations.flatMap(([deployment, method, sumUs, buckets]) =>
    histogramSamples(name, { deployment, method }, sumUs, buckets),
  )
  register(registry, 'histogram', name, 'Time from the first byte of a call to its answer.', observed)
}

function histogramSamples(name: string, labels: Readonly<Record<string, string>>, sumUs: number, buckets: readonly number[]): Sample[] {
  let total = 0
  const samples: Sample[] = buckets.map((count, i) => {
    total += count
    const bound = DURATION_BUCKETS_US[i]
    return { metricName: `${name}_bucket`, labels: { le: bound === undefined ? '+Inf' : bound / 1e6, ...labels }, value: total }
  })
  return [...samples, { metricName: `${name}_sum`, labels, value: sumUs / 1e6 }, { metricName: `${name}_count`, labels, value: total }]
}

function registerGauges(registry: Registry, gauges: GaugeValues): void {
  for (const [key, [name, help]] of Object.entries(GAUGES)) {
    const value = gauges[key as keyof typeof GAUGES]
    if (value !== undefined) register(registry, 'gauge', name, help, [{ labels: {}, value }])
  }
  const upstreams = (gauges.upstreams ?? []).slice(0, LIMITS.metricDeploymentsMax).map((labels) => ({ labels: { ...labels }, value: 1 }))
  register(registry, 'gauge', 'sallyport_upstream_state', 'The state of each deployment: 1 for the one it is in.', upstreams)
}
