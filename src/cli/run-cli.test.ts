import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { globalFlags, nounsOf } from './command.ts'
import { COMMANDS } from './commands.ts'
import { parseArguments } from './parse-arguments.ts'
import { renderCliReference } from './reference.ts'
import { ok, problem, run, startServer, temporaryFolder } from './testing.ts'

describe('help', () => {
  it('gives the example first, then everything the command takes', async () => {
    const { exit, stdout, stderr } = await run(['key', 'revoke', '--help'])
    expect(stdout).toMatchInlineSnapshot(`
      "Revoke an API key, effective at once

        $ sallyport key revoke laptop
        $ sallyport key revoke key_01hzy8…

      Usage
        sallyport key revoke KEY [flags]

      Arguments
        KEY  Identifier or name of a key

      Flags
            --dry-run  Show what would happen and change nothing

      Flags of every command
            --url URL          Server to speak to; default: SALLYPORT_URL, the stored login, the local
                               server
            --data-dir FOLDER  Data folder of the local server
        -y, --yes              Answer every question with yes
            --no-input         Never ask; fail where an answer is needed
        -q, --quiet            Print data and errors only
        -h, --help             Show help
      "
    `)
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
  })

  it.each(Object.keys(COMMANDS))('exists for `%s` in every spelling and loads nothing', async (name) => {
    const words = name.split(' ')
    const spellings = await Promise.all([run([...words, '--help']), run([...words, '-h']), run(['help', ...words])])
    for (const { exit, stdout } of spellings) {
      expect(exit).toBe(0)
      expect(stdout).toBe(spellings[0].stdout)
      expect(stdout.split('\n')[2]).toContain(`$ sallyport ${COMMANDS[name]!.examples[0]}`)
    }
  })

  it('of the program and of a noun names every command', async () => {
    const { stdout } = await run(['--help'])
    for (const name of Object.keys(COMMANDS)) for (const word of name.split(' ')) expect(stdout).toContain(word)
    for (const noun of nounsOf(COMMANDS)) {
      const [title, , example, , section] = (await run([noun, '--help'])).stdout.split('\n')
      expect(title).toMatch(/^[A-Z][\w ,’-]+$/)
      expect([example, section]).toEqual([expect.stringContaining(`$ sallyport ${noun} `), 'Commands'])
    }
  })

  it('has examples that parse', async () => {
    for (const [name, row] of Object.entries(COMMANDS)) {
      for (const example of row.examples) {
        // Redirections belong to the shell.
        const words = example
          .split(' > ')[0]!
          .match(/'[^']*'|\S+/g)!
          .map((word) => word.replaceAll("'", ''))
        expect(words.splice(0, name.split(' ').length).join(' ')).toBe(name)
        expect(() => parseArguments(name, row, globalFlags(row), words)).not.toThrow()
      }
    }
  })

  it('is the reference page, too', () => {
    const page = renderCliReference()
    for (const [name, row] of Object.entries(COMMANDS)) expect(page).toContain(`## sallyport ${name}\n\n${row.summary}`)
  })
})

