import { DEFAULT_TENANT } from '#identity/index.ts'
import type { MetricsState } from '#telemetry/index.ts'
import type { Core } from './core.ts'

/** What a data-plane process tells about itself. */
export interface ProcessReport {
  readonly metrics: MetricsState
  readonly inFlight: number
  readonly openStreams: number
  readonly spoolBytes: number
}

/** Puts the states that nobody counts into the gauges, right before they are read. */
export function feedGauges({ metrics, drain, snapshots, runtime, now }: Core, live: Omit<ProcessReport, 'metrics'>): void {
  metrics.gauges({
    inFlight: live.inFlight,
    eventStreams: live.openStreams,
    spoolBytes: live.spoolBytes,
    drainLagSeconds: drain.lag().ageMs / 1000,
    snapshotAgeSeconds: Math.max(0, now() - snapshots.confirmedAtMs()) / 1000,
    upstreams: runtime.statuses(DEFAULT_TENANT).map(({ name, state }) => ({ deployment: name, state })),
  })
}
