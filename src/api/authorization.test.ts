import { describe, expect, it } from 'vitest'
import { SCOPES } from '#identity/index.ts'
import { API_SCOPES, CONTRACT, type RouteId, type Route, routePath } from './contract.ts'
import { EXAMPLES } from './contract-examples.ts'
import { NOON_MS, openTestApi, OWNER_KEY, type TestApi } from './testing.ts'

const ids = Object.keys(CONTRACT) as RouteId[]
const routes = ids.map((id): [RouteId, Route] => [id, CONTRACT[id]])

const ask = (api: TestApi, id: RouteId, key: string | null): Promise<Response> => {
  const { params, query, body } = EXAMPLES[id]
  return api.send(CONTRACT[id].method, routePath(id, params, query), { key, ...(body === undefined ? {} : { body }) })
}

describe('every route of the contract', () => {
  it('refuses whoever shows no valid credential, with one and the same body', async () => {
    const api = await openTestApi()
    const { key: expired } = await api.newKey({ scopes: ['admin'], expiresAtMs: NOON_MS + 1000 })
    const { key: revoked, id } = await api.newKey({ scopes: ['admin'] })
    await api.send('DELETE', `/api/v1/keys/${id}`)
    api.clock.nowMs += 2000
    const bodies = new Set<string>()
    for (const route of ids.filter((each) => CONTRACT[each].needs !== 'nobody')) {
      for (const key of [null, 'sp_unknown', expired, revoked, ` ${OWNER_KEY}x`, '']) {
        // Slow enough not to be told to wait.
        api.clock.nowMs += 1000
        const answer = await ask(api, route, key)
        expect([route, answer.status]).toEqual([route, 401])
        expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="sallyport"')
        expect(answer.headers.get('content-type')).toBe('application/problem+json')
        bodies.add(await answer.text())
      }
    }
    expect(bodies.size).toBe(1)
  })

  it.each(routes)('%s: lets in exactly those who hold what it needs', async (id, route) => {
    const api = await openTestApi()
    const { key: user } = await api.newKey({ scopes: SCOPES.filter((scope) => scope !== 'admin') })
    const { key: admin } = await api.newKey({ scopes: ['admin'] })
    const status = async (key: string): Promise<number> => {
      const answer = await ask(api, id, key)
      await answer.body?.cancel()
      return answer.status
    }
    expect((await status(user)) === 403).toBe(route.needs === 'admin' || route.needs === 'owner')
    expect((await status(admin)) === 403).toBe(route.needs === 'owner')
    expect(await status(OWNER_KEY)).not.toBe(403)
  })

  it('needs a credential, but for signing in, which carries one in its body', () => {
    expect(routes.filter(([, { needs }]) => needs === 'nobody').map(([id]) => id)).toEqual(['createSession'])
  })

  it('never shows or touches what belongs to another tenant', async () => {
    const api = await openTestApi()
    const { key: stranger, id: strangerId } = await api.newKey({ scopes: ['admin'] }, 'other')
    const { id: ours } = await api.newKey({ name: 'ours' })
    await api.send('POST', '/api/v1/deployments', { body: EXAMPLES.createDeployment.body })
    await api.send('POST', '/api/v1/profiles', { body: { name: 'dev', servers: ['docs'] } })
    await api.send('PUT', '/api/v1/secrets/docs-token', { body: { value: 'kept' } })
    const before = await (await api.send('GET', '/api/v1/deployments')).text()

    // What needs an owner is refused before anybody looks for it.
    for (const [id, route] of routes.filter(([, { params, needs }]) => params !== undefined && needs !== 'owner')) {
      if (id === 'putSecret') continue
      const params = { ...EXAMPLES[id].params, ...(id === 'deleteKey' ? { id: ours } : {}) }
      const { body } = EXAMPLES[id]
      const answer = await api.send(route.method, routePath(id, params), { key: stranger, ...(body === undefined ? {} : { body }) })
      expect([id, answer.status]).toEqual([id, 404])
    }
    for (const list of ['deployments', 'profiles', 'secrets']) {
      const answer = await api.send('GET', `/api/v1/${list}`, { key: stranger })
      expect(await answer.json()).toEqual({ items: [], nextCursor: null })
    }
    expect(await (await api.send('GET', '/api/v1/keys', { key: stranger })).text()).not.toContain('ours')
    const { items } = (await (await api.send('GET', '/api/v1/activity', { key: stranger })).json()) as {
      items: { actor: { id: string } }[]
    }
    expect(new Set(items.map(({ actor }) => actor.id))).toEqual(new Set([strangerId]))
    expect(await (await api.send('GET', '/api/v1/deployments')).text()).toBe(before)
  })

  it('R10: answers an id that is none like one that is unknown', async () => {
    const api = await openTestApi()
    for (const id of ['*', '%00', '...', 'default', "' or 1=1 --", 'ünï', '0', 'a'.repeat(256), '[object Object]', '../keys']) {
      for (const noun of ['deployments', 'profiles']) {
        const answer = await api.send('GET', `/api/v1/${noun}/${encodeURIComponent(id)}`)
        expect([id, answer.status]).toEqual([id, 404])
        expect(await answer.json()).toMatchObject({ type: 'https://sallyport.dev/problems/not-found' })
      }
    }
  })

  it('has an effect whose kind fits its method', () => {
    const effects = (methods: readonly string[]) =>
      new Set(routes.filter(([, { method }]) => methods.includes(method)).map(([, { effect }]) => effect))
    // To read what callers sent is itself worth a record.
    expect(routes.filter(([, { method, effect }]) => method === 'GET' && effect !== 'read').map(([id]) => id)).toEqual([
      'getActivityBodies',
    ])
    expect(effects(['PUT', 'PATCH', 'DELETE'])).toEqual(new Set(['change']))
  })

  it('knows the scopes that identity knows', () => {
    expect(API_SCOPES).toEqual(SCOPES)
  })
})

describe('a credential', () => {
  it('is worth nothing from the answer to its revocation on', async () => {
    const api = await openTestApi()
    const { key, id } = await api.newKey({ scopes: ['admin'] })
    expect((await api.send('GET', '/api/v1/whoami', { key })).status).toBe(200)
    expect((await api.send('DELETE', `/api/v1/keys/${id}`)).status).toBe(204)
    expect((await api.send('GET', '/api/v1/whoami', { key })).status).toBe(401)
  })

  it('that fails too often is told to wait', async () => {
    const api = await openTestApi()
    let last = new Response()
    for (let attempt = 0; attempt <= 100; attempt++) last = await api.send('GET', '/api/v1/whoami', { key: 'sp_wrong' })
    expect(last.status).toBe(429)
    expect(last.headers.get('retry-after')).toBe('1')
    expect((await api.send('GET', '/api/v1/whoami')).status).toBe(200)
  })

  it('with the scope admin cannot be restricted, for it could lift the restriction', async () => {
    const api = await openTestApi()
    const answer = await api.send('POST', '/api/v1/keys', { body: { name: 'x', scopes: ['admin'], tools: ['docs__*'] } })
    expect(answer.status).toBe(422)
  })
})
