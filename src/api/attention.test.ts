import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { recorded, sampleEvent } from '#audit/testing.ts'
import type { DeploymentStatus } from '#runtime/index.ts'
import { LIMITS } from '#std/index.ts'
import { temporaryFolder } from '#store/testing.ts'
import type { ResponseOf } from './contract.ts'
import { call, NOON_MS, openTestApi, PROGRAM, read, REMOTE, type TestApi } from './testing.ts'

type Item = ResponseOf<'listAttention'>['items'][number]
const DAY_MS = 24 * 3_600_000

const attention = async (api: TestApi): Promise<readonly Item[]> => (await call(api, 'listAttention', '/attention')).items

function has(api: TestApi, name: string, status: Partial<DeploymentStatus>): void {
  const healthy = {
    state: 'ready',
    era: null,
    isolation: null,
    pid: null,
    restarts: 0,
    toolCount: null,
    cause: null,
    remedy: null,
  } as const
  api.runtime.states.set(name, { name, sinceMs: NOON_MS - 5_000, denied: [], ...healthy, ...status })
}

async function addApproved(api: TestApi): Promise<void> {
  const { digest } = await call(api, 'createDeployment', '/deployments', PROGRAM)
  await call(api, 'approveDeployment', '/deployments/git/approve', { digest })
}

