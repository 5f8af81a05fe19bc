import { afterEach, describe, expect, it } from 'vitest'
import { NO_TOOL_RULES } from '#profile/index.ts'
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

describe('a credential that is restricted to some tools', () => {
  it('sees tools only, whatever the servers have', async () => {
    start({
      servers: { alpha: echo('alpha') },
      profiles: [profileNamed('dev', ['alpha'])],
      keys: [keyNamed('bot', { tools: ['alpha__w*'] })],
    })
    const { message } = await bench.ask('/mcp/dev', 'server/discover', {}, { key: 'bot' })
    expect(message.result?.['capabilities']).toEqual({ tools: { listChanged: true } })
    expect(of((await bench.ask('/mcp/dev', 'tools/list', {}, { key: 'bot' })).message.result?.['tools'], 'name')).toEqual(['alpha__work'])
    for (const [method, params] of [
      ['prompts/list', {}],
      ['prompts/get', { name: 'alpha__greet' }],
      ['resources/list', {}],
      ['resources/templates/list', {}],
      ['resources/read', { uri: 'alpha://one' }],
      ['resources/directory/read', { uri: 'alpha://one' }],
      ['completion/complete', { ref: { type: 'ref/prompt', name: 'alpha__greet' } }],
      ['skills/list', {}],
      ['skills/get', { uri: 'alpha://one' }],
      ['tasks/get', { taskId: 'x' }],
    ] as const) {
      const answer = await bench.ask('/mcp/dev', method, params, { key: 'bot' })
      expect([method, answer.message.error?.code]).toEqual([method, -32601])
    }
    const { told } = await bench.listen(
      '/mcp/dev',
      { toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: ['alpha://one'] },
      { key: 'bot' },
    )
    expect(told[0]?.params?.['notifications']).toEqual({ toolsListChanged: true, resourceSubscriptions: [] })
    const view = await bench.view('/mcp/dev', 'bot')
    expect(view).not.toHaveProperty('prompts')
  })
})

describe('the rules of a profile', () => {
  const schema = {
    type: 'object',
    properties: { depth: { type: 'integer' }, path: { type: 'string' }, token: { type: 'string' } },
    required: ['depth', 'path', 'token'],
  }
  const tool = {
    name: 'walk',
    description: 'Walks',
    inputSchema: schema,
    execution: { taskSupport: 'optional' },
    _meta: { ui: { resourceUri: 'ui://map' }, 'dev.sallyport/overridden': { name: 'forged' } },
  }
  const walker = server({
    'tools/list': () => ({ tools: [tool, { ...tool, name: 'run' }] }),
    'tools/call': ({ arguments: given }) => ({ content: [], structuredContent: given }),
  })
  const rules = {
    ...NO_TOOL_RULES,
    rename: { w__walk: 'stroll' },
    describe: { w__walk: 'Strolls' },
    fix: { w__walk: { token: 'secret-token' } },
    prefill: { w__walk: { depth: 3 } },
  }

  it('change what is offered and called, and say that they did, without what they hide', async () => {
    start({ servers: { w: walker }, profiles: [profileNamed('dev', ['w'], { tools: rules })] })
    const { message, text } = await bench.ask('/mcp/dev', 'tools/list')
    expect(message.result?.['tools']).toEqual([
      {
        name: 'stroll',
        description: 'Strolls',
        inputSchema: {
          type: 'object',
          properties: { depth: { type: 'integer', default: 3 }, path: { type: 'string' } },
          required: ['path'],
        },
        execution: {},
        _meta: {
          ui: { resourceUri: 'ui://w/map' },
          'dev.sallyport/overridden': { name: 'w__walk', description: true, arguments: ['token', 'depth'] },
        },
      },
      expect.objectContaining({ name: 'w__run', _meta: { ui: { resourceUri: 'ui://w/map' } } }),
    ])
    expect(text).not.toContain('secret-token')
    const call = async (given: Json): Promise<unknown> =>
      (await bench.ask('/mcp/dev', 'tools/call', { name: 'stroll', arguments: given })).message.result?.['structuredContent']
    expect(await call({ path: '/' })).toEqual({ path: '/', depth: 3, token: 'secret-token' })
    expect(await call({ path: '/', depth: 9, token: 'mine' })).toEqual({ path: '/', depth: 9, token: 'secret-token' })
    expect((await bench.ask('/mcp/dev', 'tools/call', { name: 'w__walk' })).message.error?.code).toBe(-32602)
  })

  it('leave the tools of the server itself as they are', async () => {
    start({ servers: { w: walker }, profiles: [profileNamed('dev', ['w'], { tools: rules })] })
    const { message } = await bench.ask('/mcp/w', 'tools/list')
    expect(of(message.result?.['tools'], 'name')).toEqual(['run', 'walk'])
    expect((message.result?.['tools'] as Json[] | undefined)?.[1]?.['_meta']).toEqual({ ui: { resourceUri: 'ui://map' } })
  })
})

