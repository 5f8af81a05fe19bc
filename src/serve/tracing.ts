import type { Settings } from '#config.ts'
import type { Egress } from '#egress/index.ts'
import { Problem } from '#std/index.ts'
import { openTracer, type Log, type Tracer } from '#telemetry/index.ts'
import { VERSION } from './version.ts'

/** Where collectors take traces, below their address (OTLP 1.x, OTLP/HTTP). */
const TRACES_PATH = '/v1/traces'

/** The tracer of one process, when the operator named a collector. */
export async function openTracing(
  { otlpUrl, traceRatio }: Settings,
  egress: Pick<Egress, 'safeFetch'>,
  log: Pick<Log, 'warn'>,
): Promise<Tracer | null> {
  if (otlpUrl === undefined) return null
  const url = otlpUrl.endsWith(TRACES_PATH) ? otlpUrl : otlpUrl + TRACES_PATH
  return await openTracer({
    version: VERSION,
    ratio: traceRatio,
    async send(body) {
      const headers = { 'content-type': 'application/json' }
      // The operator named the collector, which stands on the same machine more often than not.
      const { status } = await egress.safeFetch(url, { method: 'POST', headers, body, redirect: 'refuse', isTrusted: true })
      if (status >= 300) throw new Problem('fetch-failed', `The trace collector answered HTTP ${status}.`)
    },
    onError: (error) => log.warn({ err: error }, 'traces were not taken by the collector'),
  })
}
