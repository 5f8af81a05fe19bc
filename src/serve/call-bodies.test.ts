import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { RecordedBodies } from '#gateway/index.ts'
import { LIMITS, newId } from '#std/index.ts'
import { openTestStores, temporaryFolder } from '#store/testing.ts'
import { openVault } from '#vault/index.ts'
import { createCallBodies } from './call-bodies.ts'
import { storeBodies } from './store-bodies.ts'

const NOON_MS = Date.UTC(2026, 10, 21, 12)

const body = (id: string, change: Partial<RecordedBodies> = {}): RecordedBodies => ({
  id,
  tenant: 'default',
  atMs: NOON_MS,
  deployment: 'docs',
  arguments: { text: '{"query":"canary-arguments"}', isCut: false },
  result: { text: '{"said":"canary-result"}', isCut: true },
  redactions: 3,
  ...change,
})

describe.each(openTestStores())('bodies of calls over $name', ({ open }) => {
  async function setUp(perTenantMax?: number) {
    const clock = { nowMs: NOON_MS }
    const store = await open({ now: () => clock.nowMs })
    const vault = await openVault({ store, keyFile: join(temporaryFolder(), 'vault.key'), now: () => clock.nowMs })
    const bodies = createCallBodies({
      store,
      vault,
      now: () => clock.nowMs,
      onError: (error) => expect.unreachable(String(error)),
      perTenantMax,
    })
    onTestFinished(() => bodies.close())
    const rows = () => store.db.selectFrom('call_body').selectAll().orderBy('tenant').orderBy('id').execute()
    return { clock, store, bodies, rows }
  }

  it('are given back as they were, to their tenant alone, and a dump shows none', async () => {
    const { bodies, rows } = await setUp()
    await bodies.keep([body('evt_a'), body('evt_b', { tenant: 'other', result: null })])
    const { arguments: given, result, redactions } = body('evt_a')
    expect(await bodies.get('default', 'evt_a')).toEqual({
      arguments: given,
      result,
      redactions,
      keptUntilMs: NOON_MS + LIMITS.callBodyAgeMsMax,
    })
    expect(await bodies.get('other', 'evt_b')).toMatchObject({ arguments: given, result: null })
    for (const [tenant, id] of [
      ['other', 'evt_a'],
      ['default', 'evt_b'],
      ['default', 'evt_c'],
    ] as const)
      expect(await bodies.get(tenant, id)).toBeNull()
    expect(JSON.stringify(await rows())).not.toMatch(/canary|query|said/)
  })

  it('do not open when their row was moved to another call or tenant, or to another day', async () => {
    const { bodies, store } = await setUp()
    await bodies.keep([body('evt_a')])
    const { sealed } = await store.db.selectFrom('call_body').select('sealed').executeTakeFirstOrThrow()
    const moved = [
      { tenant: 'other', id: 'evt_a', at_ms: NOON_MS },
      { tenant: 'default', id: 'evt_b', at_ms: NOON_MS },
      { tenant: 'default', id: 'evt_c', at_ms: NOON_MS - 24 * 3_600_000 },
    ]
    await store.db
      .insertInto('call_body')
      .values(moved.map((row) => ({ ...row, sealed })))
      .execute()
    for (const { tenant, id } of moved) await expect(bodies.get(tenant, id)).rejects.toMatchObject({ type: 'secret-unreadable' })
  })

  it('are kept some days: then they are not shown, and removed', async () => {
    const { bodies, clock, rows } = await setUp()
    await bodies.keep([body('evt_a'), body('evt_b', { atMs: NOON_MS + 1 })])
    clock.nowMs = NOON_MS + LIMITS.callBodyAgeMsMax
    expect(await bodies.get('default', 'evt_a')).toBeNull()
    expect(await bodies.get('default', 'evt_b')).not.toBeNull()
    await bodies.sweep()
    expect((await rows()).map(({ id }) => id)).toEqual(['evt_b'])
  })

  it('are kept up to a number per tenant, the newest', async () => {
    const { bodies, rows } = await setUp(3)
    const ids = Array.from({ length: 5 }, (_, index) => newId('evt', NOON_MS + index))
    await bodies.keep(ids.map((id) => body(id)))
    await bodies.keep([body(ids[0]!, { tenant: 'other' })])
    await bodies.sweep()
    expect((await rows()).map(({ tenant, id }) => [tenant, id])).toEqual([...ids.slice(2).map((id) => ['default', id]), ['other', ids[0]]])
  })

  it('are swept by themselves while they are written, and one that comes twice is there once', async () => {
    const { bodies, rows } = await setUp(2)
    const many = Array.from({ length: LIMITS.callBodySweepRows }, (_, index) => body(newId('evt', NOON_MS + index)))
    await bodies.keep(many)
    expect(await rows()).toHaveLength(2)
    await bodies.keep(many.slice(-2))
    expect(await rows()).toHaveLength(2)
  })

  it('from a worker lose the secrets of processes, which it did not know', async () => {
    const { bodies } = await setUp()
    const deployment = { tenant: 'default', name: 'git', spec: { kind: 'process', env: { TOKEN: { secret: 'git-token' } } } }
    const core = {
      bodies,
      snapshots: { current: () => ({ deployments: [deployment] }) },
      openSecret: (_: string, name: string) => (name === 'git-token' ? 'correct "horse"' : ''),
      log: { warn: (fields: object) => expect.unreachable(JSON.stringify(fields)) },
    } as unknown as Parameters<typeof storeBodies>[0]
    const said = {
      text: JSON.stringify({ env: 'TOKEN is correct "horse"', inner: JSON.stringify({ a: 'correct "horse"' }) }),
      isCut: false,
    }
    expect(await storeBodies(core, [body('evt_a', { deployment: 'git', result: said }), body('evt_b', { result: said })])).toBeNull()
    const kept = await bodies.get('default', 'evt_a')
    expect(kept?.result?.text).not.toContain('horse')
    expect(() => void JSON.parse(kept!.result!.text)).not.toThrow()
    expect(kept?.redactions).toBe(5)
    expect((await bodies.get('default', 'evt_b'))?.result).toEqual(said)
  })
})
