import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BodyOf, ResponseOf } from '#api/contract.ts'
import {
  deployment,
  ok,
  page,
  problem,
  run,
  startServer,
  temporaryFolder,
  type Asked,
  type Handlers,
  type ProcessInput,
} from './testing.ts'

type Input = BodyOf<'createDeployment'>
type Status = NonNullable<ResponseOf<'getDeployment'>['status']>
const DIGEST = 'a'.repeat(64)
const status = deployment().status!

/** Deployments as the API keeps them: a process waits for its digest, then goes through `states`. */
function shelf(
  parsed: (text: string) => unknown,
  states: Partial<Status>[] = [{ state: 'installing' }, { state: 'ready', toolCount: 8, isolation: 'strong' }],
): { handlers: Handlers; kept: Map<string, ResponseOf<'getDeployment'>> } {
  const kept = new Map<string, ResponseOf<'getDeployment'>>()
  const remaining = [...states]
  const get = ({ params }: Asked): ReturnType<typeof ok> => {
    const found = kept.get(params['name']!)
    if (found === undefined) return problem(404, 'No such thing, or not for you', 'deployment')
    const next = found.isApproved ? (remaining.length > 1 ? remaining.shift()! : remaining[0]!) : ({ state: 'waiting-approval' } as const)
    return ok({ ...found, status: { ...status, ...next } })
  }
  const handlers: Handlers = {
    parseDeployments: ({ body }) => ok({ proposals: parsed((body as { text: string }).text) }),
    createDeployment: ({ body }) => {
      const { name, spec } = body as Input
      const hidden = (values: Record<string, string>) =>
        Object.fromEntries(Object.keys(values).map((key) => [key, { secret: `deployment/${name}/${key}` }]))
      if (spec.kind === 'openapi') throw new Error('openapi.test.ts is about those')
      const shown = spec.kind === 'remote' ? { ...spec, headers: hidden(spec.headers) } : { ...spec, env: hidden(spec.env) }
      const made = deployment({ name, spec: shown, digest: DIGEST, isApproved: spec.kind === 'remote', status: null })
      kept.set(name, made)
      return { status: 201, body: made }
    },
    getDeployment: get,
    approveDeployment: (asked) => {
      const found = kept.get(asked.params['name']!)!
      if ((asked.body as { digest: string }).digest !== found.digest)
        return problem(409, 'This collides with something that exists', 'digest')
      kept.set(found.name, { ...found, isApproved: true })
      return ok({ ...found, isApproved: true, status })
    },
    deleteDeployment: ({ params }) => (kept.delete(params['name']!), ok({ keys: [] })),
    listDeployments: () => page(...kept.values()),
    grantDeployment: (asked) => {
      const found = kept.get(asked.params['name']!)!
      const { egress, files, revoke } = asked.body as BodyOf<'grantDeployment'>
      const spec = found.spec as Extract<typeof found.spec, { kind: 'process' }>
      kept.set(found.name, {
        ...found,
        spec: revoke
          ? { ...spec, egress: [], files: [] }
          : { ...spec, egress: [...spec.egress, ...egress], files: [...spec.files, ...files] },
        digest: 'b'.repeat(64),
        isApproved: false,
      })
      return ok({ ...kept.get(found.name)!, status })
    },
  }
  return { handlers, kept }
}

const proposal = (name: string, spec: unknown, rest: object = {}): unknown => ({
  definition: { name, spec },
  inputs: [],
  warnings: [],
  ...rest,
})
const process = (change: Partial<ProcessInput> = {}): ProcessInput => ({
  kind: 'process',
  command: 'npx',
  args: ['-y', 'some server'],
  env: {},
  cwd: null,
  files: [],
  egress: [],
  isolation: 'medium',
  ...change,
})
const remote = { kind: 'remote', url: 'https://mcp.example.com/mcp', headers: {} }

