import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '#store/testing.ts'
import {
  DeclaredError,
  declaredSchema,
  type DeclaredSet,
  type DeclaredSources,
  loadDeclared,
  readDeclaredSettings,
  watchDeclared,
} from './index.ts'

const CANARY = 'canary-9c1e77'
const SECRETS: Readonly<Record<string, string>> = { 'input/known': CANARY }

function fileOf(text: unknown): string {
  const path = join(temporaryFolder(), 'sallyport.json')
  writeFileSync(path, typeof text === 'string' ? text : JSON.stringify(text))
  return path
}

const load = (path: string, changes: Partial<DeclaredSources> = {}): Promise<DeclaredSet> =>
  loadDeclared({
    path,
    tenant: 'default',
    env: { HOME: '/home/ada', DOCS_TOKEN: CANARY, PORT: '8080' },
    openSecret: async (name) => SECRETS[name],
    // Recognisable, and without the text: what is sealed is looked up by it.
    seal: (name, text) => `sealed(${name},${text.length})`,
    liveNames: new Set(['live']),
    settingNames: ['port', 'ownerKey'],
    ...changes,
  })

async function errorsOf(text: unknown): Promise<string[]> {
  const error: unknown = await load(fileOf(text)).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(DeclaredError)
  expect((error as Error).message).not.toContain(CANARY)
  return (error as Error).message.split('\n')
}