describe('attention', () => {
  it('is called to nothing where all is well', async () => {
    const api = await openTestApi()
    await addApproved(api)
    await call(api, 'createDeployment', '/deployments', REMOTE)
    has(api, 'git', {})
    has(api, 'docs', { state: 'starting' })
    expect(await attention(api)).toEqual([])
  })

  it('is called to what waits for approval, and no more once it is approved', async () => {
    const api = await openTestApi()
    const { digest } = await call(api, 'createDeployment', '/deployments', PROGRAM)
    has(api, 'git', { state: 'waiting-approval' })
    expect(await attention(api)).toEqual([
      {
        id: 'approval:git',
        severity: 'warning',
        kind: 'approval',
        title: 'git waits for approval',
        detail: expect.stringContaining('Nothing is started until') as string,
        remedy: 'sallyport deployment approve git',
        deployment: 'git',
        keyId: null,
        since: '2026-11-21T11:59:55.000Z',
      },
    ])
    await call(api, 'approveDeployment', '/deployments/git/approve', { digest })
    has(api, 'git', {})
    expect(await attention(api)).toEqual([])
  })

  it('is called to what fails, with its own cause and remedy, the worst first', async () => {
    const api = await openTestApi()
    await addApproved(api)
    await call(api, 'createDeployment', '/deployments', REMOTE)
    has(api, 'docs', { state: 'backoff', cause: 'It refused the connection.', remedy: 'Start it.' })
    has(api, 'git', { state: 'failed', cause: 'uvx is not installed.' })
    expect(await attention(api)).toMatchObject([
      { id: 'failure:git', severity: 'critical', detail: 'uvx is not installed.', remedy: 'sallyport deployment logs git' },
      { id: 'failure:docs', severity: 'warning', detail: 'It refused the connection.', remedy: 'Start it.', deployment: 'docs' },
    ])
  })

  it('is called to each thing that was refused, with the command that grants exactly that', async () => {
    const api = await openTestApi()
    await addApproved(api)
    await call(api, 'createDeployment', '/deployments', REMOTE)
    has(api, 'git', { denied: ['api.github.com:443', '/srv/notes', "/tmp/x'; rm -rf ~; '"] })
    has(api, 'docs', { denied: ['10.0.0.1:80'] })
    const items = await attention(api)
    expect(items.map(({ id, remedy }) => [id, remedy])).toEqual([
      ['denied:docs:10.0.0.1:80', 'If it is meant to be reached, the operator adds 10.0.0.1:80 to SALLYPORT_EGRESS_ALLOW.'],
      ['denied:git:/srv/notes', 'sallyport deployment grant git --file /srv/notes:ro'],
      ["denied:git:/tmp/x'; rm -rf ~; '", String.raw`sallyport deployment grant git --file '/tmp/x'\''; rm -rf ~; '\''':ro`],
      ['denied:git:api.github.com:443', 'sallyport deployment grant git --egress api.github.com:443'],
    ])
    expect(items.every(({ kind, severity }) => kind === 'denied' && severity === 'warning')).toBe(true)
  })

  it('is called to what is declared: inputs, warnings, an edit that was refused; to nobody of another tenant', async () => {
    const path = join(temporaryFolder(), 'sallyport.json')
    writeFileSync(
      path,
      JSON.stringify({
        inputs: [{ type: 'promptString', id: 'token', description: 'A token', password: true }],
        servers: {
          hosted: { url: 'https://a.example/mcp', headers: { Authorization: 'Bearer ${input:token}' } },
          local: { command: 'node', args: ['server.js'] },
          leaky: { url: 'https://b.example/mcp', headers: { Authorization: 'Bearer ghp_0123456789abcdefghijklmnopqrstuvwxyz' } },
        },
      }),
    )
    const api = await openTestApi(path)
    has(api, 'hosted', { state: 'needs-input' })
    has(api, 'local', { denied: ['api.github.com:443'] })
    const before = await attention(api)
    expect(before).toMatchObject([
      {
        id: 'denied:local:api.github.com:443',
        remedy: expect.stringMatching(
          /^If it needs that, add "api\.github\.com:443" to its egress at .*sallyport\.json:\d+:\d+\.$/,
        ) as string,
      },
      { id: 'input:hosted', kind: 'input', detail: 'The input token has no value (A token).', remedy: 'sallyport secret set input/token' },
      { kind: 'declared', severity: 'notice', title: expect.stringMatching(/sallyport\.json:\d+:\d+ may not mean/) as string },
    ])
    expect(JSON.stringify(before)).not.toContain('ghp_')
    api.deps.declared.error = () => 'sallyport.json:1:2: there is no end'
    const [broken, ...rest] = await attention(api)
    expect(broken).toMatchObject({ id: 'declared:error', severity: 'critical', detail: 'sallyport.json:1:2: there is no end' })
    expect(rest).toEqual(before)

    const { key } = await api.newKey({ scopes: ['admin'] }, 'other')
    expect(await read(await api.send('GET', '/api/v1/attention', { key }))).toEqual({ items: [] })
  })

  it('is called to the health of the server, also when the database is away', async () => {
    const api = await openTestApi()
    const { database: ok } = await api.deps.health()
    const health = (parts: Partial<Awaited<ReturnType<TestApi['deps']['health']>>>): void => {
      Object.assign(api.deps, { health: async () => ({ database: ok, spool: ok, chain: ok, snapshot: ok, shared: ok, ...parts }) })
    }
    health({ spool: { status: 'warning', detail: '99 bytes wait.' }, snapshot: { status: 'failed', detail: 'Last confirmed 400 s ago.' } })
    expect(await attention(api)).toMatchObject([
      { id: 'health:snapshot', severity: 'critical', detail: 'Last confirmed 400 s ago.' },
      { id: 'health:spool', severity: 'warning', detail: '99 bytes wait.' },
    ])
    health({ database: { status: 'failed', detail: 'PostgreSQL cannot be reached.' } })
    api.deps.identity.listKeys = () => Promise.reject(new Error('away'))
    api.deps.audit.deploymentTotals = () => Promise.reject(new Error('away'))
    expect(await attention(api)).toMatchObject([{ id: 'health:database', severity: 'critical', remedy: 'sallyport doctor' }])
  })

  it('is called to keys that expire soon and to keys with all rights that nobody uses', async () => {
    const api = await openTestApi()
    const { id: soon } = await api.newKey({ name: 'soon', expiresAtMs: NOON_MS + 97 * DAY_MS })
    await api.newKey({ name: 'later', expiresAtMs: NOON_MS + 97 * DAY_MS + 1 })
    const { id: idle } = await api.newKey({ name: 'idle', scopes: ['admin'] })
    const { id: busy } = await api.newKey({ name: 'busy', scopes: ['admin'] })
    const { id: gone } = await api.newKey({ name: 'gone', scopes: ['admin'], expiresAtMs: NOON_MS + 90 * DAY_MS + 1 })
    await api.newKey({ name: 'plain' })
    await api.newKey({ name: 'theirs', scopes: ['admin'] }, 'other')
    expect(await attention(api)).toEqual([])
    await api.identity.revokeKey('default', gone)
    api.clock.nowMs += 90 * DAY_MS
    await api.identity.touchKeys([{ id: busy, atMs: NOON_MS + 1 }])
    expect(await attention(api)).toMatchObject([{ id: `key-expiry:${soon}`, severity: 'warning', keyId: soon }])
    api.clock.nowMs += 1
    const [expiring, other, unused, ...rest] = await attention(api)
    expect([expiring, other].map((item) => item?.kind)).toEqual(['key-expiry', 'key-expiry'])
    expect(unused).toMatchObject({
      id: `key-unused:${idle}`,
      severity: 'notice',
      remedy: `sallyport key revoke ${idle}`,
      keyId: idle,
      since: '2026-11-21T12:00:00.000Z',
    })
    expect(rest).toEqual([])
  })

  it('is called to a deployment of which more than a fifth fails, and not to a few bad calls', async () => {
    const api = await openTestApi()
    const happened = async (count: number, changes: Parameters<typeof sampleEvent>[0]): Promise<void> => {
      for (let i = 0; i < count; i++) await recorded(api.deps.audit.recorder, sampleEvent({ atMs: NOON_MS - 60_000, ...changes }))
    }
    await happened(8, { deployment: 'edge' })
    await happened(2, { deployment: 'edge', outcome: 'tool-error' })
    await happened(9, { deployment: 'rare', outcome: 'upstream-failed' })
    await happened(9, { deployment: 'rare', verdict: 'deny', outcome: 'rate-limited' })
    await happened(20, { deployment: 'past', outcome: 'upstream-failed', atMs: NOON_MS - 16 * 60_000 })
    await happened(20, { deployment: 'foreign', outcome: 'upstream-failed', tenant: 'other' })
    expect(await attention(api)).toEqual([])
    await happened(1, { deployment: 'edge', outcome: 'upstream-timeout' })
    expect(await attention(api)).toMatchObject([
      {
        id: 'error-rate:edge',
        severity: 'warning',
        title: '27 % of the calls to edge go wrong',
        detail: '3 of 11 calls in the last 15 minutes failed, were late or were answered with an error.',
        remedy: 'sallyport activity list --deployment edge --since 15m',
        deployment: 'edge',
      },
    ])
  })

  it('is called to so many things at most, each with its own id and a text without shouting', async () => {
    const api = await openTestApi()
    for (const name of ['a', 'b', 'c']) {
      await call(api, 'createDeployment', '/deployments', { name, spec: REMOTE.spec })
      has(api, name, { denied: Array.from({ length: LIMITS.deniedPerInstanceMax }, (_, i) => `10.0.0.${i}:80`) })
    }
    has(api, 'c', { state: 'failed' })
    const items = await attention(api)
    expect(items).toHaveLength(LIMITS.attentionItemsMax)
    expect(items[0]).toMatchObject({ id: 'failure:c' })
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length)
    expect(JSON.stringify(items)).not.toContain('!')
    expect(await attention(api)).toEqual(items)
  })
})
