import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DEFAULT_TENANT } from '#identity/index.ts'
import { temporaryFolder } from '#store/testing.ts'
import { call, CANARY, openTestApi, PROGRAM, refusal, REMOTE } from './testing.ts'

describe('deployments', () => {
  it('R24: a process waits until exactly its specification is approved, and again after every change of it', async () => {
    const api = await openTestApi()
    const created = await call(api, 'createDeployment', '/deployments', PROGRAM)
    expect(created.isApproved).toBe(false)
    expect(await refusal(api, 'POST', '/deployments/git/restart')).toMatchObject({ type: 'approval-needed' })
    expect(await refusal(api, 'POST', '/deployments/git/approve', { digest: '0'.repeat(64) })).toMatchObject({ status: 409 })

    expect((await call(api, 'approveDeployment', '/deployments/git/approve', { digest: created.digest })).isApproved).toBe(true)
    await call(api, 'restartDeployment', '/deployments/git/restart')
    expect(api.runtime.restarted).toEqual(['git'])

    const renamed = await call(api, 'updateDeployment', '/deployments/git', { title: 'Git', access: 'tenant' })
    expect(renamed).toMatchObject({ title: 'Git', access: 'tenant', isApproved: true })
    const path = temporaryFolder()
    const granted = await call(api, 'grantDeployment', '/deployments/git/grants', {
      egress: ['api.github.com:443'],
      files: [{ path, mode: 'ro' }],
    })
    expect(granted).toMatchObject({ isApproved: false, spec: { egress: ['api.github.com:443'], files: [{ path, mode: 'ro' }] } })
    expect(granted.digest).not.toBe(created.digest)
    expect(await refusal(api, 'POST', '/deployments/git/approve', { digest: created.digest })).toMatchObject({ status: 409 })
    const widened = await call(api, 'grantDeployment', '/deployments/git/grants', { files: [{ path, mode: 'rw' }] })
    expect(widened.spec).toMatchObject({ egress: ['api.github.com:443'], files: [{ path, mode: 'rw' }] })
  })

  it('takes a grant away again, approval included, and refuses to take what was never given', async () => {
    const api = await openTestApi()
    const created = await call(api, 'createDeployment', '/deployments', PROGRAM)
    await call(api, 'approveDeployment', '/deployments/git/approve', { digest: created.digest })
    const files = [{ path: temporaryFolder(), mode: 'rw' }]
    const granted = await call(api, 'grantDeployment', '/deployments/git/grants', { egress: ['api.github.com:443'], files })
    await call(api, 'approveDeployment', '/deployments/git/approve', { digest: granted.digest })

    expect(await refusal(api, 'POST', '/deployments/git/grants', { egress: ['api.github.com:80'], files, revoke: true })).toMatchObject({
      status: 422,
      detail: 'git has no grant for "api.github.com:80".',
      remedy: 'sallyport deployment show git',
    })
    expect(await call(api, 'getDeployment', '/deployments/git')).toEqual({ ...granted, isApproved: true })

    const narrowed = await call(api, 'grantDeployment', '/deployments/git/grants', {
      egress: ['api.github.com:443'],
      files: [{ ...files[0], mode: 'ro' }],
      revoke: true,
    })
    expect(narrowed).toMatchObject({ isApproved: false, spec: { egress: [], files: [] } })
  })

  it('grants no path that this machine does not have, and leaves the approved deployment as it is', async () => {
    const api = await openTestApi()
    const created = await call(api, 'createDeployment', '/deployments', PROGRAM)
    const approved = await call(api, 'approveDeployment', '/deployments/git/approve', { digest: created.digest })
    const path = join(temporaryFolder(), 'nope')
    expect(await refusal(api, 'POST', '/deployments/git/grants', { files: [{ path, mode: 'ro' }] })).toMatchObject({
      status: 422,
      detail: `There is no file or folder ${JSON.stringify(path)} on the machine of the server.`,
      remedy: 'Create it first, or grant another path.',
    })
    expect(await call(api, 'getDeployment', '/deployments/git')).toEqual(approved)
  })

  it('moves literal values into the vault, keeps references, and forgets what nothing refers to', async () => {
    const api = await openTestApi()
    await call(api, 'createDeployment', '/deployments', REMOTE)
    expect(await api.vault.get(DEFAULT_TENANT, 'deployment/docs/header/authorization')).toBe(`Bearer ${CANARY}`)
    const { deployments } = api.deps.snapshots.current()
    expect(deployments[0]!.spec).toMatchObject({ headers: { Authorization: { secret: 'deployment/docs/header/authorization' } } })
    expect(JSON.stringify(deployments)).not.toContain(CANARY)

    expect(
      await refusal(api, 'PATCH', '/deployments/docs', { spec: { ...REMOTE.spec, headers: { Authorization: 'vault:docs-token' } } }),
    ).toMatchObject({
      status: 422,
      remedy: 'sallyport secret set docs-token',
    })
    await call(api, 'putSecret', '/secrets/docs-token', { value: 'Bearer other' })
    const changed = await call(api, 'updateDeployment', '/deployments/docs', {
      spec: { ...REMOTE.spec, headers: { Authorization: 'vault:docs-token' } },
    })
    expect(changed).toMatchObject({ isApproved: true, spec: { headers: { Authorization: { secret: 'docs-token' } } } })
    expect((await call(api, 'listSecrets', '/secrets')).items).toMatchObject([{ name: 'docs-token', usedBy: ['docs'] }])
    expect(await refusal(api, 'DELETE', '/secrets/docs-token')).toMatchObject({ type: 'conflict' })

    await call(api, 'deleteDeployment', '/deployments/docs')
    await call(api, 'deleteSecret', '/secrets/docs-token')
    expect((await call(api, 'listSecrets', '/secrets')).items).toEqual([])
  })

  it('takes no name that exists, and leaves the secrets of who has it alone', async () => {
    const api = await openTestApi()
    await call(api, 'createDeployment', '/deployments', REMOTE)
    const answer = await refusal(api, 'POST', '/deployments', {
      ...REMOTE,
      name: 'DOCS',
      spec: { ...REMOTE.spec, headers: { Authorization: 'stolen' } },
    })
    expect(answer).toMatchObject({ type: 'conflict' })
    expect(await api.vault.get(DEFAULT_TENANT, 'deployment/docs/header/authorization')).toBe(`Bearer ${CANARY}`)
  })

  it('R11: refuses private destinations unless the operator allowed them', async () => {
    const api = await openTestApi()
    for (const url of [
      'http://127.0.0.1:8080/mcp',
      'http://169.254.169.254/latest',
      'http://[::1]/',
      'http://2130706433/',
      'http://db.internal/mcp',
    ]) {
      expect([url, await refusal(api, 'POST', '/deployments', { ...REMOTE, spec: { kind: 'remote', url } })]).toMatchObject([
        url,
        { type: 'egress-denied' },
      ])
    }
    await call(api, 'createDeployment', '/deployments', {
      name: 'inside',
      spec: { kind: 'remote', url: 'https://tools.internal:8443/mcp' },
    })
    await call(api, 'createDeployment', '/deployments', PROGRAM)
    expect(await refusal(api, 'POST', '/deployments/git/grants', { egress: ['db.internal:5432'] })).toMatchObject({ type: 'egress-denied' })
  })

  it.each([
    ['a reference to the environment of the server', { url: 'https://a.example/', headers: { Authorization: 'env:HOME' } }],
    ['a reference to a file of the server', { url: 'https://a.example/', headers: { Authorization: 'file:/etc/passwd' } }],
    ['a placeholder that was not filled', { url: 'https://a.example/', headers: { Authorization: 'Bearer ${input:token}' } }],
    ['a header that the transport sets', { url: 'https://a.example/', headers: { 'Mcp-Session-Id': 'x' } }],
    ['a header on two lines', { url: 'https://a.example/', headers: { 'X-A': 'a\r\nX-B: b' } }],
    ['a header given twice', { url: 'https://a.example/', headers: { 'X-A': 'a', 'x-a': 'b' } }],
    ['a user in the address', { url: 'https://ada:pw@a.example/', headers: {} }],
    ['another scheme', { url: 'file:///etc/passwd', headers: {} }],
  ])('refuses %s', async (_, spec) => {
    const api = await openTestApi()
    expect(await refusal(api, 'POST', '/deployments', { name: 'x', spec: { kind: 'remote', ...spec } })).toMatchObject({
      type: 'invalid-input',
    })
    expect(await call(api, 'listDeployments', '/deployments')).toMatchObject({ items: [] })
    expect(await api.vault.list(DEFAULT_TENANT)).toEqual([])
  })

  it.each([
    ['a NUL character in an argument', { command: 'sh', args: ['a\0b'] }, 'An argument holds a NUL character.'],
    ['a NUL character in the working folder', { command: 'sh', cwd: '/srv\0' }, 'The working folder holds a NUL character.'],
    ['a NUL character in a variable', { command: 'sh', env: { A: 'a\0' } }, 'The value of A holds a NUL character.'],
    ['npx with something else than a package', { command: 'npx', args: ['git+https://a.example/x'] }, 'is not a package of a registry.'],
    ['an option of uvx that reaches elsewhere', { command: 'uvx', args: ['--index', 'https://a.example'] }, 'is not supported here.'],
  ])('refuses %s when it is created or changed', async (_, spec, why) => {
    const api = await openTestApi()
    const body = { spec: { kind: 'process', ...spec } }
    const refused = { status: 422, type: 'invalid-input', detail: expect.stringContaining(why) as string }
    expect(await refusal(api, 'POST', '/deployments', { name: 'x', ...body })).toMatchObject(refused)
    await call(api, 'createDeployment', '/deployments', PROGRAM)
    expect(await refusal(api, 'PATCH', '/deployments/git', body)).toMatchObject(refused)
    expect((await call(api, 'listDeployments', '/deployments')).items.map(({ name }) => name)).toEqual(['git'])
  })

  it('R8: reads pasted text without storing or starting anything', async () => {
    const api = await openTestApi()
    const text = JSON.stringify({
      mcpServers: { Docs: { url: 'https://mcp.example.com/mcp', headers: { Authorization: 'env:DOCS_TOKEN' } } },
    })
    const { proposals } = await call(api, 'parseDeployments', '/deployments/parse', { text })
    expect(proposals).toMatchObject([
      {
        definition: { name: 'docs', title: 'Docs', spec: { headers: { Authorization: '${input:DOCS_TOKEN}' } } },
        inputs: [{ id: 'DOCS_TOKEN', isSecret: true }],
      },
    ])
    expect(await call(api, 'listDeployments', '/deployments')).toEqual({ items: [], nextCursor: null })
    expect(await api.recorded()).toEqual([])
  })

  it('are not removed under a profile that offers them', async () => {
    const api = await openTestApi()
    await call(api, 'createDeployment', '/deployments', REMOTE)
    await call(api, 'createProfile', '/profiles', { name: 'dev', servers: ['docs'] })
    expect(await refusal(api, 'DELETE', '/deployments/docs')).toMatchObject({ type: 'conflict', detail: 'docs is offered by dev.' })
    await call(api, 'deleteProfile', '/profiles/dev')
    await call(api, 'deleteDeployment', '/deployments/docs')
  })

  it('are listed in pages', async () => {
    const api = await openTestApi()
    for (const name of ['c', 'a', 'b']) await call(api, 'createDeployment', '/deployments', { ...REMOTE, name })
    const first = await call(api, 'listDeployments', '/deployments?limit=2')
    expect(first.items.map(({ name }) => name)).toEqual(['a', 'b'])
    const second = await call(api, 'listDeployments', `/deployments?limit=2&cursor=${first.nextCursor}`)
    expect([second.items.map(({ name }) => name), second.nextCursor]).toEqual([['c'], null])
    expect(await refusal(api, 'GET', '/deployments?cursor=nonsense!')).toMatchObject({ type: 'invalid-input' })
  })
})

