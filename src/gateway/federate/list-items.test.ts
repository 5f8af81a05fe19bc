import { afterEach, describe, expect, it } from 'vitest'
import { NO_TOOL_RULES } from '#profile/index.ts'
import { deploymentNamed, echoServer as echo, EVERYTHING_CAPABLE, lists, profileNamed, RpcRefusal, type MemoryServer } from './testing.ts'
import { keyNamed, OWNER, startFederation, type BenchOptions, type FederationBench } from '../testing.ts'

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

describe('the lists of a profile', () => {
  it('unite what its servers have, under their names, sorted', async () => {
    start({ servers: { beta: echo('beta'), alpha: echo('alpha') }, profiles: [profileNamed('dev', ['beta', 'alpha'])] })
    const prompts = await bench.ask('/mcp/dev', 'prompts/list')
    expect(of(prompts.message.result?.['prompts'], 'name')).toEqual(['alpha__greet', 'beta__greet'])
    const resources = await bench.ask('/mcp/dev', 'resources/list')
    expect(of(resources.message.result?.['resources'], 'uri')).toEqual([
      'alpha://one',
      'beta://one',
      'demo://same',
      'ui://alpha/panel',
      'ui://beta/panel',
    ])
    expect(resources.message.result).toMatchObject({ resultType: 'complete', cacheScope: 'private' })
    const templates = await bench.ask('/mcp/dev', 'resources/templates/list')
    expect(of(templates.message.result?.['resourceTemplates'], 'uriTemplate')).toEqual(['alpha://t/{id}', 'beta://t/{id}', 'demo://t/{id}'])
  })

  it('name a URI that two servers offer, and how to have the second one', async () => {
    start({ servers: { beta: echo('beta'), alpha: echo('alpha') }, profiles: [profileNamed('dev', ['beta', 'alpha'])] })
    const { message } = await bench.ask('/mcp/dev', 'resources/list')
    expect((message.result?.['_meta'] as Json | undefined)?.['dev.sallyport/left-out']).toEqual([
      {
        server: 'alpha',
        resource: 'demo://same',
        cause: 'demo://same is offered by beta, which comes first.',
        remedy: 'Name it by its server: demo+alpha://same.',
      },
    ])
    expect(await read('/mcp/dev', 'demo://same')).toMatchObject({ text: 'beta has demo://same' })
    expect(await read('/mcp/dev', 'demo+alpha://same')).toEqual({ uri: 'demo+alpha://same', text: 'alpha has demo://same' })
    expect(await read('/mcp/dev', 'demo+beta://same')).toEqual({ uri: 'demo://same', text: 'beta has demo://same' })
  })

  it('leave everything as it is at the address of one server', async () => {
    start({ servers: { alpha: echo('alpha') } })
    const resources = await bench.ask('/mcp/alpha', 'resources/list')
    expect(of(resources.message.result?.['resources'], 'uri')).toEqual(['alpha://one', 'demo://same', 'ui://panel'])
    expect(of((await bench.ask('/mcp/alpha', 'prompts/list')).message.result?.['prompts'], 'name')).toEqual(['greet'])
    expect(await read('/mcp/alpha', 'whatever://x')).toMatchObject({ uri: 'whatever://x', text: 'alpha has whatever://x' })
  })

  it('ask a server only for what it says it has', async () => {
    const small = server(lists({ tools: ['work'], prompts: ['hidden'] }), { capabilities: { tools: {} } })
    start({ servers: { small, alpha: echo('alpha') } })
    const { message } = await bench.ask('/mcp', 'prompts/list')
    expect(of(message.result?.['prompts'], 'name')).toEqual(['alpha__greet'])
    expect(bench.servers['small']?.count('prompts/list')).toBe(0)
    expect(message.result?.['_meta']).not.toHaveProperty('dev.sallyport/servers')
  })

  it('come in pages when they are long, with cursors that are good for their caller and list only', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `t${String(index).padStart(5, '0')}`)
    const big = (): MemoryServer => server(lists({ tools: names, prompts: ['greet'] }))
    start({ servers: { alpha: big(), beta: big(), gamma: server(lists({ tools: ['last'] })) }, keys: [keyNamed('ada')] })
    const seen: string[] = []
    const cursors: unknown[] = []
    let cursor: unknown
    do {
      const { message } = await bench.ask('/mcp', 'tools/list', cursor === undefined ? {} : { cursor })
      const page = of(message.result?.['tools'], 'name')
      expect(page.length).toBeLessThanOrEqual(10_000)
      seen.push(...(page as string[]))
      cursor = message.result?.['nextCursor']
      if (cursor !== undefined) cursors.push(cursor)
    } while (cursor !== undefined)
    expect(seen).toHaveLength(20_001)
    expect(seen).toEqual(seen.toSorted((a, b) => (a < b ? -1 : 1)))
    expect(seen.at(-1)).toBe('gamma__last')
    for (const [method, params, options] of [
      ['prompts/list', { cursor: cursors[0] }, {}],
      ['tools/list', { cursor: cursors[0] }, { key: 'ada' }],
      ['tools/list', { cursor: `${String(cursors[0])}x` }, {}],
      ['tools/list', { cursor: 'made up' }, {}],
      ['tools/list', { cursor: 7 }, {}],
    ] as const) {
      const { message, status } = await bench.ask('/mcp', method, params, options)
      expect([status, message.error?.code, message.error?.message]).toEqual([200, -32602, expect.stringContaining('no such page')])
    }
  })

  it('tell how long they hold, and are everybody’s only where nobody’s rights decide', async () => {
    const lasting = (ttlMs: number, cacheScope: string): MemoryServer =>
      server({ 'tools/list': () => ({ tools: [{ name: 'work', inputSchema: {} }], ttlMs, cacheScope }) })
    const open = { access: 'public' } as const
    start({
      servers: { short: lasting(5_000, 'public'), long: lasting(50_000, 'public'), mine: lasting(50_000, 'private') },
      deployments: [deploymentNamed('short', open), deploymentNamed('long', open), deploymentNamed('mine', open)],
      profiles: [
        profileNamed('open', ['short', 'long'], open),
        profileNamed('mixed', ['short', 'mine'], open),
        profileNamed('closed', ['short', 'long']),
        profileNamed('ruled', ['short', 'long'], { ...open, tools: { ...NO_TOOL_RULES, exclude: ['nothing'] } }),
      ],
    })
    const scope = async (path: string, key = ''): Promise<unknown> =>
      (await bench.ask(path, 'tools/list', {}, { key })).message.result?.['cacheScope']
    expect(await scope('/mcp/open')).toBe('public')
    expect(await scope('/mcp/mixed')).toBe('private')
    expect(await scope('/mcp/closed', OWNER)).toBe('private')
    expect(await scope('/mcp/ruled')).toBe('private')
    expect(await scope('/mcp', OWNER)).toBe('private')
    const { message } = await bench.ask('/mcp/open', 'tools/list', {}, { key: '' })
    expect(message.result?.['ttlMs']).toBeLessThanOrEqual(5_000)
    expect(message.result?.['ttlMs']).toBeGreaterThan(0)
  })

  it('ask for a list once for many callers, and again when its server says that it changed', async () => {
    start({ servers: { alpha: echo('alpha') }, profiles: [profileNamed('dev', ['alpha'])] })
    await Promise.all(Array.from({ length: 20 }, () => bench.ask('/mcp/dev', 'prompts/list')))
    expect(bench.servers['alpha']?.count('prompts/list')).toBe(1)
    bench.servers['alpha']?.tell('notifications/tools/list_changed')
    await bench.ask('/mcp/dev', 'prompts/list')
    expect(bench.servers['alpha']?.count('prompts/list')).toBe(1)
    bench.servers['alpha']?.tell('notifications/prompts/list_changed')
    await bench.ask('/mcp/dev', 'prompts/list')
    expect(bench.servers['alpha']?.count('prompts/list')).toBe(2)
  })

  it('name a server that does not answer, list the others, and show what it had with its age', async () => {
    let isDown = false
    const shaky = echo('shaky', {
      'prompts/list': () => {
        if (isDown) throw new RpcRefusal(-32000, 'out of order')
        return { prompts: [{ name: 'greet' }], ttlMs: 0 }
      },
    })
    start({
      servers: { shaky, alpha: echo('alpha'), dead: { capabilities: {}, answers: {}, isSilent: true } },
      deployments: [deploymentNamed('shaky'), deploymentNamed('alpha'), deploymentNamed('dead', { deadlineMs: 200 })],
    })
    await bench.ask('/mcp', 'prompts/list')
    isDown = true
    bench.servers['shaky']?.tell('notifications/prompts/list_changed')
    const { message } = await bench.ask('/mcp', 'prompts/list')
    expect(of(message.result?.['prompts'], 'name')).toEqual(['alpha__greet', 'shaky__greet'])
    expect((message.result?.['_meta'] as Json | undefined)?.['dev.sallyport/servers']).toEqual([
      { server: 'dead', state: 'unavailable', cause: 'dead said nothing.', remedy: expect.any(String) as string },
      {
        server: 'shaky',
        state: 'stale',
        cause: expect.stringContaining('out of order') as string,
        remedy: expect.any(String) as string,
        ageMs: expect.any(Number) as number,
      },
    ])
    expect(message.result?.['ttlMs']).toBe(0)
  })
})
