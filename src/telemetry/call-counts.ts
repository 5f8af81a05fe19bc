import { LIMITS } from '#std/index.ts'

/** Upper bounds in microseconds; the last bucket has none. */
export const DURATION_BUCKETS_US = [
  250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 30_000_000, 60_000_000,
] as const // prettier-ignore

/** The counts of one process as plain JSON: what crosses process borders. */
export interface MetricsState {
  readonly calls: readonly (readonly [deployment: string, method: string, outcome: string, era: string, count: number])[]
  readonly denials: readonly (readonly [deployment: string, method: string, problem: string, count: number])[]
  /** With the count of each bucket, not cumulated. */
  readonly durations: readonly (readonly [deployment: string, method: string, sumUs: number, buckets: readonly number[]])[]
  /** Bodies of calls that were to be kept and were not. */
  readonly bodiesDropped: number
}

/** Stands in for every name beyond a bound. */
const OTHER = 'other'

interface Duration {
  readonly deployment: string
  readonly method: string
  readonly buckets: Float64Array
  sumUs: number
}

interface CallSeries {
  readonly labels: readonly [deployment: string, method: string, outcome: string, era: string]
  readonly duration: Duration
  count: number
}

interface DenialSeries {
  readonly labels: readonly [deployment: string, method: string, problem: string]
  count: number
}

/** The values of one label. Beyond the bound they are one: names may come from callers. */
class Names {
  readonly #known = new Set<string>([OTHER])
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  bound(name: string): string {
    if (this.#known.has(name)) return name
    if (this.#known.size > this.#max) return OTHER
    this.#known.add(name)
    return name
  }
}

type Tree<T> = Map<string, Map<string, Map<string, T>>>

/** Counters in plain objects, found by a few lookups of texts that exist already: 0.1 µs a call. */
export class CallCounts {
  readonly #deployments = new Names(LIMITS.metricDeploymentsMax)
  readonly #methods = new Names(LIMITS.metricMethodsMax)
  readonly #outcomes = new Names(LIMITS.metricOutcomesMax)
  readonly #eras = new Names(LIMITS.metricErasMax)
  readonly #calls: Tree<Map<string, CallSeries>> = new Map()
  readonly #callSeries: CallSeries[] = []
  readonly #denials: Tree<DenialSeries> = new Map()
  readonly #denialSeries: DenialSeries[] = []
  readonly #durations = new Map<string, Duration>()

  #bodiesDropped = 0

  bodiesDropped(count: number): void {
    this.#bodiesDropped += count
  }

  call(deployment: string, method: string, outcome: string, era: string, us: number): void {
    const series = this.#calls.get(deployment)?.get(method)?.get(outcome)?.get(era) ?? this.#callSeriesOf(deployment, method, outcome, era)
    series.count += 1
    series.duration.sumUs += us
    let bucket = 0
    while (bucket < DURATION_BUCKETS_US.length && us > DURATION_BUCKETS_US[bucket]!) bucket += 1
    series.duration.buckets[bucket]! += 1
  }

  denial(deployment: string, method: string, problem: string): void {
    const series = this.#denials.get(deployment)?.get(method)?.get(problem) ?? this.#denialSeriesOf(deployment, method, problem)
    series.count += 1
  }

  export(): MetricsState {
    return {
      calls: this.#callSeries.map(({ labels, count }) => [...labels, count]),
      denials: this.#denialSeries.map(({ labels, count }) => [...labels, count]),
      durations: [...this.#durations.values()].map(({ deployment, method, sumUs, buckets }) => [deployment, method, sumUs, [...buckets]]),
      bodiesDropped: this.#bodiesDropped,
    }
  }

  add({ calls, denials, durations, bodiesDropped }: MetricsState): void {
    this.#bodiesDropped += bodiesDropped
    for (const [deployment, method, outcome, era, count] of calls) this.#callSeriesOf(deployment, method, outcome, era).count += count
    for (const [deployment, method, problem, count] of denials) this.#denialSeriesOf(deployment, method, problem).count += count
    for (const [deployment, method, sumUs, buckets] of durations) {
      const duration = this.#durationOf(this.#deployments.bound(deployment), this.#methods.bound(method))
      duration.sumUs += sumUs
      for (const [i, count] of buckets.entries()) duration.buckets[i]! += count
    }
  }

  #callSeriesOf(...given: CallSeries['labels']): CallSeries {
    const isFull = this.#callSeries.length >= LIMITS.metricSeriesMax
    const bound = this.#bound(given[0], given[1], given[2])
    const labels: CallSeries['labels'] = [...bound, this.#eras.bound(given[3])]
    const leaf = branch(branch(branch(this.#calls, labels[0]), labels[1]), labels[2])
    const found = leaf.get(labels[3])
    if (found !== undefined) return found
    if (isFull && given[0] !== OTHER) return this.#callSeriesOf(OTHER, OTHER, OTHER, OTHER)
    const series = { labels, duration: this.#durationOf(labels[0], labels[1]), count: 0 }
    leaf.set(labels[3], series)
    this.#callSeries.push(series)
    return series
  }

  #denialSeriesOf(...given: DenialSeries['labels']): DenialSeries {
    const isFull = this.#denialSeries.length >= LIMITS.metricSeriesMax
    const labels = this.#bound(...given)
    const leaf = branch(branch(this.#denials, labels[0]), labels[1])
    const found = leaf.get(labels[2])
    if (found !== undefined) return found
    if (isFull && given[0] !== OTHER) return this.#denialSeriesOf(OTHER, OTHER, OTHER)
    const series = { labels, count: 0 }
    leaf.set(labels[2], series)
    this.#denialSeries.push(series)
    return series
  }

  #bound(deployment: string, method: string, outcome: string): DenialSeries['labels'] {
    return [this.#deployments.bound(deployment), this.#methods.bound(method), this.#outcomes.bound(outcome)]
  }

  #durationOf(deployment: string, method: string): Duration {
    const key = `${deployment}\0${method}`
    let duration = this.#durations.get(key)
    if (duration === undefined) {
      duration = { deployment, method, buckets: new Float64Array(DURATION_BUCKETS_US.length + 1), sumUs: 0 }
      this.#durations.set(key, duration)
    }
    return duration
  }
}

function branch<T>(tree: Map<string, Map<string, T>>, name: string): Map<string, T> {
  const found = tree.get(name) ?? new Map<string, T>()
  tree.set(name, found)
  return found
}