describe('what an endpoint says of itself', () => {
  it('is the union of what its servers say, as far as it can be delivered', async () => {
    const tasks = server(
      {},
      {
        capabilities: {
          tools: {},
          extensions: {
            'io.modelcontextprotocol/tasks': {},
            'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] },
            'com.example/own': {},
          },
        },
      },
    )
    start({
      servers: {
        tasks,
        old: server({}, { era: 'legacy', capabilities: { resources: { subscribe: true }, logging: {}, tasks: { list: {} } } }),
        talker: server({}, { capabilities: { completions: {}, prompts: {} } }),
      },
    })
    const modern = await bench.ask('/mcp', 'server/discover')
    expect(modern.message.result).toMatchObject({ ttlMs: 60_000, cacheScope: 'private', supportedVersions: ['2026-07-28'] })
    expect(modern.message.result?.['capabilities']).toEqual({
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
      completions: {},
      extensions: { 'io.modelcontextprotocol/tasks': {}, 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } },
    })
    const legacy = await bench.ask(
      '/mcp',
      'initialize',
      { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
      { era: 'legacy', headers: { 'mcp-protocol-version': '' } },
    )
    expect(legacy.message.result?.['capabilities']).toMatchObject({ logging: {}, completions: {} })
    expect(legacy.message.result?.['capabilities']).not.toHaveProperty(['extensions', 'io.modelcontextprotocol/tasks'])
  })

  it('does not wait long for a server that is silent, and not again soon', async () => {
    start({ servers: { alpha: echo('alpha'), dead: { capabilities: {}, answers: {}, isSilent: true } } })
    const first = performance.now()
    const { message } = await bench.ask('/mcp', 'server/discover')
    expect(performance.now() - first).toBeLessThan(4_000)
    expect(message.result?.['ttlMs']).toBe(0)
    expect(message.result?.['capabilities']).toMatchObject({ prompts: {}, resources: { subscribe: true } })
    const second = performance.now()
    await bench.ask('/mcp', 'server/discover')
    expect(performance.now() - second).toBeLessThan(1_000)
  })

  it('is the server’s own at its address', async () => {
    start({ servers: { old: server(lists({}), { era: 'legacy', capabilities: { resources: {} }, instructions: 'Be kind.' }) } })
    const { message } = await bench.ask('/mcp/old', 'server/discover')
    expect(message.result).toMatchObject({ capabilities: { resources: { listChanged: true } }, instructions: 'Be kind.' })
    expect(message.result?.['capabilities']).not.toHaveProperty('tools')
  })

  it('shows people what there is', async () => {
    start({ servers: { alpha: echo('alpha') }, profiles: [profileNamed('dev', ['alpha'])] })
    const view = await bench.view('/mcp/dev')
    expect(of(view['tools'], 'name')).toEqual(['alpha__work'])
    expect(of(view['prompts'], 'name')).toEqual(['alpha__greet'])
    expect(of(view['resources'], 'uri')).toContain('ui://alpha/panel')
    expect(of(view['resourceTemplates'], 'uriTemplate')).toContain('alpha://t/{id}')
    expect(view['skills']).toEqual([])
  })
})
