import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ResponseOf } from '#api/contract.ts'
import { SETTINGS } from '#config.ts'
import { COMMANDS } from './commands.ts'
import { COMPLETIONS } from './completion.ts'
import { parseEvents } from './http-client.ts'
import { keyring, NOW_MS, ok, overview, page, problem, run, startServer, temporaryFolder } from './testing.ts'

const whoami = {
  id: 'key_1',
  kind: 'key' as const,
  name: 'ada\u001B[2J',
  tenant: 'default',
  scopes: ['mcp:list' as const],
  endpoints: ['dev'],
  tools: null,
  expiresAt: null,
  session: null,
}
const loginFile = (home: string): string => join(home, '.config/sallyport/login.json')

describe('login', () => {
  it('checks the key, stores it privately, and later commands use it', async () => {
    await using server = await startServer({ whoami: () => ok(whoami) })
    const home = temporaryFolder()
    const { exit, stdout, stderr } = await run(['login', server.url, '--token-file', '-'], { home, stdin: 'sp_given\n' })
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: '' })
    expect(stderr).not.toContain('sp_given')
    expect(stderr).not.toContain('\u001B')
    expect(statSync(loginFile(home)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(loginFile(home), 'utf8'))).toEqual({ url: server.url, key: 'sp_given' })
    const shown = await run(['whoami'], { home })
    expect(shown.stdout).toContain('name        ada␛[2J')
    expect(shown.stdout).toContain('credential  login')
    expect(server.calls.map(({ authorization }) => authorization)).toEqual(['Bearer sp_given', 'Bearer sp_given'])
    expect((await run(['logout'], { home })).exit).toBe(0)
    expect((await run(['logout'], { home })).exit).toBe(1)
  })

  it('stores nothing that the server does not accept, and no text that is no key', async () => {
    await using server = await startServer({ whoami: () => problem(401, 'A valid credential is needed', 'no') })
    const home = temporaryFolder()
    expect((await run(['login', server.url, '--token-file', '-'], { home, stdin: 'sp_wrong' })).exit).toBe(1)
    expect((await run(['login', server.url, '--token-file', '-'], { home, stdin: 'two\nlines' })).exit).toBe(1)
    expect(() => statSync(loginFile(home))).toThrow('ENOENT')
    expect(server.calls).toHaveLength(1)
  })

  it('asks a person for the key without showing it', async () => {
    await using server = await startServer({ whoami: () => ok(whoami) })
    const home = temporaryFolder()
    const { exit, stderr } = await run(['login', server.url], { home, typed: ['sp_typed\r'] })
    expect(exit).toBe(0)
    expect(stderr).not.toContain('sp_typed')
    expect(readFileSync(loginFile(home), 'utf8')).toContain('sp_typed')
  })
})

describe('key', () => {
  it('create prints the key alone on standard output', async () => {
    const { handlers, keys } = keyring()
    await using server = await startServer(handlers)
    const { exit, stdout } = await run(
      ['key', 'create', 'ci', '--profile', 'dev', '--deployment', 'docs', '--tool', 'docs__*', '--expires', '30d'],
      { server },
    )
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: 'sp_secret-of-key-1\n' })
    expect(keys.get('key_1')).toMatchObject({
      endpoints: ['dev', 'docs'],
      tools: ['docs__*'],
      expiresAt: new Date(NOW_MS + 30 * 86_400_000).toISOString(),
    })
  })

  it.each(['yesterday', '2020-01-01', '30x'])('create refuses to expire at `%s`', async (when) => {
    await using server = await startServer(keyring().handlers)
    expect((await run(['key', 'create', 'ci', '--expires', when], { server })).exit).toBe(2)
    expect(server.calls).toEqual([])
  })

  it('list marks what expired, hides what was revoked, and shows which tools a key is for', async () => {
    const { handlers } = keyring()
    await using server = await startServer(handlers)
    await run(['key', 'create', 'gone'], { server })
    await run(['key', 'create', 'old', '--tool', 'docs__*', '--expires', '1s'], { server })
    await run(['key', 'revoke', 'gone', '--yes'], { server })
    const { stdout, stderr } = await run(['key', 'list'], { server, program: { now: () => NOW_MS + 1000 } })
    expect(stdout).toMatch(/^ID .* TOOLS .*\nkey_2 .* docs__\* .* expired 2026-11-21 /)
    expect(stdout).not.toContain('key_1')
    expect(stderr).toContain('1 revoked key not shown: sallyport key list --all')
  })

  it('revoke finds a key by identifier or by a name that is the only one', async () => {
    const { handlers, keys } = keyring()
    await using server = await startServer(handlers)
    for (const name of ['a', 'twin', 'twin']) await run(['key', 'create', name], { server })
    expect((await run(['key', 'revoke', 'a', '--yes'], { server })).exit).toBe(0)
    expect((await run(['key', 'revoke', 'twin', '--yes'], { server })).stderr).toContain('Several keys are named')
    expect((await run(['key', 'revoke', 'key_2', '--yes'], { server })).exit).toBe(0)
    expect((await run(['key', 'revoke', 'twin', '--yes'], { server })).exit).toBe(0)
    expect(keys.size).toBe(0)
    expect((await run(['key', 'revoke', 'twin', '--yes'], { server })).exit).toBe(1)
    expect((await run(['key', 'list', '--all'], { server })).stdout).toMatch(/key_1.*revoked 2026-11-21/)
  })
})