describe('a declared file', () => {
  it('takes what Claude and Cursor write', async () => {
    const set = await load(
      fileOf(`{
  // comments and trailing commas are fine
  "mcpServers": {
    "Everything Server": { "command": "npx", "args": ["-y", "server-everything", "\${PORT}", "\${MISSING:-none}"], "env": { "LOG": "debug" }, "alwaysAllow": [] },
    "docs": { "type": "http", "url": "https://mcp.example.com/mcp", "headers": { "Authorization": "env:DOCS_TOKEN", "X-Team": "core" }, "timeout": 5 },
    "old": { "command": "x", "disabled": true },
  },
}`),
    )
    expect(set.deployments).toMatchObject([
      {
        name: 'everything-server',
        title: 'Everything Server',
        origin: { kind: 'declared', place: 'sallyport.json:4:5' },
        spec: {
          kind: 'process',
          command: 'npx',
          args: ['-y', 'server-everything', '8080', 'none'],
          env: { LOG: { text: 'debug' } },
          egress: [],
          files: [],
          cwd: null,
        },
      },
      {
        name: 'docs',
        access: 'granted',
        deadlineMs: 30_000,
        spec: { kind: 'remote', headers: { Authorization: { secret: 'declared/docs/header/authorization' }, 'X-Team': { text: 'core' } } },
      },
    ])
    for (const { digest, approvedDigest } of set.deployments) expect(approvedDigest).toBe(digest)
    expect(set.secrets.get('declared/docs/header/authorization')).toBe(`sealed(declared/docs/header/authorization,${CANARY.length})`)
    expect(set.warnings).toEqual([])
    expect(JSON.stringify(set)).not.toContain(CANARY)
  })

  it('takes what VS Code writes, and waits for inputs that have no answer', async () => {
    const set = await load(
      fileOf({
        inputs: [
          { type: 'promptString', id: 'known', description: 'Known', password: true },
          { type: 'promptString', id: 'open', description: 'Open', password: true },
          { type: 'pickString', id: 'region', default: 'eu', options: ['eu', 'us'] },
        ],
        servers: {
          a: {
            type: 'stdio',
            command: 'uvx',
            args: ['server-a', '${input:region}'],
            env: { A_KEY: '${input:known}', B: '${input:open}', GONE: null },
          },
          b: { url: 'https://b.example/${input:open}' },
          c: { url: 'https://c.example/', headers: { Authorization: 'Bearer ${input:known}' } },
        },
      }),
    )
    const [a, b, c] = set.deployments
    expect(a).toMatchObject({
      spec: { args: ['server-a', 'eu'], env: { A_KEY: { secret: 'declared/a/env/A_KEY' }, B: { secret: 'input/open' } } },
    })
    expect(Object.keys(a!.spec.kind === 'process' ? a!.spec.env : {})).toEqual(['A_KEY', 'B'])
    expect(a!.approvedDigest).toBe(a!.digest)
    expect(b!.approvedDigest).toBeNull()
    expect(c).toMatchObject({ spec: { headers: { Authorization: { secret: 'declared/c/header/authorization' } } } })
    expect(set.missingInputs).toEqual([{ id: 'open', description: 'Open', isSecret: true, deployments: ['a', 'b'] }])
    expect(JSON.stringify([...set.secrets, set])).not.toContain(CANARY)
  })

  it('takes our own keys, and paths relative to itself', async () => {
    const path = fileOf({
      mcpServers: {
        notes: {
          command: '${workspaceFolder}/bin/notes',
          cwd: 'work',
          envFile: '.env',
          env: { KEPT: 'over', TOKEN: 'vault:notes-token' },
          sallyport: {
            access: 'tenant',
            deadlineMs: 5000,
            startDeadlineMs: 9000,
            egress: ['api.github.com:443'],
            files: [{ path: './notes', mode: 'rw' }, { path: '~/x' }],
            headers: 'lenient',
            isolation: 'strong',
          },
        },
      },
      profiles: {
        Dev: { access: 'public', servers: ['notes'], tools: { exclude: ['notes__drop'], fix: { notes__add: { folder: 'inbox' } } } },
      },
    })
    const folder = path.slice(0, -'/sallyport.json'.length)
    writeFileSync(join(folder, '.env'), `SECRET_ONE=${CANARY}\nKEPT=below\n`)
    const { deployments, profiles, warnings } = await load(path)
    expect(deployments[0]).toMatchObject({
      access: 'tenant',
      deadlineMs: 5000,
      startDeadlineMs: 9000,
      headersMode: 'lenient',
      spec: {
        command: `${folder}/bin/notes`,
        cwd: `${folder}/work`,
        egress: ['api.github.com:443'],
        files: [
          { path: `${folder}/notes`, mode: 'rw' },
          { path: '/home/ada/x', mode: 'ro' },
        ],
        isolation: 'strong',
        env: { SECRET_ONE: { secret: 'declared/notes/env/SECRET_ONE' }, KEPT: { text: 'over' }, TOKEN: { secret: 'notes-token' } },
      },
    })
    expect(profiles).toMatchObject([
      {
        name: 'dev',
        title: 'Dev',
        access: 'public',
        servers: ['notes'],
        tools: { include: [], exclude: ['notes__drop'], fix: { notes__add: { folder: 'inbox' } } },
      },
    ])
    expect(warnings).toEqual([])
  })

  it('reads a value from a file, without the line break at its end', async () => {
    const path = fileOf({ mcpServers: { a: { url: 'https://a.example', headers: { 'X-Key': 'file:key.txt' } } } })
    writeFileSync(path.replace('sallyport.json', 'key.txt'), 'abc\n')
    expect((await load(path)).secrets.get('declared/a/header/x-key')).toBe('sealed(declared/a/header/x-key,3)')
  })

  it('seals literal secrets and says so', async () => {
    const { warnings, secrets, deployments } = await load(
      fileOf(`{ "mcpServers": {
  "a": { "url": "https://a.example", "headers": { "Authorization": "Bearer ${CANARY}" } },
  "b": { "command": "b", "args": ["--key", "\${DOCS_TOKEN}"], "env": { "GH_TOKEN": "${CANARY}", "LEVEL": "ghp_abcdef" } },
  "c": { "type": "sse", "url": "https://c.example" }
}, "profiles": { "p": { "servers": ["a"], "tools": { "exclude": ["b__x", "a__y"] } } } }`),
    )
    expect(warnings.map(({ place, message }) => `${place} ${message.split(';')[0]}`)).toEqual([
      'sallyport.json:2:68 this is a secret in plain text',
      'sallyport.json:3:44 ${DOCS_TOKEN} becomes part of the launch specification here, which every admin can see',
      'sallyport.json:3:83 this is a secret in plain text',
      'sallyport.json:3:109 this is a secret in plain text',
      'sallyport.json:5:66 "b__x" matches no tool: names begin with a server of this profile, such as a__search',
    ])
    expect(JSON.stringify(warnings)).not.toContain(CANARY)
    expect([...secrets.keys()]).toEqual(['declared/a/header/authorization', 'declared/b/env/GH_TOKEN', 'declared/b/env/LEVEL'])
    expect(JSON.stringify(deployments[0])).not.toContain(CANARY)
  })

  it('has the same digest whatever the value of its secrets, and another when the launch changes', async () => {
    const text = (arg: string) => ({ mcpServers: { a: { command: 'a', args: [arg], env: { TOKEN: 'env:DOCS_TOKEN' } } } })
    const digest = async (arg: string, token: string) =>
      (await load(fileOf(text(arg)), { env: { DOCS_TOKEN: token } })).deployments[0]!.digest
    expect(await digest('x', 'one')).toBe(await digest('x', 'two'))
    expect(await digest('x', 'one')).not.toBe(await digest('y', 'one'))
  })
})

