import { describe, expect, it } from 'vitest'
import { openTracer } from './tracing.ts'

interface SentSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: { key: string; value: Record<string, unknown> }[]
  readonly status: { code: number }
}

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`
const AT_MS = 1_800_000_000_000

async function collecting(ratio: number) {
  const spans: SentSpan[] = []
  const errors: Error[] = []
  const tracer = await openTracer({
    version: '1.2.3',
    ratio,
    onError: (error) => errors.push(error),
    async send(body) {
      const { resourceSpans } = JSON.parse(body.toString()) as { resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[] }
      for (const resource of resourceSpans) for (const scope of resource.scopeSpans) spans.push(...scope.spans)
    },
  })
  return { tracer, spans, errors }
}

const ended = {
  name: 'tools/call echo',
  attributes: { 'mcp.method.name': 'tools/call', 'http.response.status_code': 200 },
  isError: false,
  us: 1_500,
  steps: [
    { name: 'identify', us: 100 },
    { name: 'forward', us: 1_400, note: 'http 200' },
  ],
}

describe('tracing', () => {
  it('makes a span of a call and one of each step, within the trace of whoever calls', async () => {
    const { tracer, spans } = await collecting(0)
    const trace = tracer.begin(PARENT, AT_MS)!
    expect(trace.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`))
    expect(trace.traceparent).not.toContain('b7ad6b7169203331')
    trace.end(ended)
    await tracer.close()
    const call = spans.find(({ name }) => name === 'tools/call echo')!
    expect(call).toMatchObject({ traceId: TRACE, parentSpanId: 'b7ad6b7169203331' })
    expect(Number(BigInt(call.endTimeUnixNano) - BigInt(call.startTimeUnixNano)) / 1000).toBeCloseTo(1_500, -1)
    const steps = spans.filter(({ parentSpanId }) => parentSpanId === call.spanId)
    expect(steps.map(({ name }) => name)).toEqual(['identify', 'forward'])
    expect(steps[1]!.startTimeUnixNano).toBe(steps[0]!.endTimeUnixNano)
    expect(call.attributes).toContainEqual({ key: 'mcp.method.name', value: { stringValue: 'tools/call' } })
  })

  it('begins a trace of its own for the share that is sampled', async () => {
    const all = await collecting(1)
    const none = await collecting(0)
    expect(all.tracer.begin(undefined, AT_MS)?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect(none.tracer.begin(undefined, AT_MS)).toBeNull()
  })

  it('leaves alone what its caller does not sample', async () => {
    const { tracer } = await collecting(1)
    expect(tracer.begin(PARENT.replace(/01$/, '00'), AT_MS)).toBeNull()
  })

  it.each(['', 'x', `01-${TRACE}-b7ad6b7169203331-01`, `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, `${PARENT}-more`, PARENT.toUpperCase()])(
    'takes %j for no trace at all',
    async (traceparent) => {
      const { tracer } = await collecting(1)
      expect(tracer.begin(traceparent, AT_MS)!.traceparent).not.toContain(TRACE)
    },
  )

  it('says so when the collector does not take a batch, and goes on', async () => {
    const errors: Error[] = []
    const tracer = await openTracer({
      version: '1',
      ratio: 1,
      send: () => Promise.reject(new Error('away')),
      onError: (error) => errors.push(error),
    })
    tracer.begin(undefined, AT_MS)!.end(ended)
    await tracer.close()
    expect(errors).toHaveLength(1)
  })
})