describe('secret set', () => {
  it('takes the value from where it is, never from the command line', async () => {
    await using server = await startServer({ putSecret: () => null })
    expect((await run(['secret', 'set', 'team/docs', '--from', 'env:T'], { server, env: { T: 'hunter2' } })).exit).toBe(0)
    expect(server.calls[0]!.body).toEqual({ value: 'hunter2' })
    for (const from of ['hunter2', 'text:hunter2', 'vault:x', 'env:NOT_SET']) {
      const { exit, stderr } = await run(['secret', 'set', 'docs', '--from', from], { server })
      expect(exit).not.toBe(0)
      expect(stderr).not.toContain('hunter2')
    }
    expect(server.calls).toHaveLength(1)
  })
})

const event: ResponseOf<'listActivity'>['items'][number] = {
  id: 'evt_1',
  at: '2026-11-21T10:00:00.123Z',
  kind: 'call',
  actor: { id: 'key_1', kind: 'key', name: 'laptop' },
  endpoint: 'dev',
  deployment: 'docs',
  method: 'tools/call',
  target: 'docs__search\u001B[2J',
  era: 'modern',
  verdict: 'deny',
  rule: 'grant',
  outcome: 'not-found',
  status: 404,
  bytesIn: 312,
  bytesOut: 0,
  us: 1234,
}

