import { describe, expect, it } from 'vitest'
import { DEFAULT_TENANT } from '#identity/index.ts'
import { LIMITS } from '#std/index.ts'
import { createdSession, type ResponseOf } from './contract.ts'
import { openTestApi, OWNER_KEY, type TestApi } from './testing.ts'

const HOUR = 3_600_000

interface SignedIn {
  readonly answer: Response
  readonly session: ResponseOf<'createSession'>
  /** As the edge puts it together. */
  readonly credential: string
}

const ask = (api: TestApi, body: unknown): Promise<Response> => api.send('POST', '/api/v1/session', { key: null, body })

async function signIn(api: TestApi, body: unknown): Promise<SignedIn> {
  const answer = await ask(api, body)
  expect(answer.status).toBe(201)
  const session = createdSession.parse(await answer.json())
  const cookie = /^sallyport-session-7255=(spc_[\w-]{43});/.exec(answer.headers.get('set-cookie') ?? '')?.[1]
  expect(cookie).toBeDefined()
  return { answer, session, credential: `${cookie}.${session.proof}` }
}

const whoami = (api: TestApi, key: string): Promise<Response> => api.send('GET', '/api/v1/whoami', { key })
const tokenOf = async (api: TestApi): Promise<string> => api.identity.createOwnerLink()

