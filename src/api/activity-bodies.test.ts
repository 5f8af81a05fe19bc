import { expect, it } from 'vitest'
import { recordAdmin } from '#audit/index.ts'
import { call, NOON_MS, openTestApi, refusal, type TestApi } from './testing.ts'

const KEPT = {
  arguments: { text: '{"query":"x"}', isCut: false },
  result: { text: '{"content":[]}', isCut: true },
  redactions: 2,
  keptUntilMs: NOON_MS + 1000,
}
const event = (api: TestApi, tenant: string): Promise<string> =>
  recordAdmin(api.deps.audit.recorder, {
    atMs: NOON_MS,
    tenant,
    actor: { id: 'key_a', kind: 'key', name: 'a' },
    method: 'tools/call',
    target: 'search',
    verdict: 'allow',
    rule: 'grant',
    outcome: 'ok',
    status: 200,
  })

it('an owner reads the bodies of a call, and that is recorded', async () => {
  const api = await openTestApi()
  const id = await event(api, 'default')
  api.bodies.set(`default ${id}`, KEPT)
  expect(await call(api, 'getActivityBodies', `/activity/${id}/bodies`)).toEqual({
    recording: 'redacted',
    arguments: KEPT.arguments,
    result: KEPT.result,
    redactions: 2,
    keptUntil: '2026-11-21T12:00:01.000Z',
  })
  expect((await api.recorded()).at(-1)).toMatchObject({
    method: 'activity-bodies.get',
    target: id,
    verdict: 'allow',
    actorId: 'key_settings',
  })
})

it('nobody else does, and who tried is recorded', async () => {
  const api = await openTestApi()
  const id = await event(api, 'default')
  api.bodies.set(`default ${id}`, KEPT)
  const { key, id: keyId } = await api.newKey({ scopes: ['admin'] })
  const answer = await api.send('GET', `/api/v1/activity/${id}/bodies`, { key })
  expect([answer.status, await answer.text()]).toEqual([403, expect.not.stringContaining('query')])
  expect((await api.recorded()).at(-1)).toMatchObject({ method: 'activity-bodies.get', target: id, verdict: 'deny', actorId: keyId })
})

it('a call of another tenant is as unknown as one that never was', async () => {
  const api = await openTestApi()
  const foreign = await event(api, 'other')
  api.bodies.set(`other ${foreign}`, KEPT)
  api.bodies.set(`default ${foreign}`, KEPT)
  for (const id of [foreign, 'evt_unknown'])
    expect(await refusal(api, 'GET', `/activity/${id}/bodies`)).toMatchObject({ status: 404, detail: `There is no event "${id}".` })
})

it('where nothing is kept, the answer says whether anything is', async () => {
  const api = await openTestApi()
  const id = await event(api, 'default')
  const nothing = { arguments: null, result: null, redactions: 0, keptUntil: null }
  expect(await call(api, 'getActivityBodies', `/activity/${id}/bodies`)).toEqual({ recording: 'redacted', ...nothing })
  api.bodies.set(`default ${id}`, KEPT)
  Object.assign(api.deps.bodies, { recording: 'off' })
  expect(await call(api, 'getActivityBodies', `/activity/${id}/bodies`)).toEqual({ recording: 'off', ...nothing })
})

it('nothing is told that cannot be recorded', async () => {
  const api = await openTestApi()
  const id = await event(api, 'default')
  api.bodies.set(`default ${id}`, KEPT)
  await api.recorded()
  api.breakSpool()
  expect(await refusal(api, 'GET', `/activity/${id}/bodies`)).toMatchObject({ type: 'audit-unavailable' })
})
