import { describe, expect, it } from 'vitest'
import type { ProfileRecord } from '#profile/index.ts'
import { LIMITS } from '#std/index.ts'
import { assertWritable } from './records.ts'
import { call, CANARY, openTestApi, PROGRAM, read, refusal, REMOTE } from './testing.ts'

describe('profiles and keys', () => {
  it('name what exists, or learn what they may have meant', async () => {
    const api = await openTestApi()
    await call(api, 'createDeployment', '/deployments', REMOTE)
    expect(await refusal(api, 'POST', '/profiles', { name: 'dev', servers: ['doc'] })).toMatchObject({
      detail: 'There is no deployment "doc". Did you mean "docs"?',
    })
    expect(await refusal(api, 'POST', '/keys', { name: 'k', endpoints: ['doc'] })).toMatchObject({
      detail: 'There is no deployment or profile "doc". Did you mean "docs"?',
    })
    const created = await call(api, 'createProfile', '/profiles', { name: 'Dev', servers: ['docs'], tools: { exclude: ['docs__x'] } })
    expect(created).toMatchObject({ name: 'dev', title: 'Dev', servers: ['docs'], tools: { exclude: ['docs__x'], include: [] } })
    expect(await call(api, 'updateProfile', '/profiles/dev', { servers: [] })).toMatchObject({ servers: [] })
  })

  it.each(['deployment', 'profile'] as const)('a removed %s takes its name out of the keys that were restricted to it', async (kind) => {
    const api = await openTestApi()
    await call(api, 'createDeployment', '/deployments', REMOTE)
    const create = (): Promise<unknown> =>
      kind === 'profile'
        ? call(api, 'createProfile', '/profiles', { name: 'dev', servers: ['docs'] })
        : call(api, 'createDeployment', '/deployments', { ...REMOTE, name: 'dev' })
    await create()
    const both = await call(api, 'createKey', '/keys', { name: 'both', endpoints: ['docs', 'dev'] })
    const only = await call(api, 'createKey', '/keys', { name: 'only', endpoints: ['dev'] })
    const free = await call(api, 'createKey', '/keys', { name: 'free' })
    const foreign = await api.newKey({ name: 'foreign', endpoints: ['dev'] }, 'other')
    const removed =
      kind === 'profile' ? await call(api, 'deleteProfile', '/profiles/dev') : await call(api, 'deleteDeployment', '/deployments/dev')
    expect(removed.keys).toEqual([
      { id: both.id, name: 'both', isRevoked: false },
      { id: only.id, name: 'only', isRevoked: true },
    ])
    expect((await api.recorded()).slice(-3)).toMatchObject([
      { method: 'key.update', target: both.id },
      { method: 'key.delete', target: only.id },
      { method: `${kind}.delete`, target: 'dev' },
    ])
    // The same name again is something else: nobody may use it by the old grant.
    await create()
    const { items } = await call(api, 'listKeys', '/keys')
    expect(items.map(({ id, endpoints, revokedAt }) => [id, endpoints, revokedAt !== null])).toEqual([
      [free.id, null, false],
      [only.id, ['dev'], true],
      [both.id, ['docs'], false],
    ])
    expect((await api.send('GET', '/api/v1/whoami', { key: only.key })).status).toBe(401)
    expect(await read(await api.send('GET', '/api/v1/whoami', { key: both.key }))).toMatchObject({ endpoints: ['docs'] })
    expect((await api.send('GET', '/api/v1/whoami', { key: foreign.key })).status).toBe(200)
  })

  it.each(['deployment', 'profile'] as const)(
    'a new %s is not granted to keys that were made for another thing of its name',
    async (kind) => {
      const api = await openTestApi()
      await call(api, 'createDeployment', '/deployments', REMOTE)
      // As after an edit of the declared file, or a removal at the moment at which the key was made.
      const both = await api.newKey({ name: 'both', endpoints: ['docs', 'dev'] })
      const only = await api.newKey({ name: 'only', endpoints: ['dev'] })
      if (kind === 'profile') await call(api, 'createProfile', '/profiles', { name: 'dev', servers: ['docs'] })
      else await call(api, 'createDeployment', '/deployments', { ...REMOTE, name: 'dev' })
      expect((await api.recorded()).slice(-3)).toMatchObject([
        { method: 'key.update', target: both.id },
        { method: 'key.delete', target: only.id },
        { method: `${kind}.create`, target: 'dev' },
      ])
      expect((await api.send('GET', '/api/v1/whoami', { key: only.key })).status).toBe(401)
      expect(await read(await api.send('GET', '/api/v1/whoami', { key: both.key }))).toMatchObject({ endpoints: ['docs'] })
    },
  )

  it('show a key once and never again', async () => {
    const api = await openTestApi()
    const { key, id } = await call(api, 'createKey', '/keys', { name: 'laptop', expiresAt: '2027-01-01T00:00:00Z' })
    expect(key).toMatch(/^sp_[\w-]{43}$/)
    expect(await call(api, 'listKeys', '/keys')).toMatchObject({
      items: [{ id, name: 'laptop', expiresAt: '2027-01-01T00:00:00.000Z', revokedAt: null }],
    })
    expect(JSON.stringify(await call(api, 'listKeys', '/keys'))).not.toContain(key)
    expect(await refusal(api, 'DELETE', '/keys/key_unknown')).toMatchObject({ status: 404 })
  })
})

