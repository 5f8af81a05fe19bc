import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'jsonc-parser'
import { describe, expect, it } from 'vitest'
import { applyUndo, undoOf, withEntry, withoutEntry } from './client-config.ts'
import { CLIENTS } from './clients.ts'
import { keyring, ok, overview, problem, run, startServer, temporaryFolder, type Handlers } from './testing.ts'

const FILES: Readonly<Record<string, string>> = {
  'claude-code': '.claude.json',
  vscode: '.config/Code/User/mcp.json',
  cursor: '.cursor/mcp.json',
}

const CONTENTS: Readonly<Record<string, string>> = {
  'comments and an odd layout':
    '// mine\n{\n    "mcpServers": {\n        "other": { "command": "npx" } // keep\n    },\n    "servers": { /* none */ },\n    "x": [1,2,\n3]\n}\n',
  'tabs and no line break at the end': '{\n\t"mcpServers": {\n\t\t"a": {"url": "https://a.example"}\n\t},\n\t"servers": {}\n}',
  'CRLF and a byte order mark': '\uFEFF{\r\n  "theme": "dark"\r\n}\r\n',
  'one line': '{"numStartups":3,"mcpServers":{}}',
  'a comma at the end': '{\n  "mcpServers": {},\n  "servers": {},\n}\n',
  'an empty object': '{}',
  nothing: '',
  'spaces only': '  \n',
}

const ring = (): { handlers: Handlers; keys: ReturnType<typeof keyring>['keys'] } => {
  const { handlers, keys } = keyring()
  return {
    keys,
    handlers: {
      ...handlers,
      getOverview: () => ok(overview),
      getProfile: ({ params }) => (params['name'] === 'dev' ? ok(profile) : problem(404, 'No such thing', 'profile')),
    },
  }
}
const profile = {
  name: 'dev',
  title: 'dev',
  description: '',
  access: 'granted',
  servers: [],
  tools: { include: [], exclude: [], rename: {}, describe: {}, fix: {}, search: false },
  endpoint: 'http://127.0.0.1:7255/mcp/dev',
  origin: { kind: 'api' },
}

function withFile(client: string, content: string | undefined): { home: string; path: string } {
  const home = temporaryFolder()
  const path = join(home, FILES[client]!)
  mkdirSync(dirname(path), { recursive: true })
  if (content !== undefined) writeFileSync(path, content)
  return { home, path }
}

describe.each(Object.keys(FILES))('client connect %s', (client) => {
  const container = CLIENTS[client]!.container

  it.each(Object.entries(CONTENTS))('and disconnect leave a file with %s byte for byte as it was', async (_, content) => {
    const { handlers, keys } = ring()
    await using server = await startServer(handlers)
    const { home, path } = withFile(client, content)
    const connected = await run(['client', 'connect', client, '--yes'], { server, home })
    expect(connected).toMatchObject({ exit: 0, stdout: '' })
    const after = readFileSync(path, 'utf8')
    const value = parse(after, [], { allowTrailingComma: true }) as Record<
      string,
      Record<string, { url: string; headers: Record<string, string> }>
    >
    expect(value[container]!['sallyport']).toMatchObject({
      url: 'http://127.0.0.1:7255/mcp',
      headers: { Authorization: 'Bearer sp_secret-of-key-1' },
    })
    expect([...keys.values()]).toMatchObject([{ name: `client:${client}`, scopes: ['mcp:list', 'mcp:call'], endpoints: null }])
    expect(connected.stderr).not.toContain('sp_secret')

    expect(await run(['client', 'disconnect', client, '--yes'], { server, home })).toMatchObject({ exit: 0 })
    expect(readFileSync(path, 'utf8')).toBe(content)
    expect(readdirSync(dirname(path)).filter((name) => name.includes('backup'))).toEqual([])
    expect(keys.size).toBe(0)
  })

  it('makes a missing file private, and disconnect removes it again', async () => {
    const { handlers } = ring()
    await using server = await startServer(handlers)
    const { home, path } = withFile(client, undefined)
    await run(['client', 'connect', client, '--yes'], { server, home })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await run(['client', 'disconnect', client, '--yes'], { server, home })).toMatchObject({ exit: 0 })
    expect(existsSync(path)).toBe(false)
  })

  it('takes out exactly our entry from a file that changed since', async () => {
    const { handlers, keys } = ring()
    await using server = await startServer(handlers)
    const { home, path } = withFile(client, CONTENTS['comments and an odd layout'])
    await run(['client', 'connect', client, '--yes'], { server, home })
    const changed = `${readFileSync(path, 'utf8')}// a later remark\n`
    writeFileSync(path, changed)
    expect(await run(['client', 'disconnect', client, '--yes'], { server, home })).toMatchObject({ exit: 0 })
    const left = readFileSync(path, 'utf8')
    expect(left).toContain('// a later remark')
    expect(left).toContain('// keep')
    expect(left).not.toContain('sallyport')
    expect(left).not.toContain('sp_secret')
    expect(parse(left)).toEqual(parse(CONTENTS['comments and an odd layout']!))
    expect(keys.size).toBe(0)
  })
})

