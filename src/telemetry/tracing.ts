import type { Attributes, Context, ROOT_CONTEXT, Span, trace, Tracer as ApiTracer } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { LIMITS } from '#std/index.ts'

/** One part of a call, ended `us` microseconds after it began; parts follow each other without gaps. */
export interface TraceStep {
  readonly name: string
  readonly us: number
  readonly note?: string
}

export interface EndedCall {
  readonly name: string
  readonly attributes: Readonly<Record<string, string | number>>
  readonly isError: boolean
  /** How long the whole took, in microseconds. */
  readonly us: number
  readonly steps: readonly TraceStep[]
}

/** One call that is traced. */
export interface CallTrace {
  /** W3C trace context for whoever is called on its behalf. */
  readonly traceparent: string
  end(call: EndedCall): void
}

/** Makes spans of calls and sends them to a collector (OpenTelemetry, OTLP over HTTP with JSON). */
export interface Tracer {
  /** Null: this call is not sampled. `traceparent` continues the trace of whoever calls. */
  begin(traceparent: string | undefined, atMs: number): CallTrace | null
  close(): Promise<void>
}

export interface TracerOptions {
  readonly version: string
  /** Share of calls without a trace of their own that begin one, 0 to 1. */
  readonly ratio: number
  /** Carries one batch, JSON, to the collector. */
  readonly send: (body: Buffer) => Promise<void>
  readonly onError: (error: Error) => void
}

// The version of the W3C header that we speak; others are ignored, as the recommendation wants.
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/
const SAMPLED = 1

/** Opens the tracer. The packages are loaded here and only here: a server that does not trace pays nothing for it. */
export async function openTracer({ version, ratio, send, onError }: TracerOptions): Promise<Tracer> {
  const [api, sdk, { resourceFromAttributes }, { JsonTraceSerializer }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/otlp-transformer'),
  ])
  const deliver = async (body: Buffer, done: (result: { code: number; error?: Error }) => void): Promise<void> => {
    try {
      await send(body)
    } catch (error) {
      onError(error as Error)
      return done({ code: 1, error: error as Error })
    }
    done({ code: 0 })
  }
  const exporter = {
    export(spans: ReadableSpan[], done: (result: { code: number; error?: Error }) => void): void {
      const body = JsonTraceSerializer.serializeRequest(spans)
      if (body === undefined) return done({ code: 0 })
      void deliver(Buffer.from(body), done)
    },
    shutdown: () => Promise.resolve(),
  }
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'sallyport', 'service.version': version }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [
      new sdk.BatchSpanProcessor({ exporter, maxQueueSize: LIMITS.traceQueueMax, scheduledDelayMillis: LIMITS.traceIntervalMs }),
    ],
  })
  const tracer = provider.getTracer('sallyport', version)
  return {
    begin(traceparent, atMs) {
      const context = parentOf(traceparent, api)
      const span = tracer.startSpan('mcp', { kind: api.SpanKind.SERVER, startTime: atMs }, context)
      if (!span.isRecording()) return null
      return traceOf(span, api.trace.setSpan(context, span), tracer, atMs, api.SpanStatusCode.ERROR)
    },
    // What the last batch met was told already.
    close: () => provider.shutdown().catch(() => {}),
  }
}

/** As much of the package as is needed once it is loaded. */
interface Api {
  readonly ROOT_CONTEXT: typeof ROOT_CONTEXT
  readonly trace: typeof trace
}

function parentOf(traceparent: string | undefined, api: Api): Context {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId))
    return api.ROOT_CONTEXT
  return api.trace.setSpanContext(api.ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & SAMPLED, isRemote: true })
}

function traceOf(span: Span, context: Context, tracer: ApiTracer, atMs: number, errorCode: number): CallTrace {
  const { traceId, spanId } = span.spanContext()
  return {
    traceparent: `00-${traceId}-${spanId}-01`,
    end({ name, attributes, isError, us, steps }) {
      let beganUs = 0
      for (const step of steps) {
        const startTime = atMs + beganUs / 1000
        beganUs += step.us
        const child: Attributes = step.note === undefined ? {} : { 'sallyport.note': step.note }
        tracer.startSpan(step.name, { startTime, attributes: child }, context).end(atMs + beganUs / 1000)
      }
      span.updateName(name)
      span.setAttributes({ ...attributes })
      if (isError) span.setStatus({ code: errorCode })
      span.end(atMs + us / 1000)
    },
  }
}