describe('deployment add', () => {
  it('of a command shows what will run, its grants and its digest, approves exactly that and waits', async () => {
    const { handlers, kept } = shelf((text) => {
      expect(JSON.parse(text)).toEqual({ mcpServers: { files: { command: 'npx', args: ['-y', 'some server'] } } })
      return [proposal('files', process())]
    })
    await using server = await startServer(handlers)
    const { exit, stderr } = await run(
      ['deployment', 'add', 'files', '--egress', 'api.github.com:443', '--file', './notes:rw', '--yes', '--', 'npx', '-y', 'some server'],
      { server, cwd: '/srv' },
    )
    expect(exit).toBe(0)
    expect(stderr).toMatchInlineSnapshot(`
      "files
        runs       npx -y 'some server'
        may reach  api.github.com:443
        files      /srv/notes (read and write)
        isolation  medium or better
        digest     aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        · installing, once
      ✔ files is ready: 8 tools, modern era, isolation strong
      → sallyport tool list --deployment files
      "
    `)
    expect(server.calls.map(({ route }) => route)).toEqual([
      'parseDeployments',
      'createDeployment',
      'approveDeployment',
      'getDeployment',
      'getDeployment',
    ])
    expect(server.calls[2]!.body).toEqual({ digest: DIGEST })
    expect(kept.get('files')!.spec).toMatchObject({ egress: ['api.github.com:443'], files: [{ path: '/srv/notes', mode: 'rw' }] })
  })

  it.each<[string, string[]]>([
    ['no', ['n']],
    ['Ctrl-C', ['\u0003']],
  ])('leaves nothing behind after %s', async (_, typed) => {
    const { handlers, kept } = shelf(() => [proposal('files', process())])
    await using server = await startServer(handlers)
    const { exit } = await run(['deployment', 'add', 'files', '--', 'npx', 'x'], { server, typed })
    expect(exit).not.toBe(0)
    expect(kept.size).toBe(0)
    expect(server.calls.map(({ route }) => route)).toEqual(['parseDeployments', 'createDeployment', 'deleteDeployment'])
  })

  it('of an address asks first, reads secrets from where they are, and never shows them', async () => {
    const { handlers } = shelf(() => [proposal('docs', remote)])
    await using server = await startServer(handlers)
    const home = temporaryFolder()
    writeFileSync(join(home, 'token'), 'Bearer hunter3\n')
    const argv = [
      'deployment',
      'add',
      'docs',
      'https://mcp.example.com/mcp',
      '--header',
      'X-A=env:A_TOKEN',
      '--header',
      'Authorization=file:token',
      '--header',
      'X-B=vault:shared',
      '--header',
      'X-C=-',
      '--yes',
    ]
    const { exit, stdout, stderr } = await run(argv, { server, home, env: { A_TOKEN: 'hunter2' }, stdin: 'hunter4\n' })
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: '' })
    expect((server.calls[1]!.body as Input).spec).toEqual({
      ...remote,
      headers: { 'X-A': 'hunter2', Authorization: 'Bearer hunter3', 'X-B': 'vault:shared', 'X-C': 'hunter4' },
    })
    expect(stderr).not.toMatch(/hunter/)
    expect(stderr).toContain('X-B (secret shared)')
  })

  it('asks a person for a secret without showing it', async () => {
    const { handlers } = shelf(() => [proposal('docs', remote)])
    await using server = await startServer(handlers)
    const { exit, stderr } = await run(['deployment', 'add', 'docs', 'https://mcp.example.com/mcp', '--header', 'Authorization', '--yes'], {
      server,
      typed: ['hunter2\r'],
    })
    expect(exit).toBe(0)
    expect((server.calls[1]!.body as Input).spec).toMatchObject({ headers: { Authorization: 'hunter2' } })
    expect(stderr).not.toContain('hunter2')
  })

  it('fills placeholders of a pasted configuration', async () => {
    const inputs = [
      { id: 'token', description: 'API token', isSecret: true },
      { id: 'level', description: '', isSecret: false },
    ]
    const { handlers } = shelf(() => [
      proposal('a', process({ env: { TOKEN: '${input:token}', BOTH: '${input:level}-${input:other}' } }), { inputs }),
    ])
    await using server = await startServer(handlers)
    const { exit } = await run(['deployment', 'add', '--json', '-', '--input', 'token=env:T', '--input', 'level=text:debug', '--yes'], {
      server,
      stdin: '{"servers":{}}',
      env: { T: 'hunter2' },
    })
    expect(exit).toBe(0)
    expect(server.calls[0]!.body).toEqual({ text: '{"servers":{}}' })
    expect((server.calls[1]!.body as Input).spec).toMatchObject({ env: { TOKEN: 'hunter2', BOTH: 'debug-${input:other}' } })
  })

  it('says cause and remedy when it does not become ready', async () => {
    const { handlers } = shelf(
      () => [proposal('files', process())],
      [
        {
          state: 'failed',
          cause: 'It wanted \u001B[31mthe network',
          remedy: 'sallyport deployment grant files --egress x:443',
          denied: ['x:443'],
        },
      ],
    )
    await using server = await startServer(handlers)
    const { exit, stderr } = await run(['deployment', 'add', 'files', '--yes', '--', 'npx', 'x'], { server })
    expect(exit).toBe(1)
    expect(stderr).toContain(
      '✘ files is not ready: failed\n  It wanted ␛[31mthe network\n  It asked for x:443 and was refused.\n  files was added and stays; `sallyport deployment remove files` takes it away again.\n→ sallyport deployment grant files --egress x:443\n',
    )
  })

  it('changes nothing with --dry-run', async () => {
    const { handlers } = shelf(() => [proposal('files', process(), { warnings: ['a literal secret'] })])
    await using server = await startServer(handlers)
    const { exit, stderr } = await run(['deployment', 'add', 'files', '--dry-run', '--', 'npx', 'x'], { server })
    expect(exit).toBe(0)
    expect(stderr).toContain('! a literal secret')
    expect(server.calls.map(({ route }) => route)).toEqual(['parseDeployments'])
  })

  it('asks for no secret with --dry-run', async () => {
    const inputs = [{ id: 'token', description: 'API token', isSecret: true }]
    const { handlers } = shelf(() => [proposal('docs', remote, { inputs })])
    await using server = await startServer(handlers)
    const { exit, stderr } = await run(
      ['deployment', 'add', 'docs', 'https://mcp.example.com/mcp', '--header', 'Authorization', '--header', 'X-A=env:NOPE', '--dry-run'],
      { server },
    )
    expect(exit).toBe(0)
    expect(stderr).toMatch(/headers +Authorization, X-A/)
  })

  it('shows the name that it will have before it asks', async () => {
    const { handlers, kept } = shelf((text) => [proposal(text.includes('Bad Name') ? 'bad-name' : 'docs', remote)])
    await using server = await startServer(handlers)
    const { stderr } = await run(['deployment', 'add', 'Bad Name', 'https://mcp.example.com/mcp', '--yes'], { server })
    expect(stderr).toMatch(/^bad-name\n/)
    expect(stderr).not.toContain('Bad Name')
    expect([...kept.keys()]).toEqual(['bad-name'])
  })

  it.each<[string, string[]]>([
    ['nothing to add', ['deployment', 'add', 'files']],
    ['two sources', ['deployment', 'add', 'files', 'https://x.example/mcp', '--', 'npx']],
    ['a command that is empty', ['deployment', 'add', 'files', '--']],
  ])('refuses %s as usage', async (_, argv) => {
    await using server = await startServer({})
    expect((await run(argv, { server })).exit).toBe(2)
    expect(server.calls).toEqual([])
  })

  it('refuses grants for a remote server and headers for a process', async () => {
    const { handlers } = shelf((text) => [text.includes('command') ? proposal('a', process()) : proposal('a', remote)])
    await using server = await startServer(handlers)
    expect((await run(['deployment', 'add', 'a', 'https://x.example/mcp', '--egress', 'x:443'], { server })).exit).toBe(2)
    expect((await run(['deployment', 'add', 'a', '--header', 'X=text:1', '--', 'npx'], { server })).exit).toBe(2)
    expect(server.calls.map(({ route }) => route)).toEqual(['parseDeployments', 'parseDeployments'])
  })
})