describe('client connect', () => {
  const content = CONTENTS['comments and an odd layout']!

  it('limits the key to the profile and writes its endpoint', async () => {
    const { handlers, keys } = ring()
    await using server = await startServer(handlers)
    const { home, path } = withFile('cursor', content)
    await run(['client', 'connect', 'cursor', '--profile', 'dev', '--yes'], { server, home })
    expect([...keys.values()][0]!.endpoints).toEqual(['dev'])
    expect(parse(readFileSync(path, 'utf8'))).toMatchObject({
      mcpServers: { 'sallyport-dev': { url: 'http://127.0.0.1:7255/mcp/dev' }, other: { command: 'npx' } },
    })
  })

  it('shows the difference with the key masked, neighbours’ secrets too, and changes nothing with --dry-run', async () => {
    const { handlers, keys } = ring()
    await using server = await startServer(handlers)
    const secretive = '{\n  "mcpServers": {\n    "a": {\n      "API_TOKEN": "hunter2"\n    }\n  }\n}\n'
    const { home, path } = withFile('claude-code', secretive)
    const { exit, stderr } = await run(['client', 'connect', 'claude-code', '--dry-run'], { server, home })
    expect(exit).toBe(0)
    expect(stderr).toContain('+     "sallyport": {')
    expect(stderr).toContain('+         "Authorization": "Bearer ••••••••"')
    expect(stderr).not.toContain('hunter2')
    expect(readFileSync(path, 'utf8')).toBe(secretive)
    expect(readdirSync(home)).toEqual(['.claude.json'])
    expect(keys.size).toBe(0)
  })

  it('keeps the old content as a private backup and the mode of the file', async () => {
    const { handlers } = ring()
    await using server = await startServer(handlers)
    const { home, path } = withFile('claude-code', content)
    chmodSync(path, 0o640)
    const { stderr } = await run(['client', 'connect', 'claude-code', '--yes'], { server, home })
    const [backup] = readdirSync(home).filter((name) => name.startsWith('.claude.json.sallyport-backup-'))
    expect(readFileSync(join(home, backup!), 'utf8')).toBe(content)
    expect(statSync(join(home, backup!)).mode & 0o777).toBe(0o600)
    expect(statSync(path).mode & 0o777).toBe(0o640)
    expect(stderr).toContain('Other users of this machine can read this file')
  })

  it('renews a connection with a new key, and disconnect still finds the way back', async () => {
    const { handlers, keys } = ring()
    await using server = await startServer(handlers)
    const { home, path } = withFile('vscode', content)
    await run(['client', 'connect', 'vscode', '--yes'], { server, home })
    await run(['client', 'connect', 'vscode', '--yes'], { server, home, program: { now: () => Date.UTC(2026, 10, 22) } })
    expect([...keys.keys()]).toHaveLength(1)
    expect(readFileSync(path, 'utf8')).toContain([...keys.values()][0]!.key)
    await run(['client', 'disconnect', 'vscode', '--yes'], { server, home, program: { now: () => Date.UTC(2026, 10, 23) } })
    expect(readFileSync(path, 'utf8')).toBe(content)
    expect(readdirSync(dirname(path))).toEqual(['mcp.json'])
    expect(keys.size).toBe(0)
  })

  it('writes through a link and keeps it', async () => {
    const { handlers } = ring()
    await using server = await startServer(handlers)
    const { home, path } = withFile('cursor', undefined)
    const real = join(home, 'dotfiles.json')
    writeFileSync(real, content)
    symlinkSync(real, path)
    await run(['client', 'connect', 'cursor', '--yes'], { server, home })
    expect(lstatSync(path).isSymbolicLink()).toBe(true)
    expect(readFileSync(real, 'utf8')).toContain('"sallyport"')
    await run(['client', 'disconnect', 'cursor', '--yes'], { server, home })
    expect(readFileSync(real, 'utf8')).toBe(content)
  })

  it.each<[string, string, string]>([
    ['a file that is no JSON', '{\n  "mcpServers": {\n    "a": [1, 2\n  }\n}\n', 'Line 4, column 3: Comma expected.'],
    ['a file that is no object', '[]', 'Line 1, column 1: An object is expected.'],
    ['servers that are no object', '{\n  "mcpServers": []\n}', 'Line 2, column 17: `mcpServers` must be an object.'],
    [
      'servers that stand there twice',
      '{\n  "mcpServers": {},\n  "mcpServers": {}\n}',
      'Line 3, column 3: `mcpServers` stands there twice.',
    ],
    ['an entry of that name which is not ours', '{"mcpServers":{"sallyport":{"url":"https://mine.example"}}}', 'so it stays'],
  ])('refuses %s and makes no key', async (_, broken, said) => {
    const { handlers, keys } = ring()
    await using server = await startServer(handlers)
    const { home, path } = withFile('claude-code', broken)
    const { exit, stderr } = await run(['client', 'connect', 'claude-code', '--yes'], { server, home })
    expect(exit).toBe(1)
    expect(stderr).toContain(said)
    expect(readFileSync(path, 'utf8')).toBe(broken)
    expect(readdirSync(home)).toEqual(['.claude.json'])
    expect(keys.size).toBe(0)
  })

  it.each<[string, (path: string) => void, string]>([
    ['bytes that are no UTF-8', (path) => writeFileSync(path, Buffer.from([0x7b, 0xff, 0x7d])), 'is not UTF-8 text'],
    ['a folder', (path) => mkdirSync(path), 'is not a file'],
    ['a link that leads nowhere', (path) => symlinkSync('/nowhere/at/all', path), 'is a link that leads nowhere'],
  ])('refuses %s', async (_, make, said) => {
    const { handlers, keys } = ring()
    await using server = await startServer(handlers)
    const { home, path } = withFile('claude-code', undefined)
    make(path)
    const { exit, stderr } = await run(['client', 'connect', 'claude-code', '--yes'], { server, home })
    expect(exit).toBe(1)
    expect(stderr).toContain(said)
    expect(keys.size).toBe(0)
  })

  it('takes the key back when the client wrote to the file meanwhile', async () => {
    const { handlers, keys } = ring()
    const { home, path } = withFile('claude-code', content)
    const create = handlers.createKey!
    await using server = await startServer({ ...handlers, createKey: (asked) => (writeFileSync(path, '{"new":1}'), create(asked)) })
    const { exit, stderr } = await run(['client', 'connect', 'claude-code', '--yes'], { server, home })
    expect(exit).toBe(1)
    expect(stderr).toContain('changed meanwhile')
    expect(readFileSync(path, 'utf8')).toBe('{"new":1}')
    expect(keys.size).toBe(0)
    expect(readdirSync(home)).toEqual(['.claude.json'])
  })

  it('asks a person, and `no` changes nothing', async () => {
    const { handlers, keys } = ring()
    await using server = await startServer(handlers)
    const { home, path } = withFile('claude-code', content)
    const no = await run(['client', 'connect', 'claude-code'], { server, home, typed: ['n'] })
    expect(no.exit).toBe(1)
    expect(no.stderr).toContain(`Write this to ${path}?`)
    expect(readFileSync(path, 'utf8')).toBe(content)
    expect(keys.size).toBe(0)
    expect(await run(['client', 'connect', 'claude-code'], { server, home, typed: ['y'] })).toMatchObject({ exit: 0 })
    expect(keys.size).toBe(1)
  })

  it('ends with 130 when the person presses Ctrl-C', async () => {
    const { handlers, keys } = ring()
    await using server = await startServer(handlers)
    const { home, path } = withFile('claude-code', content)
    expect((await run(['client', 'connect', 'claude-code'], { server, home, typed: ['\u0003'] })).exit).toBe(130)
    expect(readFileSync(path, 'utf8')).toBe(content)
    expect(keys.size).toBe(0)
  })

  it('warns that a project’s file holds a key', async () => {
    const { handlers } = ring()
    await using server = await startServer(handlers)
    const cwd = temporaryFolder()
    const { stderr } = await run(['client', 'connect', 'claude-code', '--scope', 'project', '--yes'], { server, cwd })
    expect(stderr).toContain('keep this file out of version control')
    expect(JSON.parse(readFileSync(join(cwd, '.mcp.json'), 'utf8'))).toEqual({
      mcpServers: {
        sallyport: { type: 'http', url: 'http://127.0.0.1:7255/mcp', headers: { Authorization: 'Bearer sp_secret-of-key-1' } },
      },
    })
  })

  it('prints the entry for any other client', async () => {
    const { handlers, keys } = ring()
    await using server = await startServer(handlers)
    const { stdout } = await run(['client', 'connect', 'raw'], { server })
    expect(JSON.parse(stdout)).toEqual({
      mcpServers: {
        sallyport: { type: 'http', url: 'http://127.0.0.1:7255/mcp', headers: { Authorization: 'Bearer sp_secret-of-key-1' } },
      },
    })
    expect(keys.size).toBe(1)
    expect(JSON.parse((await run(['client', 'connect', 'raw', '--dry-run'], { server })).stdout)).toMatchObject({
      mcpServers: { sallyport: { headers: { Authorization: 'Bearer sp_••••••••' } } },
    })
    expect(keys.size).toBe(1)
  })

  it('names the older key when an entry is printed again, and no command that could mean several', async () => {
    const { handlers } = ring()
    await using server = await startServer(handlers)
    expect((await run(['client', 'connect', 'raw'], { server })).stderr).not.toContain('exists')
    const again = await run(['client', 'connect', 'raw'], { server })
    expect(again.stderr).toContain('A key client:raw of 2026-11-21 10:00:00 exists; when nothing uses it: sallyport key revoke key_1\n')
    const { exit, stderr } = await run(['client', 'disconnect', 'raw'], { server })
    expect(exit).toBe(1)
    expect(stderr).toContain('→ sallyport key list\n')
  })

  it('is seen by `client list`', async () => {
    const { handlers } = ring()
    await using server = await startServer(handlers)
    const { home, path } = withFile('cursor', undefined)
    await run(['client', 'connect', 'cursor', '--yes'], { server, home })
    const listed = JSON.parse((await run(['client', 'list', '--json'], { home })).stdout) as {
      items: { id: string; connections: unknown[] }[]
    }
    expect(listed.items.find(({ id }) => id === 'cursor')!.connections).toEqual([
      { scope: 'user', file: path, name: 'sallyport', url: 'http://127.0.0.1:7255/mcp', keyId: 'key_1' },
    ])
    expect(listed.items.find(({ id }) => id === 'vscode')!.connections).toEqual([])
  })
})

