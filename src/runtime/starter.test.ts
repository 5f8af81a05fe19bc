import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { specDigest } from './deployment-store.ts'
import { probeIsolation } from './process/probe-isolation.ts'
import { createBench } from './testing.ts'
import { STARTER_PROFILE, starterDeployments } from './starter.ts'

const bench = createBench(await probeIsolation(process.env))
const [clock, notebook] = starterDeployments(join(import.meta.dirname, '../..'))
const soon = (): number => Date.now() + 10_000

afterAll(() => bench.close())

describe('the starter', () => {
  it('holds what its profile names, approved as it is', () => {
    expect([clock!, notebook!].map((deployment) => deployment.name)).toEqual(STARTER_PROFILE.servers)
    for (const deployment of [clock!, notebook!])
      expect(deployment).toMatchObject({
        approvedDigest: specDigest(deployment.spec),
        origin: { kind: 'starter' },
        spec: { egress: [], isolation: 'none' },
      })
  })

  it('has a modern server that converts, counts down with progress, and can be cancelled', async () => {
    const supervisor = bench.start(clock!)
    expect(await supervisor.describe(soon())).toMatchObject({
      era: 'modern',
      protocolVersion: '2026-07-28',
      serverInfo: { name: 'clock-and-units' },
    })
    const call = (name: string, args: Record<string, unknown>, more = {}) =>
      supervisor.request({ method: 'tools/call', params: { name, arguments: args }, deadlineAtMs: soon(), ...more })
    expect(await call('convert', { value: 10, from: 'km', to: 'mi' }).answer).toMatchObject({
      ok: true,
      result: { structuredContent: { quantity: 'length', result: 6.21371192237, unit: 'mi' } },
    })
    expect(await call('convert', { value: 10, from: 'km', to: 'kg' }).answer).toMatchObject({ ok: true, result: { isError: true } })
    expect(await call('time', { timeZone: 'Nowhere/Land' }).answer).toMatchObject({ ok: true, result: { isError: true } })
    const progress: unknown[] = []
    await call('countdown', { steps: 3, stepMs: 1 }, { onProgress: (params: Record<string, unknown>) => progress.push(params['progress']) })
      .answer
    expect(progress).toEqual([1, 2, 3])
    const slow = call('countdown', { steps: 60, stepMs: 1000 })
    slow.cancel('enough')
    await expect(slow.answer).rejects.toThrow('enough')
    expect(supervisor.status()).toMatchObject({ state: 'ready', era: 'modern', denied: [] })
  })

  it('has a legacy server whose list of tools grows with the first note', async () => {
    const supervisor = bench.start(notebook!)
    expect(await supervisor.describe(soon())).toMatchObject({
      era: 'legacy',
      protocolVersion: '2025-11-25',
      serverInfo: { name: 'notebook' },
    })
    const heard: string[] = []
    supervisor.onNotification((method) => heard.push(method))
    const names = async (): Promise<unknown[]> => {
      const answer = await supervisor.request({ method: 'tools/list', params: {}, deadlineAtMs: soon() }).answer
      return answer.ok === true ? (answer.result['tools'] as { name: string }[]).map((tool) => tool.name) : []
    }
    expect(await names()).toEqual(['add_note', 'list_notes'])
    const call = (name: string, args: Record<string, unknown>) =>
      supervisor.request({ method: 'tools/call', params: { name, arguments: args }, deadlineAtMs: soon() }).answer
    expect(await call('add_note', { title: 'Milk', text: 'buy some' })).toMatchObject({
      ok: true,
      result: { structuredContent: { id: 1, title: 'Milk' } },
    })
    expect(heard).toEqual(['notifications/tools/list_changed'])
    expect(await names()).toEqual(['add_note', 'list_notes', 'search_notes', 'remove_note'])
    expect(await call('search_notes', { query: 'MILK' })).toMatchObject({ ok: true, result: { structuredContent: { notes: [{ id: 1 }] } } })
    expect(await call('add_note', { title: '' })).toMatchObject({ ok: false, error: { code: -32602 } })
    expect(await call('no_such_tool', {})).toMatchObject({ ok: false, error: { code: -32602 } })
  })
})