describe('activity', () => {
  it('tail keeps its columns for changes, which have no endpoint', async () => {
    const change = {
      ...event,
      kind: 'admin' as const,
      endpoint: '',
      method: 'key.create',
      target: 'ci',
      outcome: 'ok',
      us: 90,
      actor: { id: '', kind: 'anonymous', name: '' },
    }
    await using server = await startServer({ streamActivity: () => ({ events: [event, change] }) })
    const [call, admin] = (await run(['activity', 'tail'], { server })).stdout.split('\n') as [string, string]
    expect(admin).toMatch(/ key\.create ci$/)
    expect(admin.indexOf('key.create')).toBe(call.indexOf('tools/call'))
  })

  it('tail prints each event as it comes, one JSON object a line with --json', async () => {
    await using server = await startServer({
      streamActivity: ({ query }) => (
        expect(Object.fromEntries(query)).toEqual({ deployment: 'docs' }),
        { events: [event, { ...event, id: 'evt_2' }] }
      ),
    })
    const json = await run(['activity', 'tail', '--deployment', 'docs', '--json'], { server })
    expect(
      json.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([event, { ...event, id: 'evt_2' }])
    expect((await run(['activity', 'tail', '--deployment', 'docs'], { server })).stdout.split('\n')[0]).toBe(
      '10:00:00.123  deny     1.23 ms  laptop            evt_1  tools/call docs__search␛[2J at dev  not-found',
    )
  })

  it('list turns a span into a time', async () => {
    await using server = await startServer({
      listActivity: ({ query }) => (
        expect(Object.fromEntries(query)).toEqual({ verdict: 'deny', limit: '5', since: '2026-11-21T09:00:00.000Z' }),
        page(event)
      ),
    })
    const { exit, stdout } = await run(['activity', 'list', '--verdict', 'deny', '--since', '1h', '--limit', '5'], { server })
    expect(exit).toBe(0)
    expect(stdout).toContain('docs__search␛[2J')
  })

  it('show draws the flight record', async () => {
    const steps = [
      { name: 'identify', us: 100 },
      { name: 'authorize', us: 300, note: 'no grant' },
    ]
    await using server = await startServer({ getActivity: () => ok({ ...event, bodySha256: '', steps, sequence: 7, hash: 'abc' }) })
    const { stdout } = await run(['activity', 'show', 'evt_1'], { server })
    expect(stdout.split('\n\n')[1]).toMatchInlineSnapshot(`
      "  identify   ██                        0.10 ms
        authorize   █████▉                   0.30 ms  no grant
      "
    `)
  })

  it('shows the bodies of a call on request, harmless for a terminal', async () => {
    const bodies = {
      recording: 'redacted',
      arguments: { text: '{"path":"a\\u001b]0;x"}', isCut: false },
      result: { text: '{"content":[]}', isCut: true },
      redactions: 2,
      keptUntil: '2026-11-28T10:00:00.000Z',
    } as const
    await using server = await startServer({
      getActivity: () => ok({ ...event, bodySha256: '', steps: [], sequence: 7, hash: 'abc' }),
      getActivityBodies: () => ok(bodies),
    })
    const { stdout, stderr } = await run(['activity', 'show', 'evt_1', '--bodies'], { server })
    expect(stdout).toContain('arguments\n{\n  "path": "a\\u001b]0;x"\n}')
    expect(stdout).toContain('result, cut\n{\n  "content": []\n}')
    expect(stderr).toContain('2 values redacted; kept until')
    const json = await run(['activity', 'show', 'evt_1', '--bodies', '--json'], { server })
    expect(JSON.parse(json.stdout)).toEqual(bodies)
    await run(['activity', 'show', 'evt_1'], { server })
    expect(server.calls.map(({ route }) => route)).toEqual(['getActivityBodies', 'getActivity', 'getActivityBodies', 'getActivity'])
  })

  it.each([
    ['off', 'Set SALLYPORT_RECORD_BODIES=redacted and restart the server'],
    ['redacted', 'Nothing is kept of this event'],
  ] as const)('says why there are no bodies while recording is %s', async (recording, why) => {
    await using server = await startServer({
      getActivity: () => ok({ ...event, bodySha256: '', steps: [], sequence: 7, hash: 'abc' }),
      getActivityBodies: () => ok({ recording, arguments: null, result: null, redactions: 0, keptUntil: null }),
    })
    expect((await run(['activity', 'show', 'evt_1', '--bodies'], { server })).stderr).toContain(why)
  })
})

describe('audit verify', () => {
  const verification = { isIntact: true, checked: 41, isComplete: true, head: { sequence: 41, hash: 'abc' }, findings: [] }

  it('ends with 0 when the chain is intact', async () => {
    await using server = await startServer({ verifyAudit: () => ok(verification) })
    const { exit, stderr } = await run(['audit', 'verify'], { server })
    expect(exit).toBe(0)
    expect(stderr).toContain('41 events checked')
  })

  it('ends with 1 and names each event that does not fit', async () => {
    await using server = await startServer({
      verifyAudit: () =>
        ok({ ...verification, isIntact: false, findings: [{ sequence: 7, id: 'evt_7', problem: 'changed', detail: 'its hash differs' }] }),
    })
    const { exit, stderr } = await run(['audit', 'verify'], { server })
    expect(exit).toBe(1)
    expect(stderr).toContain('event 7 changed: its hash differs')
  })
})

describe('config show', () => {
  it('shows what a server would use when none runs, and hides secrets', async () => {
    const ownerKey = 'abcdefghijklmnopqrstuvwxyz0123456789'
    const { exit, stdout, stderr } = await run(['config', 'show', '--json'], {
      env: { SALLYPORT_OWNER_KEY: ownerKey, SALLYPORT_PORT: '1' },
    })
    expect(exit).toBe(0)
    expect(stdout + stderr).not.toContain(ownerKey)
    const { items } = JSON.parse(stdout) as ResponseOf<'listSettings'>
    expect(items.map(({ name }) => name)).toEqual(Object.keys(SETTINGS))
    expect(items.find(({ name }) => name === 'ownerKey')).toMatchObject({ isSecret: true, isSet: true, value: null, origin: 'environment' })
    expect(items.find(({ name }) => name === 'port')).toMatchObject({ value: 1, origin: 'environment', flag: 'port' })
  })

  it('fails when the server that was named is away', async () => {
    expect((await run(['config', 'show', '--url', 'http://127.0.0.1:1'])).exit).toBe(3)
  })
})

describe('doctor', () => {
  it('mends with --fix what is open to others, and says so', async () => {
    const home = temporaryFolder()
    const data = join(home, 'sallyport')
    mkdirSync(data)
    writeFileSync(join(data, 'cli.key'), 'sp_x')
    chmodSync(data, 0o755)
    chmodSync(join(data, 'cli.key'), 0o644)
    const first = await run(['doctor'], { home })
    expect(first.exit).toBe(1)
    expect(first.stdout).toContain(`✘ data folder: ${data} is open to other users`)
    expect(first.stdout).toContain(`→ chmod 700 ${data}`)
    expect((await run(['doctor', '--fix'], { home })).exit).toBe(0)
    expect(statSync(data).mode & 0o777).toBe(0o700)
    expect(statSync(join(data, 'cli.key')).mode & 0o777).toBe(0o600)
    expect((await run(['doctor'], { home })).exit).toBe(0)
  })

  it('asks a running server about its parts', async () => {
    const sick = {
      ...overview,
      health: { ...overview.health, spool: { status: 'failed' as const, detail: 'disk full' } },
      declared: { file: '/srv/sallyport.json', error: 'line 3', warnings: [] },
    }
    await using server = await startServer({ getOverview: () => ok(sick) })
    const { exit, stdout } = await run(['doctor', '--json'], { server })
    expect(exit).toBe(1)
    const { items } = JSON.parse(stdout) as { items: { name: string; status: string }[] }
    expect(items.filter(({ status }) => status === 'failed').map(({ name }) => name)).toEqual(['spool', 'declared file'])
  })

  it('tells a setting that does not fit instead of failing on it', async () => {
    const { exit, stdout } = await run(['doctor'], { env: { SALLYPORT_PORT: 'many' } })
    expect(exit).toBe(1)
    expect(stdout).toContain('✘ settings: SALLYPORT_PORT')
  })

  it('turns a probe that throws into a finding', async () => {
    const program = {
      probes: {
        isolation: async () => Promise.reject(new Error('no user namespaces')),
        database: async () => ({ status: 'ok' as const, detail: '' }),
        declaredFile: async () => ({ status: 'ok' as const, detail: '' }),
      },
    }
    expect((await run(['doctor'], { program })).stdout).toContain('✘ sandbox: no user namespaces')
  })
})

describe('completion', () => {
  it.each(Object.keys(COMPLETIONS))('for %s knows every command and flag', async (shell) => {
    const { exit, stdout } = await run(['completion', shell])
    expect(exit).toBe(0)
    for (const [name, row] of Object.entries(COMMANDS)) {
      for (const word of name.split(' ')) expect(stdout).toContain(word)
      for (const flag of Object.keys(row.flags)) expect(stdout).toMatch(new RegExp(`(--|-l )${flag}\\b`))
    }
  })

  it('for an unknown shell ends with 2', async () => expect((await run(['completion', 'tcsh'])).exit).toBe(2))
})

describe('event streams', () => {
  const events = async (...chunks: string[]): Promise<unknown[]> => Array.fromAsync(parseEvents(chunks))

  it.each<[string, string[], unknown[]]>([
    ['names and data', ['event: a\ndata: 1\n\n'], [{ event: 'a', data: '1' }]],
    ['several lines of data', ['data: 1\ndata:2\n\n'], [{ event: 'message', data: '1\n2' }]],
    [
      'any line end, cut anywhere',
      ['data: 1\r', '\n\r\nda', 'ta: 2\r\r', 'data: 3\n\n'],
      [
        { event: 'message', data: '1' },
        { event: 'message', data: '2' },
        { event: 'message', data: '3' },
      ],
    ],
    ['comments and unknown fields', [': hi\nid: 1\n\ndata: x\n\n'], [{ event: 'message', data: 'x' }]],
    ['half an event at the end', ['data: x\n'], []],
  ])('take %s', async (_, chunks, expected) => expect(await events(...chunks)).toEqual(expected))
})