describe('usage errors', () => {
  it.each<[string, string[], string]>([
    ['an unknown noun', ['deploymnt', 'list'], 'Did you mean `sallyport deployment`?'],
    ['an unknown verb', ['deployment', 'lsit'], 'Did you mean `sallyport deployment list`?'],
    ['a word nobody could mean', ['xyzzy'], '`xyzzy` is not a command'],
    ['a word that every object has', ['constructor'], '`constructor` is not a command'],
    ['a flag that every object has', ['key', 'list', '--constructor'], '--constructor is not a flag'],
    ['a noun alone', ['key'], '`key` needs a verb'],
    ['an unknown flag', ['key', 'list', '--jsno'], 'Did you mean --json?'],
    ['a missing argument', ['key', 'revoke'], 'KEY is missing'],
    ['an argument too many', ['key', 'list', 'all'], '`all` is one argument too many'],
    ['a flag without its value', ['key', 'create', 'x', '--expires'], '--expires needs a value'],
    ['a flag in place of a value', ['key', 'create', 'x', '--expires', '--json'], '--expires needs a value'],
    ['a value for a toggle', ['key', 'list', '--json=yes'], '--json takes no value'],
    ['a flag given twice', ['activity', 'list', '--since', '1h', '--since', '2h'], '--since is given twice'],
    ['a word that is none of the choices', ['client', 'connect', 'vscode', '--scope', 'world'], '--scope does not fit'],
    ['a client that we do not know', ['client', 'connect', 'vs-code'], 'Did you mean `vscode`?'],
    ['--url where no server is asked', ['version', '--url', 'http://127.0.0.1:1'], '--url is not a flag of this command'],
    ['something after -- where nothing goes', ['key', 'list', '--', 'x'], 'takes nothing after `--`'],
    ['a number that is none', ['activity', 'list', '--limit', 'many'], 'must be a whole number from 1 to 500'],
    ['a scope that is none', ['key', 'create', 'x', '--scope', 'mcp:cal'], 'Did you mean `mcp:call`?'],
    ['--url without its value', ['--url'], '--url needs a value'],
    ['--url without a command', ['--url', 'http://127.0.0.1:1'], 'Which command is for that server?'],
    ['an address that is none', ['whoami', '--url', 'ftp://example.com'], 'is not the address of a server'],
    [
      'a secret as an argument',
      ['deployment', 'add', 'docs', 'https://mcp.example.com/mcp', '--header', 'Authorization=Bearer hunter2'],
      'A value is given as it is',
    ],
  ])('refuse %s with exit code 2 and say what to do', async (_, argv, said) => {
    await using server = await startServer({
      parseDeployments: () =>
        ok({
          proposals: [
            {
              definition: { name: 'docs', spec: { kind: 'remote', url: 'https://mcp.example.com/mcp', headers: {} } },
              inputs: [],
              warnings: [],
            },
          ],
        }),
    })
    const { exit, stdout, stderr } = await run(argv, { server })
    expect(exit).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('✘ ')
    expect(stderr).toContain(said)
    expect(stderr).not.toContain('hunter2')
    expect(server.calls.filter(({ route }) => route !== 'parseDeployments')).toEqual([])
  })

  it.each<[string, Record<string, string>, string, string]>([
    ['no port', { SALLYPORT_PORT: 'abc' }, 'SALLYPORT_PORT (got "abc") must be a whole number from 0 to 65535.', 'unset SALLYPORT_PORT'],
    [
      'no number of workers',
      { SALLYPORT_WORKERS: '0' },
      '(got "0") must be `auto` or a whole number from 1 to 256.',
      'unset SALLYPORT_WORKERS',
    ],
  ])('refuse what is %s, in words', async (_, env, said, remedy) => {
    const { exit, stderr } = await run(['config', 'show'], { env })
    expect(exit).toBe(2)
    expect(stderr).toContain(said)
    expect(stderr).toContain(remedy)
    expect(stderr).not.toContain('Invalid input')
  })
})

describe('a client', () => {
  it('works beside a setting that it does not know, and says that `serve` would not', async () => {
    const { exit, stdout, stderr } = await run(['config', 'show'], { env: { SALLYPORT_PROT: '1' } })
    expect(exit).toBe(0)
    expect(stdout).toContain('SALLYPORT_PORT')
    expect(stderr).toContain('SALLYPORT_PROT is not a setting. Did you mean SALLYPORT_PORT? `serve` refuses it: unset SALLYPORT_PROT')
  })

  it('asks no other server when none runs on the data folder that was named', async () => {
    const dataDir = temporaryFolder()
    const { exit, stderr } = await run(['whoami', '--data-dir', dataDir])
    expect(exit).toBe(3)
    expect(stderr).toContain('✘ No server runs on this data folder\n')
    expect(stderr).toContain(`→ sallyport serve --data-dir ${dataDir}\n`)
    const config = await run(['config', 'show'], { env: { SALLYPORT_DATA_DIR: dataDir } })
    expect([config.exit, config.stdout]).toEqual([0, expect.stringContaining(dataDir)])
  })

  it('cuts tables to the terminal and never wraps them', async () => {
    const { stdout } = await run(['config', 'show'], { columns: 60, env: { NO_COLOR: '1' } })
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
    expect(stdout).toContain('…')
  })
})

