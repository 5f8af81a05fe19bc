/** How the program is doing: log lines for people, metrics for machines. Never evidence (that is `audit`), never a secret. */
export { createLogger, LOG_LEVELS, type Log, type LogLevel, type LogMethod, type LogOptions } from './log.ts'
export type { LogFields } from './safe-fields.ts'
export { maskText, registerSecret } from './mask.ts'
export { Secret } from './secret.ts'
export type { MetricsState } from './call-counts.ts'
export { type CallLabels, createMetrics, type DenialLabels, type GaugeValues, type Metrics, METRICS_CONTENT_TYPE } from './metrics.ts'
export { type CallTrace, type EndedCall, openTracer, type Tracer } from './tracing.ts'