describe('signing in', () => {
  it('gives a session with the rights of the key, in two halves', async () => {
    const api = await openTestApi()
    const { key, id } = await api.newKey({ name: 'laptop', scopes: ['mcp:list', 'mcp:call'], tools: ['docs__*'] })
    const { answer, session, credential } = await signIn(api, { key: ` ${key}\n` })
    expect(answer.headers.get('set-cookie')).toMatch(/; HttpOnly; SameSite=Strict; Path=\/; Max-Age=43200$/)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const expiresAt = '2026-11-22T00:00:00.000Z'
    const who = { id, kind: 'key', name: 'laptop', scopes: ['mcp:list', 'mcp:call'], tools: ['docs__*'], session: { expiresAt } }
    expect(session).toMatchObject({ expiresAt, ownerKey: null, whoami: who })
    expect(await (await whoami(api, credential)).json()).toEqual(session.whoami)
    expect(await (await whoami(api, key)).json()).toMatchObject({ id, session: null, expiresAt: null })
    expect((await api.send('GET', '/api/v1/keys', { key: credential })).status).toBe(403)
    expect((await api.send('GET', '/api/v1/keys', { key: (await signIn(api, { key: OWNER_KEY })).credential })).status).toBe(200)
  })

  it('makes half a credential worth nothing', async () => {
    const api = await openTestApi()
    const { credential } = await signIn(api, { key: OWNER_KEY })
    for (const half of credential.split('.')) expect((await whoami(api, half)).status).toBe(401)
    expect((await whoami(api, credential.split('.').toReversed().join('.'))).status).toBe(401)
  })

  it('is not possible with a session, which would prolong itself for ever', async () => {
    const api = await openTestApi()
    const { credential } = await signIn(api, { key: OWNER_KEY })
    expect((await ask(api, { key: credential })).status).toBe(401)
  })

  it('makes an owner of whoever brings the link, once, and shows the key once', async () => {
    const api = await openTestApi()
    const token = await tokenOf(api)
    const { session, credential } = await signIn(api, { token })
    expect(session.ownerKey).toMatch(/^sp_[\w-]{43}$/)
    expect(session.whoami).toMatchObject({ kind: 'owner', name: 'Owner' })
    expect(await (await whoami(api, session.ownerKey!)).json()).toMatchObject({ id: session.whoami.id, kind: 'owner' })
    expect(await (await whoami(api, credential)).json()).toEqual(session.whoami)
    const again = await ask(api, { token })
    expect([again.status, again.headers.get('set-cookie')]).toEqual([401, null])
    expect(await again.json()).toMatchObject({ remedy: 'Run `sallyport owner link` on the machine of the server.' })
    expect(await api.recorded()).toMatchObject([
      { method: 'owner-link.redeem', target: session.whoami.id, verdict: 'allow', actorId: session.whoami.id },
      { method: 'session.create', target: session.id, verdict: 'allow', actorId: session.whoami.id },
      { method: 'session.create', verdict: 'deny', outcome: 'unauthenticated', actorId: 'anonymous' },
    ])
  })

  it('refuses a link that is too old', async () => {
    const api = await openTestApi()
    const token = await tokenOf(api)
    api.clock.nowMs += LIMITS.ownerLinkMsMax
    expect((await ask(api, { token })).status).toBe(401)
    expect(await api.identity.hasOwner()).toBe(false)
  })

  it.each([
    ['neither key nor token', {}],
    ['both', { key: OWNER_KEY, token: 'x' }],
    ['an unknown member', { key: OWNER_KEY, surprise: 1 }],
    ['an endless key', { key: 'x'.repeat(513) }],
  ])('refuses %s', async (_, body) => {
    const api = await openTestApi()
    expect((await ask(api, body)).status).toBe(422)
    expect((await ask(api, 'x'.repeat(LIMITS.openBodyBytesMax + 1))).status).toBe(413)
  })

  it('refuses a wrong key as any route does, records it without the key, and tells who fails too often to wait', async () => {
    const api = await openTestApi()
    const wrong = 'sp_wrong-key-that-nobody-has'
    const { key: expired } = await api.newKey({ expiresAtMs: api.clock.nowMs + 1000 })
    api.clock.nowMs += 1000
    for (const key of [expired, wrong]) {
      const answer = await ask(api, { key })
      expect([answer.status, answer.headers.get('set-cookie'), answer.headers.get('www-authenticate')]).toEqual([
        401,
        null,
        'Bearer realm="sallyport"',
      ])
    }
    const statuses = new Set<number>()
    // Also what does not even fit counts: nobody said who they are.
    for (let i = 0; i < 2 * LIMITS.authenticationFailureBurst; i++) statuses.add((await ask(api, i % 2 === 0 ? { key: wrong } : {})).status)
    expect(statuses).toEqual(new Set([401, 422, 429]))
    const recorded = await api.recorded()
    expect(recorded.filter(({ outcome }) => outcome === 'rate-limited')).toHaveLength(1)
    expect(new Set(recorded.map(({ verdict }) => verdict))).toEqual(new Set(['deny']))
    expect(JSON.stringify(recorded)).not.toContain(wrong)
    expect((await ask(api, { key: OWNER_KEY })).status).toBe(201)
  })

  it('tells a key that signs in all the time to wait, and nobody else', async () => {
    const api = await openTestApi()
    const { key } = await api.newKey({ scopes: ['mcp:call'] })
    const statuses: number[] = []
    for (let i = 0; i <= LIMITS.signInBurst; i++) statuses.push((await ask(api, { key })).status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(LIMITS.signInBurst)
    expect(statuses.at(-1)).toBe(429)
    expect((await api.recorded()).at(-1)).toMatchObject({ method: 'session.create', outcome: 'rate-limited' })
    expect((await ask(api, { key: OWNER_KEY })).status).toBe(201)
    expect((await whoami(api, key)).status).toBe(200)
    api.clock.nowMs += 1000
    expect((await ask(api, { key })).status).toBe(201)
  })

  it('makes nothing that could not be recorded', async () => {
    const api = await openTestApi()
    const token = await tokenOf(api)
    api.breakSpool()
    expect((await ask(api, { token })).status).toBe(503)
    expect((await ask(api, { key: OWNER_KEY })).status).toBe(503)
    expect(await api.identity.hasOwner()).toBe(false)
    expect(await api.identity.withSessions([])).toEqual([])
  })

  it('shows no half and no key in log, audit trail or list of keys', async () => {
    const api = await openTestApi()
    const { session, credential } = await signIn(api, { token: await tokenOf(api) })
    await api.send('DELETE', '/api/v1/session', { key: credential })
    await api.recorded()
    const shown = [
      api.logged.join('\n'),
      await (await api.send('GET', '/api/v1/activity')).text(),
      await (await api.send('GET', '/api/v1/keys')).text(),
    ].join('\n')
    expect(shown).toContain(session.id)
    for (const secret of [...credential.split('.'), session.ownerKey!]) expect(shown).not.toContain(secret.slice(4))
  })
})

describe('a session', () => {
  it('does not count as a key', async () => {
    const api = await openTestApi()
    const count = async (): Promise<unknown> =>
      ((await (await api.send('GET', '/api/v1/overview')).json()) as ResponseOf<'getOverview'>).counts.keys
    const before = await count()
    await signIn(api, { key: OWNER_KEY })
    expect(await count()).toBe(before)
  })

  it('ends after 12 hours, and no use prolongs it', async () => {
    const api = await openTestApi()
    const { credential } = await signIn(api, { key: OWNER_KEY })
    api.clock.nowMs += 12 * HOUR - 1
    expect((await whoami(api, credential)).status).toBe(200)
    api.clock.nowMs += 1
    expect((await whoami(api, credential)).status).toBe(401)
  })

  it('ends with its key, from the answer to the revocation on', async () => {
    const api = await openTestApi()
    const { key, id } = await api.newKey({ scopes: ['admin'] })
    const { credential } = await signIn(api, { key })
    const other = await signIn(api, { key: OWNER_KEY })
    expect((await whoami(api, credential)).status).toBe(200)
    // By itself, even: whoever signed in with a key may revoke it.
    expect((await api.send('DELETE', `/api/v1/keys/${id}`, { key: credential })).status).toBe(204)
    expect((await whoami(api, credential)).status).toBe(401)
    expect((await whoami(api, other.credential)).status).toBe(200)
  })

  it('sees its own tenant only', async () => {
    const api = await openTestApi()
    const { key } = await api.newKey({ scopes: ['admin'] }, 'other')
    const { id: ours } = await api.newKey({ name: 'ours' })
    const { session, credential } = await signIn(api, { key })
    expect(session.whoami.tenant).toBe('other')
    expect(await (await api.send('GET', '/api/v1/keys', { key: credential })).text()).not.toContain('ours')
    expect((await api.send('DELETE', `/api/v1/keys/${ours}`, { key: credential })).status).toBe(404)
    expect((await signIn(api, { key: OWNER_KEY })).session.whoami.tenant).toBe(DEFAULT_TENANT)
  })
})

describe('signing out', () => {
  it('ends the session that the request came with, and no other of the same key', async () => {
    const api = await openTestApi()
    const one = await signIn(api, { key: OWNER_KEY })
    const other = await signIn(api, { key: OWNER_KEY })
    const answer = await api.send('DELETE', '/api/v1/session', { key: one.credential })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('set-cookie')).toBe('sallyport-session-7255=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0')
    expect([(await whoami(api, one.credential)).status, (await whoami(api, other.credential)).status]).toEqual([401, 200])
    expect((await api.recorded()).at(-2)).toMatchObject({ method: 'session.delete', target: one.session.id, actorId: 'key_settings' })
  })

  it('is not for keys', async () => {
    const api = await openTestApi()
    const answer = await api.send('DELETE', '/api/v1/session')
    expect([answer.status, await answer.json()]).toEqual([
      404,
      expect.objectContaining({ detail: 'This request came with a key, not with a session.' }),
    ])
    expect((await api.recorded()).at(-1)).toMatchObject({ method: 'session.delete', verdict: 'deny', outcome: 'not-found' })
    expect((await whoami(api, OWNER_KEY)).status).toBe(200)
  })
})