describe('deployment', () => {
  it('show names the version and content that a package was pinned to', async () => {
    const installed = { package: 'demo', version: '1.2.3', integrity: 'f'.repeat(64) }
    const { handlers, kept } = shelf(() => [], [{ installed }])
    kept.set('files', deployment({ name: 'files', spec: { ...process(), env: {} }, digest: DIGEST }))
    await using server = await startServer(handlers)
    const { stdout } = await run(['deployment', 'show', 'files'], { server })
    expect(stdout).toMatch(new RegExp(`installed +demo 1\\.2\\.3\\n +SHA-256 ${'f'.repeat(64)}`))
    kept.set('files', { ...kept.get('files')!, isApproved: false })
    expect((await run(['deployment', 'show', 'files'], { server })).stdout).not.toContain('installed')
  })

  it('remove says which keys lost the name', async () => {
    const keys = [
      { id: 'key_1', name: 'both', isRevoked: false },
      { id: 'key_2', name: 'only\u001b[2J', isRevoked: true },
    ]
    await using server = await startServer({ getDeployment: () => ok(deployment({ name: 'files' })), deleteDeployment: () => ok({ keys }) })
    const { exit, stderr } = await run(['deployment', 'remove', 'files', '--yes'], { server })
    expect(exit).toBe(0)
    expect(stderr).toContain('The key both (key_1) may not use this name any more')
    expect(stderr).toContain('The key only␛[2J (key_2) was for nothing else and is revoked')
  })

  it('grant asks for the new digest', async () => {
    const { handlers, kept } = shelf(() => [])
    kept.set('files', deployment({ name: 'files', spec: { ...process(), env: {} }, digest: DIGEST }))
    await using server = await startServer(handlers)
    const { exit, stderr } = await run(['deployment', 'grant', 'files', '--egress', 'x.example:443', '--yes'], { server })
    expect(exit).toBe(0)
    expect(stderr).toContain(`digest     ${'b'.repeat(64)}`)
    expect(kept.get('files')).toMatchObject({ isApproved: true, spec: { egress: ['x.example:443'] } })
  })

  it('grant takes back what was granted, after the new digest was agreed to', async () => {
    const { handlers, kept } = shelf(() => [])
    const files = [{ path: '/srv/notes', mode: 'rw' as const }]
    kept.set('files', deployment({ name: 'files', spec: { ...process({ egress: ['x.example:443'], files }), env: {} }, digest: DIGEST }))
    await using server = await startServer(handlers)
    const argv = ['deployment', 'grant', 'files', '--revoke', '--file', './notes', '--egress', 'x.example:443']
    const shown = await run([...argv, '--dry-run'], { server, cwd: '/srv' })
    expect(shown.stderr).toMatch(/may reach +nothing on the network\n +files +none of yours/)
    expect(server.calls.map(({ route }) => route)).toEqual(['getDeployment'])
    expect((await run([...argv, '--yes'], { server, cwd: '/srv' })).exit).toBe(0)
    expect(server.calls[1]).toMatchObject({
      route: 'grantDeployment',
      body: { egress: ['x.example:443'], files: [{ path: '/srv/notes' }], revoke: true },
    })
    expect(kept.get('files')).toMatchObject({ isApproved: true, digest: 'b'.repeat(64), spec: { egress: [], files: [] } })
  })

  it('approve refuses another digest than the one that was reviewed', async () => {
    const { handlers, kept } = shelf(() => [])
    kept.set('files', deployment({ name: 'files', spec: { ...process(), env: {} }, digest: DIGEST, isApproved: false }))
    await using server = await startServer(handlers)
    expect((await run(['deployment', 'approve', 'files', '--digest', 'c'.repeat(64), '--yes'], { server })).exit).toBe(1)
    expect(kept.get('files')!.isApproved).toBe(false)
    expect((await run(['deployment', 'approve', 'files', '--digest', DIGEST, '--yes'], { server })).exit).toBe(0)
    expect(kept.get('files')!.isApproved).toBe(true)
  })

  it('list shows states with their causes, made inert', async () => {
    const bad = deployment({ name: 'bad', status: { ...status, state: 'failed', toolCount: null, cause: 'died\u001B[2J', remedy: 'look' } })
    await using server = await startServer({ listDeployments: () => page(deployment(), bad) })
    const { stdout, stderr } = await run(['deployment', 'list'], { server })
    expect(stdout).toContain('docs  ready       3')
    expect(stderr).toBe('! bad: died␛[2J\n→ look\n')
    expect(JSON.parse((await run(['deployment', 'list', '--json'], { server })).stdout)).toEqual({
      items: [deployment(), bad],
      nextCursor: null,
    })
  })

  it('list reads every page', async () => {
    await using server = await startServer({
      listDeployments: ({ query }) =>
        query.get('cursor') === null ? ok({ items: [deployment()], nextCursor: 'c' }) : page(deployment({ name: 'second' })),
    })
    expect((await run(['deployment', 'list'], { server })).stdout).toContain('second')
  })

  it('logs makes lines inert and follows until the stream ends', async () => {
    const line = (text: string) => ({ at: '2026-11-21T10:00:00.000Z', text })
    await using server = await startServer({
      listDeploymentLogs: ({ query }) =>
        query.get('follow') === 'true' ? { events: [line('one'), line('two\u001B[2J')] } : page(line('zero')),
    })
    expect((await run(['deployment', 'logs', 'docs'], { server })).stdout).toBe('2026-11-21 10:00:00  zero\n')
    expect((await run(['deployment', 'logs', 'docs', '-f'], { server })).stdout).toBe(
      '2026-11-21 10:00:00  one\n2026-11-21 10:00:00  two␛[2J\n',
    )
  })
})
