// Signing in as a browser does, against the real program with two data-plane processes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sendResult, startModernUpstream, textResult, tool } from '../fixtures/modern-upstream.ts'
import { type RawServer, type Sallyport, startSallyport } from './harness.ts'
import { modernRequest, post } from './wire.ts'

/** What the design promises: a right ends everywhere within a second. */
const ENDED_MS_MAX = 1_000
/** The operating system decides which process takes a connection: with so many, both get some. */
const CONNECTIONS = 24

interface Session {
  readonly cookie: string
  readonly proof: string
}

let upstream: RawServer
let sallyport: Sallyport
let folder: string
const logs: string[] = []
const secrets: string[] = []

beforeAll(async () => {
  upstream = await startModernUpstream(({ id }, response) => sendResult(response, id, textResult('done')), [tool('work')])
  folder = mkdtempSync(join(tmpdir(), 'sallyport-e2e-'))
  await start()
})
afterAll(async () => {
  await sallyport.stop()
  await upstream.close()
  rmSync(folder, { recursive: true, force: true })
})

async function start(): Promise<void> {
  const declared = { mcpServers: { echo: { url: upstream.url, sallyport: { access: 'tenant' } } } }
  const env = { SALLYPORT_LOG: 'trace' }
  sallyport = await startSallyport({ declared, env, args: ['--workers', '2'], dataDir: folder })
}

const cookieHeader = ({ cookie }: Pick<Session, 'cookie'>): string => `sallyport-session-${new URL(sallyport.url).port}=${cookie}`
const headersOf = (session: Session): Record<string, string> => ({ cookie: cookieHeader(session), 'sallyport-proof': session.proof })

async function newKey(name: string): Promise<{ key: string; id: string }> {
  const answer = await fetch(`${sallyport.url}/api/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sallyport.ownerKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, scopes: ['mcp:list', 'mcp:call'] }),
  })
  const made = (await answer.json()) as { key: string; id: string }
  secrets.push(made.key)
  return made
}

async function signIn(key: string): Promise<Session> {
  const answer = await fetch(`${sallyport.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: sallyport.url },
    body: JSON.stringify({ key }),
  })
  expect(answer.status).toBe(201)
  const { proof } = (await answer.json()) as { proof: string }
  const [, name, cookie = ''] = /^([^=]+)=([^;]+);/.exec(answer.headers.get('set-cookie')!)!
  expect(`${name!}=${cookie}`).toBe(cookieHeader({ cookie }))
  secrets.push(cookie, proof)
  return { cookie, proof }
}

/** One request on a connection of its own. */
const whoami = async (headers: Record<string, string>): Promise<number> =>
  (await fetch(`${sallyport.url}/api/v1/whoami`, { headers: { ...headers, connection: 'close' } })).status

async function callTool(headers: Record<string, string>, path = '/mcp/echo'): Promise<number> {
  const request = modernRequest('tools/call', { name: path === '/mcp' ? 'echo__work' : 'work', arguments: {} })
  const all = { ...request.headers, ...headers, connection: 'close' }
  return (await post(`${sallyport.url}${path}`, JSON.stringify(request.message), { headers: all })).status
}

/** The statuses that many connections get, at both planes. */
async function everywhere(headers: Record<string, string>): Promise<Set<number>> {
  const asked = Array.from({ length: CONNECTIONS }, (_, index) => (index % 2 === 0 ? whoami(headers) : callTool(headers)))
  return new Set(await Promise.all(asked))
}

const ends = (headers: Record<string, string>): Promise<void> =>
  vi.waitFor(async () => expect(await everywhere(headers)).toEqual(new Set([401])), { timeout: ENDED_MS_MAX, interval: 20 })

describe('a session of the console', () => {
  it('opens both planes at every process, with both halves and from our own pages only', async () => {
    const session = await signIn((await newKey('both planes')).key)
    const headers = headersOf(session)
    await vi.waitFor(async () => expect(await everywhere(headers)).toEqual(new Set([200])), { timeout: ENDED_MS_MAX })
    expect(await callTool(headers, '/mcp')).toBe(200)
    const { cookie, ...proofAlone } = headers
    for (const half of [{ cookie: cookie! }, proofAlone]) expect(await everywhere(half)).toEqual(new Set([401]))
    expect(await everywhere({ ...headers, origin: 'http://127.0.0.1:1' })).toEqual(new Set([403]))
    expect(await everywhere({ ...headers, authorization: 'Bearer sp_wrong' })).toEqual(new Set([401]))
  })

  it('stays here: no half of it reaches a server', async () => {
    const session = await signIn((await newKey('upstream')).key)
    const before = upstream.seen.length
    expect(await callTool(headersOf(session))).toBe(200)
    const seen = JSON.stringify(upstream.seen.slice(before).map(({ rawHeaders, body }) => [rawHeaders, body.toString()]))
    expect(seen).toContain('tools/call')
    for (const half of [session.cookie, session.proof]) expect(seen).not.toContain(half.slice(4))
    expect(seen.toLowerCase()).not.toMatch(/cookie|sallyport-proof|"authorization"/)
  })

  it('ends within a second at every process when its key is revoked', async () => {
    const { key, id } = await newKey('revoked')
    const headers = headersOf(await signIn(key))
    await vi.waitFor(async () => expect(await everywhere(headers)).toEqual(new Set([200])), { timeout: ENDED_MS_MAX })
    const revoked = await fetch(`${sallyport.url}/api/v1/keys/${id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${sallyport.ownerKey}` },
    })
    expect(revoked.status).toBe(204)
    await ends(headers)
  })

  it('ends within a second at every process when its owner signs out, and the key goes on', async () => {
    const { key } = await newKey('signed out')
    const headers = headersOf(await signIn(key))
    const signedOut = await fetch(`${sallyport.url}/api/v1/session`, { method: 'DELETE', headers })
    expect([signedOut.status, signedOut.headers.get('set-cookie')]).toEqual([204, expect.stringMatching(/Max-Age=0/)])
    await ends(headers)
    expect(await everywhere({ authorization: `Bearer ${key}` })).toEqual(new Set([200]))
  })

  it('outlives a restart, but not the exchange of the owner key that it was made with', async () => {
    const ofKey = await signIn((await newKey('restart')).key)
    const ofOwner = await signIn(sallyport.ownerKey)
    expect(await whoami(headersOf(ofOwner))).toBe(200)
    await sallyport.stop()
    logs.push(sallyport.logs)
    const before = sallyport.ownerKey
    await start()
    expect(sallyport.ownerKey).not.toBe(before)
    expect(await everywhere(headersOf(ofKey))).toEqual(new Set([200]))
    expect(await everywhere(headersOf(ofOwner))).toEqual(new Set([401]))
  })

  it('shows in no log', () => {
    const shown = [...logs, sallyport.logs].join('\n')
    expect(shown.length).toBeGreaterThan(0)
    expect(secrets.length).toBeGreaterThan(10)
    for (const secret of secrets) expect(shown).not.toContain(secret.slice(4))
  })
})
