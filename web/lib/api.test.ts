import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RouteId } from '#api/contract.ts'
import { API_BASE, CONTRACT, routePath } from '#api/contract.ts'

// What the build writes from the contract, made the same way.
vi.mock('virtual:api-routes', () => ({
  API_ROUTES: Object.fromEntries(Object.entries(CONTRACT).map(([id, { method, path }]) => [id, [method, API_BASE + path]])),
}))

const stored = new Map<string, string>()
vi.stubGlobal('window', { addEventListener: () => {} })
vi.stubGlobal('localStorage', {
  getItem: (key: string) => stored.get(key) ?? null,
  setItem: (key: string, value: string) => stored.set(key, value),
  removeItem: (key: string) => stored.delete(key),
})
const { addressOf, api } = await import('./api.ts')
const { session } = await import('./session.ts')
const { ProblemError } = await import('./problem.ts')

const answers: Response[] = []
const asked: Request[] = []
beforeEach(() => {
  vi.stubGlobal('fetch', (address: string, init: RequestInit) => {
    asked.push(new Request(`http://127.0.0.1${address}`, init))
    const answer = answers.shift()
    return answer === undefined ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve(answer)
  })
})
afterEach(() => {
  answers.length = 0
  asked.length = 0
  stored.clear()
})

describe('the address of a route', () => {
  it('encodes names so that none leaves its place', () => {
    expect(addressOf('getDeployment', { params: { name: '../keys?x=1#y' } })).toBe('/api/v1/deployments/..%2Fkeys%3Fx%3D1%23y')
    expect(addressOf('putSecret', { params: { name: 'deployment/docs/header/a' } })).toBe('/api/v1/secrets/deployment%2Fdocs%2Fheader%2Fa')
  })

  it('leaves out what is not asked for', () => {
    expect(addressOf('listActivity', { query: { limit: 20, cursor: undefined, actor: null, tool: '', verdict: 'deny' } })).toBe(
      '/api/v1/activity?limit=20&verdict=deny',
    )
    expect(addressOf('listKeys', {})).toBe('/api/v1/keys')
  })

  it.each(Object.keys(CONTRACT) as RouteId[])('of %s is that of the contract', (id) => {
    expect(addressOf(id, { params: { name: 'a b', id: 'x/y' } })).toBe(routePath(id, { name: 'a b', id: 'x/y' }))
  })
})

describe('a request to the control plane', () => {
  it('carries the page’s half of the credential, and nothing when there is none', async () => {
    answers.push(Response.json({ items: [], nextCursor: null }), Response.json({ items: [], nextCursor: null }))
    await api('listKeys')
    session.begin('spp_half')
    await api('listKeys')
    expect(asked.map(({ headers }) => headers.get('sallyport-proof'))).toEqual([null, 'spp_half'])
  })

  it('rejects with the problem, and ends a session that the server does not know', async () => {
    session.begin('spp_half')
    answers.push(Response.json({ type: 'x', title: 'No', status: 401, detail: 'Ended.' }, { status: 401 }))
    await expect(api('listKeys')).rejects.toMatchObject({ problem: { title: 'No', status: 401 } })
    expect(session.proof()).toBe(null)
  })

  it('keeps the session through every other refusal', async () => {
    session.begin('spp_half')
    answers.push(new Response('', { status: 403 }), new Response('', { status: 500 }))
    await expect(api('listKeys')).rejects.toBeInstanceOf(ProblemError)
    await expect(api('listKeys')).rejects.toBeInstanceOf(ProblemError)
    expect(session.proof()).toBe('spp_half')
  })

  it('says that nobody answered, and passes on that it was given up', async () => {
    vi.stubGlobal('navigator', { onLine: true })
    await expect(api('listKeys')).rejects.toMatchObject({ problem: { type: 'about:unreachable' } })
    await expect(api('listKeys', {}, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(TypeError)
  })

  it('has no result where the contract has none', async () => {
    answers.push(new Response(null, { status: 204 }))
    expect(await api('deleteKey', { params: { id: 'key_1' } })).toBe(undefined)
    expect(asked[0]!.method).toBe('DELETE')
  })
})