describe('a broken declared file names every mistake with its place', () => {
  const server = (inside: string) => `{ "mcpServers": {\n  "a": ${inside}\n} }`
  it.each<[string, string, string[]]>([
    ['nothing', '', ['sallyport.json:1:1: the file is empty; expected an object such as { "mcpServers": {} }']],
    ['a missing comma', '{\n  "mcpServers": {}\n  "profiles": {}\n}', ['sallyport.json:3:3: expected a comma']],
    [
      'a text without end',
      '{\n  "mcpServers\n}',
      ['sallyport.json:2:3: this text has no closing quote', 'sallyport.json:3:1: expected a colon after the name'],
    ],
    ['a list', '[]', ['sallyport.json:1:1: expected an object, found a list']],
    [
      'a name given twice',
      '{\n "mcpServers": {},\n "mcpServers": {} }',
      ['sallyport.json:3:2: "mcpServers" is given twice in the same object'],
    ],
    ['__proto__', '{ "mcpServers": { "__proto__": { "command": "x" } } }', ['sallyport.json:1:19: this name is not possible here']],
    [
      'an unknown key',
      '{ "mcpServer": {} }',
      [
        'sallyport.json:1:3: "mcpServer" is not known here. Did you mean "mcpServers"? Known: $schema, mcpServers, servers, inputs, profiles, settings',
      ],
    ],
    [
      'an unknown key of ours',
      server('{ "command": "x", "sallyport": { "acess": "public", "isolation": "high" } }'),
      [
        'sallyport.json:2:41: "acess" is not known here. Did you mean "access"? Known: access, deadlineMs, startDeadlineMs, egress, files, headers, isolation, server, operations, auth, documentSha256, title, description',
        'sallyport.json:2:73: expected "strong" or "medium" or "none", found "high"',
      ],
    ],
    [
      'a wrong type',
      server('{ "command": "x", "args": "-y", "env": { "A": true } }'),
      ['sallyport.json:2:34: expected a list, found a text', 'sallyport.json:2:54: expected a text'],
    ],
    [
      'neither command nor url',
      server('{ "args": [] }'),
      ['sallyport.json:2:3: expected "command" (a process) or "url" (a remote server), found neither'],
    ],
    [
      'both',
      server('{ "url": "https://a.example", "command": "x" }'),
      ['sallyport.json:2:38: an entry has either "url" or "command", not both'],
    ],
    [
      'members of the other kind',
      server('{ "url": "https://a.example", "env": { "A": "b" } }'),
      ['sallyport.json:2:38: "env" belongs to a server with "command"; a remote one takes "headers"'],
    ],
    [
      'grants for what runs elsewhere',
      server('{ "url": "https://a.example", "sallyport": { "egress": ["a:1"] } }'),
      ['sallyport.json:2:53: "egress" is granted to a process; this server runs elsewhere'],
    ],
    ['another scheme', server('{ "url": "ftp://a.example" }'), ['sallyport.json:2:17: expected an http or https address, found ftp:']],
    [
      'a user in the address',
      server(`{ "url": "https://ada:${CANARY}@a.example" }`),
      ['sallyport.json:2:17: the address holds a user name or password; put it into the header Authorization'],
    ],
    [
      'no port',
      server('{ "command": "x", "sallyport": { "egress": ["api.github.com"] } }'),
      ['sallyport.json:2:52: expected host:port, such as api.github.com:443, found "api.github.com"'],
    ],
    [
      'a header of the transport',
      server('{ "url": "https://a.example", "headers": { "Host": "b" } }'),
      ['sallyport.json:2:51: the header Host is set by Sallyport itself'],
    ],
    [
      'a variable that is not set',
      server('{ "command": "x", "env": { "A": "env:NOPE", "B": "a${ALSO}b" } }'),
      ['sallyport.json:2:40: the environment variable NOPE is not set', 'sallyport.json:2:57: the environment variable ALSO is not set'],
    ],
    [
      'a file that is not there',
      server('{ "command": "x", "env": { "A": "file:nope.txt" } }'),
      ['sallyport.json:2:40: the file nope.txt does not exist'],
    ],
    [
      'an unknown input',
      server('{ "command": "x", "env": { "A": "${input:nope}" } }'),
      ['sallyport.json:2:40: there is no input "nope" in "inputs"'],
    ],
    [
      'what is no reference',
      server('{ "command": "${a b}" }'),
      ['sallyport.json:2:21: ${a b} is not a reference; expected ${VAR}, ${env:VAR} or ${input:id}'],
    ],
    [
      'names that collide',
      '{ "mcpServers": {\n "My Docs": { "command": "x" },\n "my-docs": { "command": "x" } },\n "profiles": { "MY-DOCS": {}, "live": {} } }',
      [
        'sallyport.json:3:2: "my-docs" becomes the name my-docs, which the one at sallyport.json:2:2 has already; my-docs-2 is free',
        'sallyport.json:4:16: "MY-DOCS" becomes the name my-docs, which the one at sallyport.json:2:2 has already; my-docs-2 is free',
        'sallyport.json:4:31: "live" becomes the name live, which a deployment or profile made over the API has already; live-2 is free',
      ],
    ],
    [
      'names that cannot be',
      '{ "mcpServers": { "a__b": { "command": "x" }, "invoke": { "command": "x" } } }',
      [
        'sallyport.json:1:19: the name "a__b" holds "__", which separates server and tool; use "-"',
        'sallyport.json:1:47: the name "invoke" is reserved; choose another',
      ],
    ],
    [
      'a server that is not there',
      '{ "mcpServers": { "docs": { "command": "x" } }, "profiles": { "p": { "servers": ["doc", "docs", "docs"] } } }',
      ['sallyport.json:1:82: there is no server "doc" in this file. Did you mean "docs"?', 'sallyport.json:1:97: "docs" is listed twice'],
    ],
    ['an unknown setting', '{ "settings": { "prot": 1 } }', ['sallyport.json:1:17: "prot" is not a setting. Did you mean "port"?']],
    [
      'an input given twice',
      '{ "inputs": [{ "type": "promptString", "id": "a" }, { "type": "promptString", "id": "a" }] }',
      ['sallyport.json:1:85: the input "a" is given twice'],
    ],
    [
      'a wrong byte-order mark and line ends',
      '\uFEFF{\r\n  "x": 1\r\n}',
      ['sallyport.json:2:3: "x" is not known here. Known: $schema, mcpServers, servers, inputs, profiles, settings'],
    ],
  ])('%s', async (_, text, messages) => {
    expect(await errorsOf(text)).toEqual(messages)
  })

  it('also when it is far too deep or too large', async () => {
    expect(await errorsOf('{"a":'.repeat(100_000))).toEqual(['sallyport.json:1:1: the file nests deeper than 64 levels'])
    expect(await errorsOf(' '.repeat(4 * 1024 * 1024 + 1))).toEqual(['sallyport.json:1:1: the file is larger than 4194304 bytes'])
  })

  it('names one line only for what stands behind its end', async () => {
    expect(await errorsOf('{\n}\nxyz abc\n}')).toEqual(['sallyport.json:3:1: expected the end of the file'])
    expect(await errorsOf('{\n  "servers": {}\n}\n}\n')).toEqual(['sallyport.json:4:1: expected the end of the file'])
  })

  it('advises no edit of a file that only misses a variable', async () => {
    const path = join(temporaryFolder(), 'sallyport.json')
    const servers = (env: string): string => `{ "servers": { "docs": { "command": "x", "env": { ${env} } } } }`
    writeFileSync(path, servers('"A": "env:NOPE", "B": "${NOPE}"'))
    await expect(load(path)).rejects.toMatchObject({ remedy: 'set NOPE in the environment of the server' })
    writeFileSync(path, servers('"A": "env:NOPE", "B": "file:nope"'))
    await expect(load(path)).rejects.toMatchObject({ remedy: undefined })
  })

  it('or not there', async () => {
    await expect(load(join(temporaryFolder(), 'sallyport.json'))).rejects.toThrow('sallyport.json: the declared file does not exist')
  })
})