describe('what is declared', () => {
  it('is shown with its place and changed nowhere but there', async () => {
    const path = join(temporaryFolder(), 'sallyport.json')
    writeFileSync(
      path,
      '{\n  "mcpServers": {\n    "docs": { "url": "http://127.0.0.1:1/mcp" }\n  },\n  "profiles": { "dev": { "servers": ["docs"] } }\n}',
    )
    const api = await openTestApi(path)
    const shown = await call(api, 'getDeployment', '/deployments/docs')
    expect(shown.origin).toEqual({ kind: 'declared', place: 'sallyport.json:3:5' })
    const spec = REMOTE.spec
    const attempts: [string, string, unknown?][] = [
      ['PATCH', '/deployments/docs', { spec }],
      ['DELETE', '/deployments/docs'],
      ['POST', '/deployments/docs/approve', { digest: shown.digest }],
      ['POST', '/deployments/docs/grants', { egress: [] }],
      ['PATCH', '/profiles/dev', { servers: [] }],
      ['DELETE', '/profiles/dev'],
    ]
    for (const [method, route, body] of attempts) {
      const place = route.startsWith('/deployments') ? 'sallyport.json:3:5' : 'sallyport.json:5:17'
      expect([route, await refusal(api, method, route, body)]).toMatchObject([route, { status: 409, type: 'declared-read-only', place }])
    }
    expect(await refusal(api, 'POST', '/deployments', REMOTE)).toMatchObject({ type: 'conflict' })
    expect(await call(api, 'getDeployment', '/deployments/docs')).toEqual(shown)
  })

  it('waits for its inputs, and has them as soon as they are set', async () => {
    const path = join(temporaryFolder(), 'sallyport.json')
    writeFileSync(
      path,
      JSON.stringify({
        inputs: [{ type: 'promptString', id: 'token', description: 'Token of the docs', password: true }],
        servers: { docs: { url: 'https://a.example/mcp', headers: { Authorization: 'Bearer ${input:token}' } } },
      }),
    )
    const api = await openTestApi(path)
    api.runtime.states.set('docs', {
      name: 'docs',
      state: 'failed',
      era: null,
      isolation: 'remote',
      pid: null,
      restarts: 0,
      sinceMs: 0,
      toolCount: null,
      cause: null,
      remedy: null,
      denied: [],
      installed: { package: 'demo', version: '1.2.3', integrity: 'ab' },
    })
    expect((await call(api, 'getDeployment', '/deployments/docs')).status).toMatchObject({
      state: 'needs-input',
      cause: 'The input token has no value (Token of the docs).',
      remedy: 'sallyport secret set input/token',
    })
    await call(api, 'putSecret', '/secrets/input%2Ftoken', { value: CANARY })
    const after = await call(api, 'getDeployment', '/deployments/docs')
    expect(after).toMatchObject({
      status: { state: 'failed' },
      spec: { headers: { Authorization: { secret: 'declared/docs/header/authorization' } } },
    })
  })
})
