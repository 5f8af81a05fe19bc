import { describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { MetricsState } from './call-counts.ts'
import { createMetrics } from './metrics.ts'

const LABELS = { deployment: 'docs', method: 'tools/call', outcome: 'ok', era: 'modern' }
const samples = (text: string, name: string): string[] => text.split('\n').filter((line) => line.startsWith(name))

describe('metrics', () => {
  it('count calls, denials and times per deployment and method', async () => {
    const metrics = createMetrics()
    metrics.call(LABELS, 300)
    metrics.call(LABELS, 40_000)
    metrics.call({ ...LABELS, outcome: 'upstream-timeout' }, 90_000_000)
    metrics.denial({ deployment: 'docs', method: 'tools/call', problem: 'rate-limited' })
    const text = await metrics.render()
    expect(samples(text, 'sallyport_calls_total')).toEqual([
      'sallyport_calls_total{deployment="docs",method="tools/call",outcome="ok",era="modern"} 2',
      'sallyport_calls_total{deployment="docs",method="tools/call",outcome="upstream-timeout",era="modern"} 1',
    ])
    expect(samples(text, 'sallyport_denials_total')).toEqual([
      'sallyport_denials_total{deployment="docs",method="tools/call",problem="rate-limited"} 1',
    ])
    const times = samples(text, 'sallyport_call_duration_seconds')
    expect(times).toContain('sallyport_call_duration_seconds_bucket{le="0.00025",deployment="docs",method="tools/call"} 0')
    expect(times).toContain('sallyport_call_duration_seconds_bucket{le="0.0005",deployment="docs",method="tools/call"} 1')
    expect(times).toContain('sallyport_call_duration_seconds_bucket{le="60",deployment="docs",method="tools/call"} 2')
    expect(times).toContain('sallyport_call_duration_seconds_bucket{le="+Inf",deployment="docs",method="tools/call"} 3')
    expect(times).toContain('sallyport_call_duration_seconds_sum{deployment="docs",method="tools/call"} 90.0403')
    expect(times).toContain('sallyport_call_duration_seconds_count{deployment="docs",method="tools/call"} 3')
    expect(text).toContain('# TYPE sallyport_call_duration_seconds histogram')
  })

  it('add what other processes counted', async () => {
    const worker = createMetrics()
    for (const us of [100, 200, 300]) worker.call(LABELS, us)
    worker.denial({ deployment: 'docs', method: 'tools/list', problem: 'not-found' })
    worker.bodiesDropped(5)
    const state = JSON.parse(JSON.stringify(worker.exportState())) as MetricsState
    const primary = createMetrics()
    primary.call(LABELS, 400)
    const text = await primary.render([state, state])
    expect(samples(text, 'sallyport_calls_total')).toEqual([
      'sallyport_calls_total{deployment="docs",method="tools/call",outcome="ok",era="modern"} 7',
    ])
    expect(samples(text, 'sallyport_denials_total')).toEqual([
      'sallyport_denials_total{deployment="docs",method="tools/list",problem="not-found"} 2',
    ])
    expect(samples(text, 'sallyport_call_duration_seconds_sum')).toEqual([
      'sallyport_call_duration_seconds_sum{deployment="docs",method="tools/call"} 0.0016',
    ])
    expect(samples(text, 'sallyport_call_bodies_dropped_total')).toEqual(['sallyport_call_bodies_dropped_total 10'])
    expect(samples(await primary.render(), 'sallyport_calls_total')[0]).toMatch(/ 1$/)
  })

  it('tell the states they were last told, and nothing of what they were not', async () => {
    const metrics = createMetrics()
    metrics.gauges({ inFlight: 3, spoolBytes: 1_000, upstreams: [{ deployment: 'docs', state: 'ready' }] })
    metrics.gauges({ inFlight: 4, drainLagSeconds: 0.5 })
    const text = await metrics.render()
    expect(text).toContain('\nsallyport_calls_in_flight 4\n')
    expect(text).toContain('\nsallyport_spool_undrained_bytes 1000\n')
    expect(text).toContain('\nsallyport_drain_lag_seconds 0.5\n')
    expect(text).toContain('\nsallyport_upstream_state{deployment="docs",state="ready"} 1\n')
    expect(text).not.toContain('sallyport_snapshot_age_seconds')
    expect(text).toContain('process_cpu_seconds_total')
    expect(text).toContain('nodejs_eventloop_lag_seconds')
  })

  it('stay bounded when callers invent names, and escape those they keep', async () => {
    const metrics = createMetrics()
    for (let i = 0; i < 20_000; i++) metrics.call({ deployment: `d${i % 1_000}`, method: `m${i}`, outcome: `o${i % 100}`, era: `e${i}` }, 1)
    for (let i = 0; i < 5_000; i++) metrics.denial({ deployment: `x${i}`, method: `y${i}`, problem: 'not-found' })
    const { calls, denials, durations } = metrics.exportState()
    expect(calls.length).toBeLessThanOrEqual(LIMITS.metricSeriesMax + 1)
    expect(durations.length).toBeLessThanOrEqual(calls.length)
    expect(denials.length).toBeLessThanOrEqual(LIMITS.metricSeriesMax + 1)
    for (const [index, max] of [
      LIMITS.metricDeploymentsMax,
      LIMITS.metricMethodsMax,
      LIMITS.metricOutcomesMax,
      LIMITS.metricErasMax,
    ].entries()) {
      expect(new Set(calls.map((series) => series[index])).size).toBeLessThanOrEqual(max + 1)
    }
    expect(calls.reduce((sum, series) => sum + series[4], 0)).toBe(20_000)
    const other = createMetrics()
    other.call({ ...LABELS, method: 'a"\n}\\' }, 1)
    expect(samples(await other.render(), 'sallyport_calls_total')).toEqual([
      'sallyport_calls_total{deployment="docs",method="a\\"\\n}\\\\",outcome="ok",era="modern"} 1',
    ])
  })

  it('print what counting a call costs', () => {
    const metrics = createMetrics()
    const calls = 200_000
    const start = performance.now()
    for (let i = 0; i < calls; i++) metrics.call({ ...LABELS, era: i % 2 === 0 ? 'modern' : 'legacy' }, i % 5_000)
    console.log(`      metrics: ${(((performance.now() - start) * 1_000) / calls).toFixed(2)} µs per call`)
    expect(metrics.exportState().calls).toHaveLength(2)
  })
})