describe('the audit trail', () => {
  it('holds every change and every refusal, and a change that cannot be recorded is not made', async () => {
    const api = await openTestApi()
    await call(api, 'createDeployment', '/deployments', REMOTE)
    await refusal(api, 'POST', '/deployments', REMOTE)
    await api.send('GET', '/api/v1/keys', { key: null })
    expect(await api.recorded()).toMatchObject([
      { method: 'deployment.create', target: 'docs', verdict: 'allow', outcome: 'ok', actorId: 'key_settings' },
      { method: 'deployment.create', verdict: 'deny', outcome: 'conflict' },
      { method: 'keys.list', verdict: 'deny', outcome: 'unauthenticated', actorId: 'anonymous' },
    ])
    const events = await call(api, 'listActivity', '/activity?kind=admin&verdict=allow&limit=1')
    expect(await call(api, 'getActivity', `/activity/${events.items[0]!.id}`)).toMatchObject({ method: 'deployment.create', sequence: 1 })
    expect(await call(api, 'verifyAudit', '/audit/verify')).toMatchObject({ isIntact: true, findings: [] })
    expect(await refusal(api, 'GET', '/activity/evt_unknown')).toMatchObject({ status: 404 })

    api.breakSpool()
    expect(await refusal(api, 'DELETE', '/deployments/docs')).toMatchObject({ status: 503, type: 'audit-unavailable' })
    expect((await call(api, 'getDeployment', '/deployments/docs')).name).toBe('docs')
  })

  it('is followed live, and the stream ends when its key is revoked', async () => {
    const api = await openTestApi()
    const { key, id } = await api.newKey({ scopes: ['admin'] })
    const answer = await api.send('GET', '/api/v1/activity/stream?verdict=allow', { key, headers: { accept: 'text/event-stream' } })
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    const chunks = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
    await call(api, 'createDeployment', '/deployments', REMOTE)
    await api.recorded()
    let text = ''
    while (!text.includes('deployment.create')) text += (await chunks.read()).value ?? ''
    expect(text).toMatch(/^:\n\nevent: activity\nid: evt_\w+\ndata: \{/)
    await call(api, 'deleteKey', `/keys/${id}`)
    while (!(await chunks.read()).done) continue
    expect(await refusal(api, 'GET', '/activity/stream')).toMatchObject({ type: 'not-acceptable' })
  })
})

describe('logs', () => {
  it('are answered as they are, or followed', async () => {
    const api = await openTestApi()
    await call(api, 'createDeployment', '/deployments', PROGRAM)
    api.runtime.log('git', 'one')
    expect(await call(api, 'listDeploymentLogs', '/deployments/git/logs')).toMatchObject({ items: [{ text: 'one' }] })
    const answer = await api.send('GET', '/api/v1/deployments/git/logs?follow=true', { headers: { accept: 'text/event-stream' } })
    const chunks = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
    api.runtime.log('other', 'not ours')
    api.runtime.log('git', 'two')
    let text = ''
    while (!text.includes('two')) text += (await chunks.read()).value ?? ''
    expect(text).toContain('event: log\ndata: {"at":"2026-11-21T12:00:00.000Z","text":"one"}\n\n')
    expect(text).not.toContain('not ours')
    await chunks.cancel()
    expect(await call(api, 'listDeploymentTools', '/deployments/git/tools')).toMatchObject({ items: [{ name: 'echo' }] })
  })
})

describe('R29: a secret', () => {
  it('is in no answer, no log and no audit event', async () => {
    const api = await openTestApi()
    const answers: string[] = []
    const send = async (method: string, path: string, body?: unknown): Promise<void> => {
      const answer = await api.send(method, `/api/v1${path}`, body === undefined ? {} : { body })
      answers.push(await answer.text(), JSON.stringify([...answer.headers]))
    }
    await send('POST', '/deployments', REMOTE)
    await send('POST', '/deployments', REMOTE)
    await send('POST', '/deployments', PROGRAM)
    await send('POST', '/deployments', { name: 'q', spec: { kind: 'remote', url: `https://a.example/mcp?key=${CANARY}` } })
    await send('POST', '/deployments', {
      name: 'bad',
      spec: { kind: 'remote', url: 'https://a.example/', headers: { 'X-A': `${CANARY}\n` } },
    })
    await send('POST', '/deployments', { name: 'bad', spec: { kind: 'remote', url: `ftp://${CANARY}/`, headers: { 'X-A': 1 } } })
    await send('POST', '/deployments', `{"name":"bad","value":"${CANARY}`)
    await send('PUT', '/secrets/token', { value: CANARY })
    await send('PUT', '/secrets/token', { value: CANARY.repeat(LIMITS.secretBytesMax) })
    await send('PUT', '/secrets/token', { valeu: CANARY })
    await send('PUT', '/secrets/token', [CANARY])
    for (const path of [
      '/deployments',
      '/deployments/docs',
      '/deployments/git',
      '/deployments/q',
      '/secrets',
      '/settings',
      '/overview',
      '/activity?limit=500',
    ])
      await send('GET', path)
    api.deps.vault.put = () => Promise.reject(new Error('the disk is full'))
    await send('PUT', '/secrets/token', { value: CANARY })
    expect(answers.join('\n')).toContain('deployment/docs/header/authorization')
    expect(answers.join('\n')).not.toContain(CANARY)
    expect(answers.join('\n')).not.toContain('the disk is full')
    expect(api.logged.join('\n')).toContain('the disk is full')
    expect(api.logged.join('\n')).not.toContain(CANARY)
    expect(JSON.stringify(api.deps.snapshots.current().deployments.filter(({ name }) => name === 'docs'))).not.toContain(CANARY)
  })
})

describe('input', () => {
  it.each([
    ['no JSON', '{"name":', {}, 400, 'malformed-json'],
    ['a member given twice', '{"name":"a","name":"b"}', {}, 400, 'malformed-json'],
    ['__proto__', '{"name":"a","__proto__":{}}', {}, 400, 'malformed-json'],
    ['nesting without end', `${'['.repeat(500)}${']'.repeat(500)}`, {}, 400, 'malformed-json'],
    ['another type', '{}', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
    ['a compressed body', '{}', { 'content-encoding': 'gzip' }, 415, 'unsupported-media-type'],
    ['a body too large', ' '.repeat(LIMITS.apiBodyBytesMax + 1), {}, 413, 'body-too-large'],
  ])('refuses %s', async (_, body, headers, status, type) => {
    const api = await openTestApi()
    const answer = await api.send('POST', '/api/v1/keys', { body, headers })
    expect([answer.status, await read(answer)]).toMatchObject([status, { type: `https://sallyport.dev/problems/${type}` }])
  })

  it('names what does not fit, with the nearest known name', async () => {
    const api = await openTestApi()
    expect(await refusal(api, 'POST', '/keys', { name: 7, scope: ['mcp:list'], scopes: ['mcp:cal'] })).toMatchObject({
      type: 'invalid-input',
      errors: [
        { in: 'body', path: 'name', message: 'expected a text, found a number' },
        { in: 'body', path: 'scopes.0', message: expect.stringContaining('found "mcp:cal"') as unknown },
        { in: 'body', path: 'scope', message: expect.stringContaining('Did you mean "scopes"?') as unknown },
      ],
    })
    expect(await refusal(api, 'GET', '/keys?limt=2')).toMatchObject({ errors: [{ in: 'query', path: 'limt' }] })
    expect(await refusal(api, 'GET', '/whoami?x=1')).toMatchObject({ type: 'invalid-input' })
    expect(await refusal(api, 'GET', '/keys?limit=2&limit=3')).toMatchObject({ type: 'invalid-input' })
  })

  it('is answered with a problem at addresses and methods that are not there', async () => {
    const api = await openTestApi()
    expect(await refusal(api, 'GET', '/nothing')).toMatchObject({ status: 404 })
    const answer = await api.send('DELETE', '/api/v1/whoami')
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET'])
  })
})

describe('remedies', () => {
  it.each([
    ['/deployments/nope', 'sallyport deployment list'],
    ['/profiles/nope', 'sallyport profile list'],
    ['/activity/evt_nope', 'sallyport activity list'],
  ])('for what %s does not find name a command that there is', async (path, remedy) => {
    const api = await openTestApi()
    expect(await refusal(api, 'GET', path)).toMatchObject({ status: 404, remedy })
  })

  it('for what comes with Sallyport say how to have one of your own', () => {
    const starter = { name: 'starter', origin: { kind: 'starter' }, servers: ['everything', 'clock'] } as unknown as ProfileRecord
    expect(() => assertWritable(starter)).toThrow(
      expect.objectContaining({
        message: 'starter comes with Sallyport: it is there while no file is declared, and stays as it is.',
        remedy: 'Make one of your own: sallyport profile create NAME everything clock',
      }),
    )
  })
})

describe('the server', () => {
  it('says who asks, how it is and how it is set up', async () => {
    const api = await openTestApi()
    expect(await call(api, 'whoami', '/whoami')).toMatchObject({ kind: 'owner', tenant: 'default', expiresAt: null })
    await call(api, 'createDeployment', '/deployments', PROGRAM)
    expect(await call(api, 'getOverview', '/overview')).toMatchObject({
      counts: { deployments: 1, ready: 0, waitingApproval: 1, profiles: 0, keys: 1 },
    })
    const { items } = await call(api, 'listSettings', '/settings')
    expect(items.map(({ name, value }) => [name, value])).toEqual([
      ['port', 7255],
      ['ownerKey', null],
    ])
  })

  it('hides what looks like a secret in a command, and nothing else of what is approved', async () => {
    const api = await openTestApi()
    const spec = {
      kind: 'process',
      command: 'npx',
      args: ['-y', 'pkg', '--api-key', 'abc', '--token=abc', 'KEY=abc', '--verbose', 'plain', 'ghp_abc'],
    }
    const { spec: shown } = await call(api, 'createDeployment', '/deployments', { name: 'x', spec })
    expect(shown.kind === 'process' && shown.args).toEqual(['-y', 'pkg', '--api-key', '…', '--token=…', 'KEY=…', '--verbose', 'plain', '…'])
  })
})
