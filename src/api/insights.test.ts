import { describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { AuditEvent } from '#audit/index.ts'
import { recorded, sampleEvent } from '#audit/testing.ts'
import { call, NOON_MS, openTestApi, read, refusal, type TestApi } from './testing.ts'
import type { ResponseOf } from './contract.ts'

const MINUTE_MS = 60_000

async function happened(api: TestApi, ...events: readonly Partial<AuditEvent>[]): Promise<void> {
  for (const event of events) await recorded(api.deps.audit.recorder, sampleEvent({ atMs: NOON_MS - MINUTE_MS, ...event }))
}

describe('insights', () => {
  it('show the last hour, minute by minute, and the hour before', async () => {
    const api = await openTestApi()
    await happened(
      api,
      { us: 400 },
      { us: 400, outcome: 'upstream-timeout' },
      { verdict: 'deny', outcome: 'not-found' },
      { atMs: NOON_MS - 90 * MINUTE_MS },
    )
    const found = await call(api, 'getInsights', '/insights')
    expect(found).toMatchObject({
      since: '2026-11-21T11:00:00.000Z',
      until: '2026-11-21T12:00:00.000Z',
      stepMs: MINUTE_MS,
      totals: { calls: 3, errors: 1, denied: 1 },
      previous: { calls: 1, errors: 0, denied: 0 },
      tools: [{ deployment: 'everything', tool: 'echo', calls: 2, errors: 1, denied: 0 }],
      deployments: [{ deployment: 'everything', calls: 3 }],
    })
    expect(found.series).toHaveLength(60)
    expect(found.series[0]).toEqual({ at: '2026-11-21T11:00:00.000Z', calls: 0, errors: 0, denied: 0, p50Us: null, p95Us: null })
    expect(found.series.at(-1)).toMatchObject({ at: '2026-11-21T11:59:00.000Z', calls: 3 })
    expect(found.totals.p95Us).toBeLessThanOrEqual(400)
  })

  it('are narrowed by range, deployment and endpoint', async () => {
    const api = await openTestApi()
    await happened(api, {}, { deployment: 'docs' }, { deployment: 'docs', endpoint: 'dev' }, { atMs: NOON_MS - 30 * MINUTE_MS })
    const calls = async (query: string): Promise<number> => (await call(api, 'getInsights', `/insights?${query}`)).totals.calls
    expect(await calls('')).toBe(4)
    expect(await calls('deployment=docs')).toBe(2)
    expect(await calls('deployment=docs&endpoint=dev')).toBe(1)
    expect(await calls('deployment=nobody')).toBe(0)
    expect(await calls('since=2026-11-21T11:45:00Z')).toBe(3)
    expect(await calls('until=2026-11-21T11:45:00Z')).toBe(1)
  })

  it('refuse a range that cannot be shown and say which can', async () => {
    const api = await openTestApi()
    for (const query of [
      'since=2026-11-21T12:30:00Z',
      'since=2026-11-21T11:30:00Z&until=2026-11-21T11:00:00Z',
      'since=2026-10-01T00:00:00Z',
    ]) {
      expect(await refusal(api, 'GET', `/insights?${query}`)).toMatchObject({
        status: 422,
        type: 'invalid-input',
        remedy: expect.stringContaining('at most 31 days') as unknown,
      })
    }
    expect(await refusal(api, 'GET', '/insights?since=yesterday')).toMatchObject({ type: 'invalid-input', errors: [{ path: 'since' }] })
  })

  it('are made a few at a time, so that one tenant does not take the database from the others', async () => {
    const api = await openTestApi()
    const { key } = await api.newKey({ scopes: ['admin'] }, 'other')
    const month = '/api/v1/insights?since=2026-10-22T00:00:00Z'
    const ask = (path: string, as: string | undefined): Promise<Response> => api.send('GET', path, as === undefined ? {} : { key: as })
    const all = Array.from({ length: 3 * LIMITS.reportsPerTenantMax }, (_, index) =>
      ask(index % 2 === 0 ? month : '/api/v1/attention', undefined),
    )
    const [foreign, ...answers] = await Promise.all([ask(month, key), ...all])
    expect(foreign?.status).toBe(200)
    const refused = answers.filter(({ status }) => status !== 200)
    expect(refused).toHaveLength(2 * LIMITS.reportsPerTenantMax)
    for (const answer of refused) expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await read(refused[0]!)).toMatchObject({ type: expect.stringMatching(/overloaded$/) as unknown })
    // Each gave its place back.
    expect((await ask(month, undefined)).status).toBe(200)
  })

  it('are those of the tenant that asks', async () => {
    const api = await openTestApi()
    await happened(api, { deployment: 'ours-alone', target: 'ours' }, { tenant: 'other', target: 'theirs' })
    const { key } = await api.newKey({ scopes: ['admin'] }, 'other')
    const seen = (await read(await api.send('GET', '/api/v1/insights', { key }))) as ResponseOf<'getInsights'>
    expect(seen.totals.calls).toBe(1)
    expect(seen.tools.map(({ tool }) => tool)).toEqual(['theirs'])
    expect(JSON.stringify(seen)).not.toContain('ours')
    const guessed = (await read(await api.send('GET', '/api/v1/insights?deployment=ours-alone', { key }))) as ResponseOf<'getInsights'>
    expect(guessed.totals.calls).toBe(0)
  })
})
