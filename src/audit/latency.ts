import type { LatencyColumn } from '#store/index.ts'

/**
 * Upper bounds of the histogram in microseconds, four to a power of ten, from 0.1 ms to a minute. What is above the last
 * has a step of its own. The columns of `call_minute` count in this order: a bound that changed would change history.
 */
export const LATENCY_BOUNDS_US = [
  100, 180, 320, 560, 1_000, 1_800, 3_200, 5_600, 10_000, 18_000, 32_000, 56_000, 100_000, 180_000, 320_000, 560_000,
  1_000_000, 1_800_000, 3_200_000, 5_600_000, 10_000_000, 18_000_000, 32_000_000, 60_000_000,
] as const // prettier-ignore

export const LATENCY_COLUMNS: readonly LatencyColumn[] = [...LATENCY_BOUNDS_US.keys(), LATENCY_BOUNDS_US.length].map(
  (step) => `h${step}` as LatencyColumn,
)

/** Which step of the histogram counts this duration. */
export function latencyStep(us: number): number {
  const step = LATENCY_BOUNDS_US.findIndex((bound) => us <= bound)
  return step === -1 ? LATENCY_BOUNDS_US.length : step
}

/**
 * The duration that this share of the calls stayed below, in whole microseconds: exact to within one step, and never
 * longer than the longest. Null when nothing was counted.
 */
export function percentileUs(counts: readonly number[], longestUs: number, share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  const rank = Math.max(1, Math.ceil(total * share))
  let below = 0
  for (const [step, count] of counts.entries()) {
    if (below + count >= rank) {
      const from = LATENCY_BOUNDS_US[step - 1] ?? 0
      const to = Math.min(LATENCY_BOUNDS_US[step] ?? longestUs, longestUs)
      return Math.round(from + (to - from) * ((rank - below) / count))
    }
    below += count
  }
  return longestUs
}