describe('client disconnect', () => {
  it('refuses what was never connected', async () => {
    const { home, path } = withFile('cursor', '{"mcpServers":{"sallyport":{"url":"x"}}}')
    const { exit } = await run(['client', 'disconnect', 'cursor', '--yes'], { home })
    expect(exit).toBe(1)
    expect(readFileSync(path, 'utf8')).toBe('{"mcpServers":{"sallyport":{"url":"x"}}}')
  })

  it('leaves an entry that somebody pointed elsewhere', async () => {
    const { handlers, keys } = ring()
    await using server = await startServer(handlers)
    const { home, path } = withFile('cursor', '{}')
    await run(['client', 'connect', 'cursor', '--yes'], { server, home })
    const changed = readFileSync(path, 'utf8').replace('127.0.0.1:7255', 'mine.example')
    writeFileSync(path, changed)
    const { exit, stderr } = await run(['client', 'disconnect', 'cursor', '--yes'], { server, home })
    expect(exit).toBe(1)
    expect(stderr).toContain('not ours')
    expect(readFileSync(path, 'utf8')).toBe(changed)
    expect(keys.size).toBe(1)
  })

  it('cleans the file even when the server is away, and says which key is left', async () => {
    const { handlers } = ring()
    const server = await startServer(handlers)
    const { home, path } = withFile('cursor', '{}')
    await run(['client', 'connect', 'cursor', '--yes'], { server, home })
    await server[Symbol.asyncDispose]()
    const { exit, stderr } = await run(['client', 'disconnect', 'cursor', '--yes'], { server, home })
    expect(exit).toBe(3)
    expect(stderr).toContain('key_1')
    expect(readFileSync(path, 'utf8')).toBe('{}')
  })
})

describe('editing a configuration', () => {
  const place = { file: 'mcp.json', container: 'mcpServers', name: 'sallyport' }

  it.each(Object.entries(CONTENTS))('adds to and takes from %s without touching anything else', (_, content) => {
    const added = withEntry(content, place, { url: 'u' })
    expect(applyUndo(added, undoOf(content, added))).toBe(content)
    const without = parse(withoutEntry(added, place).replace('\uFEFF', ''), [], { allowTrailingComma: true }) as Record<string, unknown>
    expect({ ...without, mcpServers: undefined }).toEqual({
      ...(parse(content.replace('\uFEFF', ''), [], { allowTrailingComma: true }) as object),
      mcpServers: undefined,
    })
  })

  it('keeps indentation and line ends', () => {
    expect(withEntry('{\n\t"mcpServers": {}\n}', place, { url: 'u' })).toBe(
      '{\n\t"mcpServers": {\n\t\t"sallyport": {\n\t\t\t"url": "u"\n\t\t}\n\t}\n}',
    )
    expect(withEntry('{\r\n  "a": 1\r\n}', place, { url: 'u' })).not.toMatch(/[^\r]\n/)
  })
})
