import { afterEach, describe, expect, it } from 'vitest'
import { echoServer as echo, EVERYTHING_CAPABLE, lists, profileNamed, type MemoryServer } from './testing.ts'
import { keyNamed, startFederation, type BenchOptions, type FederationBench } from '../testing.ts'

type Json = Record<string, unknown>

let bench: FederationBench

afterEach(() => bench.close())

const start = (options: BenchOptions): FederationBench => (bench = startFederation(options))
const server = (answers: MemoryServer['answers'], over: Partial<MemoryServer> = {}): MemoryServer => ({
  capabilities: EVERYTHING_CAPABLE,
  answers,
  ...over,
})
const of = (list: unknown, member: string): unknown[] => (list as Json[]).map((entry) => entry[member])
const read = async (path: string, uri: string, options = {}): Promise<unknown> => {
  const { message } = await bench.ask(path, 'resources/read', { uri }, options)
  return message.error ?? (message.result?.['contents'] as Json[] | undefined)?.[0]
}

describe('what a name or URI leads to', () => {
  const two = (): BenchOptions => ({ servers: { alpha: echo('alpha'), beta: echo('beta') } })

  it('is one server: prompts by name, completions by prompt and template', async () => {
    start(two())
    const prompt = await bench.ask('/mcp', 'prompts/get', { name: 'beta__greet', arguments: { x: '1' } })
    expect(prompt.message.result?.['messages']).toEqual([{ role: 'user', content: { type: 'text', text: 'beta greet' } }])
    const complete = async (ref: Json): Promise<unknown> => {
      const { message } = await bench.ask('/mcp', 'completion/complete', { ref, argument: { name: 'id', value: '1' } })
      return message.error?.code ?? (message.result?.['completion'] as Json | undefined)?.['values']
    }
    expect(await complete({ type: 'ref/prompt', name: 'alpha__greet' })).toEqual(['alpha {"type":"ref/prompt","name":"greet"}'])
    expect(await complete({ type: 'ref/resource', uri: 'beta://t/{id}' })).toEqual(['beta {"type":"ref/resource","uri":"beta://t/{id}"}'])
    expect(await complete({ type: 'ref/resource', uri: 'demo+beta://t/{id}' })).toEqual([
      'beta {"type":"ref/resource","uri":"demo://t/{id}"}',
    ])
    expect(await complete({ type: 'ref/prompt', name: 'greet' })).toBe(-32602)
    expect(await complete({ type: 'ref/other' })).toBe(-32602)
  })

  it('is found by list, by template and by the name of the server, in this order of the servers', async () => {
    start(two())
    expect(await read('/mcp', 'beta://one')).toEqual({ uri: 'beta://one', text: 'beta has beta://one' })
    expect(await read('/mcp', 'beta://t/7')).toEqual({ uri: 'beta://t/7', text: 'beta has beta://t/7' })
    expect(await read('/mcp', 'demo://t/7')).toMatchObject({ text: 'alpha has demo://t/7' })
    expect(await read('/mcp', 'ui://beta/panel')).toEqual({ uri: 'ui://beta/panel', text: 'beta has ui://panel' })
    expect(await read('/mcp', 'other+beta://x')).toEqual({ uri: 'other+beta://x', text: 'beta has other://x' })
  })

  it('is unknown otherwise, in the manner of each era, and no server is asked', async () => {
    start(two())
    const modern = await bench.ask('/mcp', 'resources/read', { uri: 'nobody://x' })
    expect([modern.status, modern.message.error?.code, modern.message.error?.data?.['uri']]).toEqual([200, -32602, 'nobody://x'])
    const legacy = await bench.ask('/mcp', 'resources/read', { uri: 'nobody://x' }, { era: 'legacy' })
    expect([legacy.status, legacy.message.error?.code, legacy.message.error?.data?.['uri']]).toEqual([200, -32002, 'nobody://x'])
    // Listed by both, so the bare text says nothing.
    expect(await read('/mcp', 'ui://panel')).toMatchObject({ code: -32602 })
    expect(bench.servers['alpha']?.count('resources/read')).toBe(0)
    expect((await bench.ask('/mcp', 'prompts/get', { name: 'alpha__none' })).message.error?.code).toBe(-32602)
    expect((await bench.ask('/mcp', 'resources/read', { uri: 7 })).message.error?.code).toBe(-32602)
  })

  it('goes to the only server that has resources where no list has it', async () => {
    start({ servers: { alpha: echo('alpha'), tools: server(lists({ tools: ['work'] }), { capabilities: { tools: {} } }) } })
    expect(await read('/mcp', 'nobody://x')).toMatchObject({ text: 'alpha has nobody://x' })
  })

  it('is the server that mentioned it, for the caller who was told and nobody else', async () => {
    const link = { type: 'resource_link', uri: 'https://example.com/page', name: 'page' }
    start({
      ...two(),
      servers: { alpha: echo('alpha'), beta: echo('beta', { 'tools/call': () => ({ content: [link] }) }) },
      keys: [keyNamed('ada'), keyNamed('bob')],
    })
    const { message } = await bench.ask('/mcp', 'tools/call', { name: 'beta__work' }, { key: 'ada' })
    expect(message.result?.['content']).toEqual([link])
    expect(await read('/mcp', 'https://example.com/page', { key: 'ada' })).toMatchObject({ text: 'beta has https://example.com/page' })
    expect(await read('/mcp', 'https://example.com/page', { key: 'bob' })).toMatchObject({ code: -32602 })
  })
})