describe('exit codes', () => {
  const whoami = {
    id: 'key_1',
    kind: 'owner',
    name: 'ada',
    tenant: 'default',
    scopes: ['admin'],
    endpoints: null,
    tools: null,
    expiresAt: null,
    session: null,
  }

  it('is 0 when it went well', async () => {
    await using server = await startServer({ whoami: () => ok(whoami) })
    const { exit, stdout } = await run(['whoami', '--json'], { server })
    expect(exit).toBe(0)
    expect(JSON.parse(stdout)).toEqual(whoami)
  })

  it('is 1 when the server refuses, with title, reason and remedy of the problem', async () => {
    await using server = await startServer({
      getProfile: () => problem(404, 'No such thing', 'There is no profile dev.', 'sallyport profile create dev'),
    })
    const { exit, stdout, stderr } = await run(['profile', 'show', 'dev'], { server })
    expect({ exit, stdout, stderr }).toEqual({
      exit: 1,
      stdout: '',
      stderr: '✘ No such thing\n  There is no profile dev.\n→ sallyport profile create dev\n',
    })
  })

  it('is 1 for a credential that is not accepted, and says which one it was', async () => {
    await using server = await startServer({ whoami: () => problem(401, 'A valid credential is needed', 'This key is not known.') })
    const { exit, stderr } = await run(['whoami'], { server })
    expect(exit).toBe(1)
    expect(stderr).toContain('The key in SALLYPORT_KEY was not accepted.')
    expect(stderr).toContain('→ sallyport login')
  })

  it('is 3 when nothing listens', async () => {
    const server = await startServer({})
    await server[Symbol.asyncDispose]()
    const { exit, stderr } = await run(['whoami'], { server })
    expect(exit).toBe(3)
    expect(stderr).toContain(`✘ No answer from ${server.url}\n  Nothing listens there.\n→ sallyport serve`)
  })

  it.each<[string, { status?: number; headers?: Record<string, string>; body: unknown }]>([
    ['a page of HTML', { headers: { 'content-type': 'text/html' }, body: '<h1>hello</h1>' }],
    ['JSON of another shape', { body: { id: 7 } }],
    ['a redirect, which would carry the key away', { status: 302, headers: { location: 'http://127.0.0.1:1/' }, body: '' }],
    ['an error that is not ours', { status: 500, body: 'oops' }],
  ])('is 3 when the server answers %s', async (_, answer) => {
    await using server = await startServer({}, { 'GET /api/v1/whoami': () => answer })
    const { exit, stdout } = await run(['whoami'], { server })
    expect({ exit, stdout }).toEqual({ exit: 3, stdout: '' })
    expect(server.calls).toHaveLength(1)
  })

  it('is that of the server for `serve`, which gets its flags, with or without its name', async () => {
    const seen: unknown[] = []
    const program = { serve: async (flags: object) => (seen.push(flags), 4) }
    expect((await run(['serve', '--port', '7300'], { program })).exit).toBe(4)
    expect((await run(['--port=7301', '--data-dir', '/srv/x'], { program })).exit).toBe(4)
    expect((await run([], { program })).exit).toBe(4)
    expect(seen).toEqual([{ port: '7300' }, { port: '7301', 'data-dir': '/srv/x' }, {}])
  })
})

describe('output', () => {
  it('says nothing but data with --quiet', async () => {
    const home = temporaryFolder()
    mkdirSync(join(home, 'sallyport'), { mode: 0o700 })
    const { stdout, stderr } = await run(['owner', 'link', '--quiet'], { home })
    expect({ stdout, stderr }).toEqual({ stdout: 'http://127.0.0.1:7255/welcome?token=once\n', stderr: '' })
  })

  it.each<[string, Record<string, string>, number | undefined, boolean]>([
    ['is coloured on a terminal', {}, 80, true],
    ['is plain in a pipe', {}, undefined, false],
    ['is plain with NO_COLOR', { NO_COLOR: '1' }, 80, false],
    ['is coloured in a pipe with FORCE_COLOR', { FORCE_COLOR: '1' }, undefined, true],
    ['is plain with FORCE_COLOR=0', { FORCE_COLOR: '0' }, 80, false],
    ['is plain on a dumb terminal', { TERM: 'dumb' }, 80, false],
    ['is plain for a coding agent', { CLAUDECODE: '1' }, 80, false],
  ])('%s', async (_, env, columns, isColoured) => {
    const { stdout } = await run(['--help'], { env, ...(columns === undefined ? {} : { columns }) })
    expect(stdout.includes('\u001B[')).toBe(isColoured)
  })

  it('shows a defect of ours with its place and ends with 1', async () => {
    const { exit, stderr } = await run(['owner', 'link'], {
      program: { ownerLink: async () => Promise.reject(new TypeError('x is not a function')) },
    })
    expect(exit).toBe(1)
    expect(stderr).toMatch(/✘ A defect in sallyport\n {2}TypeError: x is not a function\n {6}at /)
  })

  it('asks no questions of a script: exit code 2 names the flag', async () => {
    await using server = await startServer({
      getProfile: () =>
        ok({
          name: 'dev',
          title: 'dev',
          description: '',
          access: 'granted',
          servers: [],
          tools: { include: [], exclude: [], rename: {}, describe: {}, fix: {}, search: false },
          endpoint: 'http://127.0.0.1:7255/mcp/dev',
          origin: { kind: 'api' },
        }),
    })
    const { exit, stderr } = await run(['profile', 'remove', 'dev'], { server })
    expect(exit).toBe(2)
    expect(stderr).toContain('→ add --yes')
    expect(server.calls.map(({ route }) => route)).toEqual(['getProfile'])
  })
})

it('refuses a stored login that others can read', async () => {
  const home = temporaryFolder()
  mkdirSync(join(home, '.config/sallyport'), { recursive: true })
  writeFileSync(join(home, '.config/sallyport/login.json'), JSON.stringify({ url: 'https://tools.example.com', key: 'sp_x' }), {
    mode: 0o644,
  })
  const { exit, stderr } = await run(['whoami'], { home })
  expect(exit).toBe(1)
  expect(stderr).toContain('can be read by other users')
  expect(stderr).toContain('→ chmod 600')
})
