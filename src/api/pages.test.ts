import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { CONTRACT } from './contract.ts'
import { openTestApi } from './testing.ts'

const form = (token: string) => ({
  key: null,
  body: new URLSearchParams({ token }).toString(),
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
})

describe('the welcome page', () => {
  it('gives the owner key once, to whoever presses the button and not to whoever looks', async () => {
    const api = await openTestApi()
    const made = (await (await api.send('POST', '/api/v1/owner/link')).json()) as { url: string; expiresAt: string }
    expect(made.expiresAt).toBe('2026-11-21T12:30:00.000Z')
    const { pathname, search, searchParams } = new URL(made.url)
    const token = searchParams.get('token')!

    for (let look = 0; look < 3; look++) {
      const page = await api.send('GET', pathname + search, { key: null })
      expect(page.status).toBe(200)
      expect(await page.text()).toContain(`name="token" value="${token}"`)
    }
    const answer = await api.send('POST', '/welcome', form(token))
    const text = await answer.text()
    const key = /sp_[\w-]{43}/.exec(text)![0]
    expect(text).toContain('sallyport login --url http://127.0.0.1:7255')
    const who = await api.send('GET', '/api/v1/whoami', { key })
    expect(await who.json()).toMatchObject({ kind: 'owner' })

    const again = await api.send('POST', '/welcome', form(token))
    expect([again.status, await again.text()]).toEqual([410, expect.stringContaining('sallyport owner link')])
    expect((await api.send('GET', pathname + search, { key: null })).status).toBe(410)
    expect(await api.recorded()).toMatchObject([
      { method: 'owner-link.create', verdict: 'allow' },
      { method: 'owner-link.redeem', verdict: 'allow' },
      { method: 'owner-link.redeem', verdict: 'deny', outcome: 'unauthenticated' },
    ])
    expect(api.logged.join()).not.toContain(key)
  })

  it('refuses a link that is too old, and one that was never given out', async () => {
    const api = await openTestApi()
    const { url } = (await (await api.send('POST', '/api/v1/owner/link')).json()) as { url: string }
    api.clock.nowMs += 30 * 60_000
    for (const token of [new URL(url).searchParams.get('token')!, 'guess', '']) {
      const page = await api.send('GET', `/welcome?token=${token}`, { key: null })
      expect([page.status, await page.text()]).toEqual([410, expect.not.stringContaining('<form')])
      const answer = await api.send('POST', '/welcome', form(token))
      expect([answer.status, await answer.text()]).toEqual([410, expect.not.stringContaining('sp_')])
    }
    expect(await api.identity.hasOwner()).toBe(false)
    expect((await api.send('GET', '/welcome', { key: null })).status).toBe(410)
  })

  it('escapes what is in the address', async () => {
    const api = await openTestApi()
    const page = await api.send('GET', `/welcome?token=${encodeURIComponent('"><script>alert(1)</script>')}`, { key: null })
    expect(await page.text()).not.toContain('<script')
  })

  it('gives nothing that could not be recorded', async () => {
    const api = await openTestApi()
    const token = await api.identity.createOwnerLink()
    api.breakSpool()
    expect((await api.send('POST', '/welcome', form(token))).status).toBe(503)
    expect(await api.identity.hasOwner()).toBe(false)
  })
})

describe('pages', () => {
  it.each(['/docs', '/welcome?token=x', '/welcome'])('%s runs no script and loads nothing from elsewhere', async (path) => {
    const api = await openTestApi()
    const page = await api.send('GET', path, { key: null })
    const text = await page.text()
    const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(text) ?? []
    const hash = createHash('sha256').update(style).digest('base64')
    expect(page.headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    )
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    expect(text).not.toMatch(/<script|<link|<img|<iframe|\sstyle=|\son\w+=|url\(/i)
  })

  it('the reference names every route', async () => {
    const api = await openTestApi()
    const text = await (await api.send('GET', '/docs', { key: null })).text()
    for (const [id, { path, summary }] of Object.entries(CONTRACT)) {
      expect(text).toContain(`<article id="${id}">`)
      expect(text).toContain(`/api/v1${path}</span>`)
      expect(text).toContain(summary.split(/[`']/)[0])
    }
    for (const member of ['name', 'spec', 'headersMode', 'digest', 'egress', 'scopes', 'since']) {
      expect(text).toContain(`<td><code>${member}</code></td>`)
    }
    // Narrow screens show the routes when asked to, wide ones always.
    expect(text).toMatch(/<nav aria-label="Routes" class="narrow">\s*<details>/)
    const home = await api.send('GET', '/', { key: null })
    expect([home.status, home.headers.get('location')]).toEqual([302, '/docs'])
  })
})

describe('operations', () => {
  it('health and readiness need no credential and tell nothing', async () => {
    const api = await openTestApi()
    expect(await (await api.send('GET', '/healthz', { key: null })).json()).toEqual({ status: 'ok' })
    expect(await (await api.send('GET', '/readyz', { key: null })).json()).toEqual({ status: 'ready' })
  })

  it('metrics are never open', async () => {
    const api = await openTestApi()
    const { key: user } = await api.newKey({})
    const { key: admin } = await api.newKey({ scopes: ['admin'] })
    const status = async (key: string | null): Promise<number> => (await api.send('GET', '/metrics', { key })).status
    expect([await status(null), await status('metrics-token-012345678X'), await status(user)]).toEqual([401, 401, 403])
    expect([await status('metrics-token-0123456789'), await status(admin)]).toEqual([200, 200])
    const problem = await api.send('GET', '/metrics', { key: null })
    expect(problem.headers.get('content-type')).toBe('application/problem+json')
  })
})