describe('beside loading', () => {
  it('the settings can be read before there is a vault', () => {
    expect(readDeclaredSettings(fileOf('{ "settings": { "port": 7300 }, "mcpServers": { "a": { "command": "${NOT_SET}" } } }'))).toEqual({
      port: 7300,
    })
  })

  it('the schema for editors takes the example of the design and refuses a misspelt key', () => {
    const { $id, properties } = declaredSchema() as {
      $id: string
      properties: Record<string, { additionalProperties?: { properties?: object; additionalProperties?: unknown } }>
    }
    expect($id).toMatch(/\/schemas\/sallyport\.json$/)
    expect(Object.keys(properties)).toEqual(['$schema', 'mcpServers', 'servers', 'inputs', 'profiles', 'settings'])
    expect(properties['mcpServers']?.additionalProperties).toMatchObject({ additionalProperties: false })
    expect(Object.keys(properties['mcpServers']?.additionalProperties?.properties ?? {})).toEqual(
      expect.arrayContaining(['command', 'url', 'sallyport']),
    )
  })

  it('edits are noticed, also when an editor replaces the file', async () => {
    const path = fileOf('{}')
    let seen: (text: string) => void = () => {}
    const next = () => new Promise<string>((resolve) => (seen = resolve))
    const stop = watchDeclared(path, async () => seen(readFileSync(path, 'utf8')))
    try {
      const written = next()
      writeFileSync(path, '{ "a": 1 }')
      expect(await written).toBe('{ "a": 1 }')
      const replaced = next()
      mkdirSync(`${path}.d`)
      writeFileSync(`${path}.tmp`, '{ "a": 2 }')
      renameSync(`${path}.tmp`, path)
      expect(await replaced).toBe('{ "a": 2 }')
    } finally {
      stop()
    }
  })
})