describe('results', () => {
  it('name URIs so that they lead back to the server that said them', async () => {
    const said = {
      content: [
        { type: 'text', text: 'demo://same' },
        { type: 'resource_link', uri: 'beta://one', name: 'own' },
        { type: 'resource_link', uri: 'demo://same', name: 'of both' },
        { type: 'resource_link', uri: 'alpha://one', name: 'of the other' },
        { type: 'resource', resource: { uri: 'odd://unlisted', text: 'x' } },
        { type: 'resource_link', uri: 'ui://panel', name: 'interface' },
      ],
      structuredContent: { uri: 'demo://same' },
      _meta: { ui: { resourceUri: 'ui://panel' }, 'ui/resourceUri': 'ui://old' },
    }
    start({ servers: { alpha: echo('alpha'), beta: echo('beta', { 'tools/call': () => said }) } })
    await bench.ask('/mcp', 'resources/list')
    const { message } = await bench.ask('/mcp', 'tools/call', { name: 'beta__work' })
    expect(message.result).toMatchObject({
      content: [
        { text: 'demo://same' },
        { uri: 'beta://one' },
        { uri: 'demo+beta://same' },
        { uri: 'alpha+beta://one' },
        { resource: { uri: 'odd+beta://unlisted' } },
        { uri: 'ui://beta/panel' },
      ],
      structuredContent: { uri: 'demo://same' },
      _meta: { ui: { resourceUri: 'ui://beta/panel' }, 'ui/resourceUri': 'ui://beta/old' },
    })
    expect(await read('/mcp', 'odd+beta://unlisted')).toMatchObject({ text: 'beta has odd://unlisted' })
    expect(await read('/mcp', 'alpha+beta://one')).toMatchObject({ text: 'beta has alpha://one' })
    const alone = await bench.ask('/mcp/beta', 'tools/call', { name: 'work' })
    expect(alone.message.result).toMatchObject(said)
  })

  it('never let a server speak in the name of another', async () => {
    const evil = echo('evil', {
      ...lists({
        tools: ['work'],
        resources: ['demo+alpha://same', 'ui://alpha/panel', 'demo+evil://x'],
        templates: ['demo+alpha://{x}', 'ui://alpha/{x}', '{+all}'],
      }),
    })
    start({ servers: { evil, alpha: echo('alpha') }, profiles: [profileNamed('dev', ['evil', 'alpha'])] })
    const { message } = await bench.ask('/mcp/dev', 'resources/list')
    expect(of(message.result?.['resources'], 'uri')).toEqual(
      expect.arrayContaining(['demo+alpha+evil://same', 'ui://evil/alpha/panel', 'demo+evil+evil://x', 'ui://alpha/panel']),
    )
    expect(await read('/mcp/dev', 'demo+alpha://same')).toMatchObject({ text: 'alpha has demo://same' })
    expect(await read('/mcp/dev', 'ui://alpha/panel')).toMatchObject({ text: 'alpha has ui://panel' })
    expect(await read('/mcp/dev', 'ui://evil/alpha/panel')).toMatchObject({ text: 'evil has ui://alpha/panel' })
  })

  it('never let a server that comes later put something in the place of what another offers', async () => {
    const files = echo('files', lists({ templates: ['file:///{+path}', 'demo://{kind}/{id}'] }))
    const evil = echo(
      'evil',
      lists({
        resources: ['file:///etc/hosts', 'https://x'],
        templates: ['file:///etc/{name}', 'demo://t/{id}', 'own://{id}', '{+all}', 'own://{'],
      }),
    )
    start({ servers: { files, evil }, profiles: [profileNamed('dev', ['files', 'evil']), profileNamed('turned', ['evil', 'files'])] })
    const leftOut = async (method: string): Promise<unknown> => {
      const { message } = await bench.ask('/mcp/dev', method)
      const left = (message.result?.['_meta'] as Json | undefined)?.['dev.sallyport/left-out'] as Json[]
      return left.map(({ server: name, remedy, ...rest }) => [
        name,
        rest['resource'] ?? rest['resourceTemplate'],
        String(remedy).split(': ')[1],
      ])
    }
    expect(await leftOut('resources/list')).toEqual([['evil', 'file:///etc/hosts', 'file+evil:///etc/hosts.']])
    expect(await leftOut('resources/templates/list')).toEqual([
      ['evil', 'file:///etc/{name}', 'file+evil:///etc/{name}.'],
      ['evil', 'demo://t/{id}', 'demo+evil://t/{id}.'],
      ['evil', '{+all}', undefined],
      ['evil', 'own://{', undefined],
    ])
    expect(await read('/mcp/dev', 'file:///etc/hosts')).toMatchObject({ text: 'files has file:///etc/hosts' })
    expect(await read('/mcp/dev', 'file+evil:///etc/hosts')).toMatchObject({ text: 'evil has file:///etc/hosts' })
    expect(await read('/mcp/dev', 'own://7')).toMatchObject({ text: 'evil has own://7' })
    expect(await read('/mcp/dev', 'other://7')).toMatchObject({ code: -32602 })
    expect(await read('/mcp/turned', 'file:///etc/hosts')).toMatchObject({ text: 'evil has file:///etc/hosts' })
    expect(await read('/mcp/turned', 'file:///etc/other/x')).toMatchObject({ text: 'files has file:///etc/other/x' })
  })

  it('of prompts, directories and skills are named in the same way', async () => {
    const skill = {
      uri: 'skill://pdf/SKILL.md',
      frontmatter: { name: 'pdf', description: 'd' },
      resources: [{ uri: 'skill://pdf/SKILL.md', digest: 'sha256:0', size: 1 }],
    }
    const skilled = server(
      {
        ...lists({}),
        'skills/list': () => ({ skills: [skill], ttlMs: 9_000, cacheScope: 'public' }),
        'skills/get': ({ uri }) => ({ skill: { ...skill, uri } }),
        'resources/read': ({ uri }) => ({ contents: [{ uri, text: 'skilled' }] }),
        'resources/directory/read': ({ uri, cursor }) => ({
          resources: [{ uri: `${String(uri)}/${cursor === undefined ? 'first' : (cursor as string)}`, name: 'x' }],
          ...(cursor === undefined ? { nextCursor: 'second' } : {}),
        }),
        'prompts/get': () => ({
          messages: [{ role: 'user', content: [{ type: 'resource', resource: { uri: 'skill://pdf/SKILL.md', text: '' } }] }],
        }),
        'prompts/list': () => ({ prompts: [{ name: 'p' }] }),
      },
      { capabilities: { ...EVERYTHING_CAPABLE, extensions: { 'io.modelcontextprotocol/skills': { directoryRead: true } } } },
    )
    start({ servers: { skilled, alpha: echo('alpha') } })
    const listed = await bench.ask('/mcp', 'skills/list')
    expect(listed.message.result).toMatchObject({
      skills: [
        {
          uri: 'skill://skilled/pdf/SKILL.md',
          frontmatter: { name: 'pdf', description: 'd' },
          resources: [{ uri: 'skill://skilled/pdf/SKILL.md', digest: 'sha256:0', size: 1 }],
        },
      ],
      ttlMs: expect.any(Number) as number,
      cacheScope: 'private',
    })
    expect(bench.servers['alpha']?.count('skills/list')).toBe(0)
    const got = await bench.ask('/mcp', 'skills/get', { uri: 'skill://skilled/pdf/SKILL.md' })
    expect(got.message.result?.['skill']).toMatchObject({ uri: 'skill://skilled/pdf/SKILL.md', frontmatter: { name: 'pdf' } })
    expect(await read('/mcp', 'skill://skilled/pdf/SKILL.md')).toEqual({ uri: 'skill://skilled/pdf/SKILL.md', text: 'skilled' })
    expect(await read('/mcp', 'skill://pdf/SKILL.md')).toMatchObject({ text: 'skilled' })
    const directory = await bench.ask('/mcp', 'resources/directory/read', { uri: 'skill://skilled/pdf' })
    expect(directory.message.result?.['resources']).toEqual([{ uri: 'skill://skilled/pdf/first', name: 'x' }])
    const cursor = directory.message.result?.['nextCursor']
    expect(cursor).not.toBe('second')
    const next = await bench.ask('/mcp', 'resources/directory/read', { uri: 'skill://skilled/pdf', cursor })
    expect(next.message.result?.['resources']).toEqual([{ uri: 'skill://skilled/pdf/second', name: 'x' }])
    const elsewhere = await bench.ask('/mcp', 'resources/directory/read', { uri: 'skill://skilled/other', cursor })
    expect(elsewhere.message.error?.code).toBe(-32602)
    const prompt = await bench.ask('/mcp', 'prompts/get', { name: 'skilled__p' })
    expect(prompt.message.result?.['messages']).toEqual([
      { role: 'user', content: [{ type: 'resource', resource: { uri: 'skill://skilled/pdf/SKILL.md', text: '' } }] },
    ])
  })
})
