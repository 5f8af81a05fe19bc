import { afterEach, describe, expect, it, vi } from 'vitest'
import { NO_TOOL_RULES } from '#profile/index.ts'
import { LIMITS } from '#std/index.ts'
import { deploymentNamed, EVERYTHING_CAPABLE, lists, profileNamed, type MemoryServer } from './testing.ts'
import { keyNamed, startFederation, type BenchOptions, type FederationBench, type OpenedStream } from '../testing.ts'

let bench: FederationBench

afterEach(() => bench.close())

const start = (options: BenchOptions): FederationBench => (bench = startFederation(options))
const capable = (name: string, over: Partial<MemoryServer> = {}): MemoryServer => ({
  capabilities: EVERYTHING_CAPABLE,
  answers: lists({
    tools: ['work'],
    prompts: ['greet'],
    resources: [`${name}://one`, 'demo://same', 'ui://panel'],
    templates: [`${name}://t/{id}`],
  }),
  ...over,
})
const two = (): BenchOptions => ({
  servers: { alpha: capable('alpha'), beta: capable('beta') },
  profiles: [profileNamed('dev', ['alpha', 'beta']), profileNamed('solo', ['alpha'])],
})
const ALL = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true }
const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId'

/** Two rounds of gathering later: what has not come by then does not come. */
const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2 * LIMITS.changeGatherMs + 20))
const methodsOf = ({ told }: OpenedStream): (string | undefined)[] => told.map(({ method }) => method)
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'

describe('a modern stream', () => {
  it('begins with what is honoured and names its subscription in every message', async () => {
    start(two())
    const stream = await bench.listen('/mcp/dev', {
      toolsListChanged: true,
      promptsListChanged: false,
      unknown: true,
      resourceSubscriptions: ['alpha://one', 'nobody://x', 'alpha://t/3'],
    })
    const first = await stream.next()
    expect(first).toMatchObject({
      method: ACKNOWLEDGED,
      params: { notifications: { toolsListChanged: true, resourceSubscriptions: ['alpha://one', 'alpha://t/3'] } },
    })
    expect(first.params?.['notifications']).not.toHaveProperty('promptsListChanged')
    const id = (first.params?.['_meta'] as Record<string, unknown> | undefined)?.[SUBSCRIPTION]
    expect(id).toEqual(expect.any(Number))
    bench.servers['beta']?.tell('notifications/tools/list_changed')
    expect(await stream.next()).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/tools/list_changed',
      params: { _meta: { [SUBSCRIPTION]: id } },
    })
    bench.gateway.close()
    expect(stream.told.at(-1)).toEqual({ jsonrpc: '2.0', id, result: { resultType: 'complete', _meta: { [SUBSCRIPTION]: id } } })
    expect(stream.isEnded).toBe(true)
  })

  it('tells of the kinds that were asked for, of the servers of its endpoint, a burst once', async () => {
    start(two())
    const [tools, all, solo] = await Promise.all([
      bench.listen('/mcp/dev', { toolsListChanged: true }),
      bench.listen('/mcp', ALL),
      bench.listen('/mcp/solo', ALL),
    ])
    for (let burst = 0; burst < 100; burst++) {
      bench.servers['beta']?.tell('notifications/tools/list_changed')
      bench.servers['beta']?.tell('notifications/prompts/list_changed')
    }
    await quiet()
    expect(methodsOf(tools)).toEqual([ACKNOWLEDGED, 'notifications/tools/list_changed'])
    expect(methodsOf(all)).toEqual([ACKNOWLEDGED, 'notifications/tools/list_changed', 'notifications/prompts/list_changed'])
    expect(methodsOf(solo)).toEqual([ACKNOWLEDGED])
  })

  it('shares one listener per server with all others, which ends with the last of them', async () => {
    start(two())
    const streams = await Promise.all(Array.from({ length: 30 }, (_, index) => bench.listen(index % 2 === 0 ? '/mcp/dev' : '/mcp', ALL)))
    expect(bench.servers['alpha']?.listeners).toBe(1)
    for (const stream of streams.slice(1)) stream.leave()
    expect(bench.servers['alpha']?.listeners).toBe(1)
    bench.servers['alpha']?.tell('notifications/tools/list_changed')
    await quiet()
    expect(methodsOf(streams[0]!)).toEqual([ACKNOWLEDGED, 'notifications/tools/list_changed'])
    expect(methodsOf(streams[1]!)).toEqual([ACKNOWLEDGED])
    streams[0]?.leave()
    expect(bench.servers['alpha']?.listeners).toBe(0)
  })

  it('R12: tells of updates of the resources it named, under the names it used, and of nobody else’s', async () => {
    start(two())
    const mine = await bench.listen('/mcp/dev', { resourceSubscriptions: ['demo+beta://same', 'ui://beta/panel', 'beta://t/1'] })
    const other = await bench.listen('/mcp/dev', { resourceSubscriptions: ['demo://same', 'beta://one'] })
    expect(bench.servers['beta']?.watched).toEqual([
      { resource: 'demo://same' },
      { resource: 'ui://panel' },
      { resource: 'beta://t/1' },
      { resource: 'beta://one' },
    ])
    for (const uri of ['demo://same', 'ui://panel', 'beta://one', 'beta://t/1/part', 'beta://t/12', 'beta://t']) {
      bench.servers['beta']?.tell('notifications/resources/updated', { uri })
    }
    await quiet()
    const urisOf = ({ told }: OpenedStream): unknown[] => told.slice(1).map(({ params }) => params?.['uri'])
    // A part that no list has is said so that it leads back.
    expect(urisOf(mine)).toEqual(['demo+beta://same', 'ui://beta/panel', 'beta+beta://t/1/part'])
    expect(urisOf(other)).toEqual(['beta://one'])
    mine.leave()
    expect(bench.servers['beta']?.watched).toEqual([{ resource: 'beta://one' }])
    other.leave()
    expect([bench.servers['alpha']?.watched, bench.servers['beta']?.watched]).toEqual([[], []])
  })

  it('honours no resource of a server that does not tell of updates', async () => {
    const mute = capable('mute', { capabilities: { ...EVERYTHING_CAPABLE, resources: {} } })
    start({ servers: { mute } })
    const stream = await bench.listen('/mcp/mute', { resourceSubscriptions: ['mute://one'] })
    expect((await stream.next()).params?.['notifications']).toEqual({ resourceSubscriptions: [] })
  })

  it.each([
    [{ resourceSubscriptions: 'alpha://one' }, -32602],
    [{ resourceSubscriptions: [7] }, -32602],
    [{ resourceSubscriptions: Array.from({ length: 1_001 }, () => 'alpha://one') }, -32602],
    [{ taskIds: ['t'] }, -32021],
  ])('is refused for what it cannot mean: %o', async (notifications, code) => {
    start(two())
    const { message } = await bench.ask('/mcp/dev', 'subscriptions/listen', { notifications })
    expect(message.error?.code).toBe(code)
    expect(bench.gateway.openStreams()).toBe(0)
    expect(bench.servers['alpha']?.listeners).toBeLessThanOrEqual(1)
  })
})

describe('a change of the configuration', () => {
  it('is told to those whose endpoint offers something else now, and to nobody else', async () => {
    start({ ...two(), keys: [keyNamed('ada', { endpoints: ['solo'] })] })
    const [dev, everything, solo] = await Promise.all([
      bench.listen('/mcp/dev', ALL),
      bench.listen('/mcp', { toolsListChanged: true }, { key: 'ada' }),
      bench.listen('/mcp/solo', ALL),
    ])
    const rules = { ...NO_TOOL_RULES, exclude: ['alpha__work'] }
    bench.publish({ profiles: [profileNamed('dev', ['alpha', 'beta'], { tools: rules }), profileNamed('solo', ['alpha'])] })
    await quiet()
    expect(methodsOf(dev).slice(1)).toEqual([
      'notifications/tools/list_changed',
      'notifications/prompts/list_changed',
      'notifications/resources/list_changed',
    ])
    expect([methodsOf(everything), methodsOf(solo)]).toEqual([[ACKNOWLEDGED], [ACKNOWLEDGED]])
    bench.publish({ keys: [keyNamed('owner-key', { kind: 'owner', scopes: ['admin'] }), keyNamed('ada')] })
    await quiet()
    expect(methodsOf(everything)).toEqual([ACKNOWLEDGED, 'notifications/tools/list_changed'])
    expect(methodsOf(solo)).toEqual([ACKNOWLEDGED])
  })

  it('leaves a stream open while the profile gets other servers', async () => {
    start(two())
    const stream = await bench.listen('/mcp/solo', ALL)
    bench.publish({ profiles: [profileNamed('solo', ['beta'])] })
    await quiet()
    expect(stream.isEnded).toBe(false)
    expect(methodsOf(stream)).toHaveLength(4)
    bench.servers['alpha']?.tell('notifications/tools/list_changed')
    bench.servers['beta']?.tell('notifications/tools/list_changed')
    await quiet()
    expect(methodsOf(stream)).toHaveLength(5)
    expect([bench.servers['alpha']?.listeners, bench.servers['beta']?.listeners]).toEqual([0, 1])
    bench.publish({ profiles: [] })
    expect(stream.isEnded).toBe(true)
    expect(bench.servers['beta']?.listeners).toBe(0)
  })

  it('lets go of servers that went, and listens to what stands in the place of others', async () => {
    start(two())
    const stream = await bench.listen('/mcp', { ...ALL, resourceSubscriptions: ['alpha://one', 'beta://one'] })
    const before = bench.servers['alpha']
    const after = bench.replace('alpha', capable('alpha'))
    bench.publish({ deployments: [deploymentNamed('alpha')], profiles: [] })
    expect([before?.listeners, before?.watched, bench.servers['beta']?.listeners, bench.servers['beta']?.watched]).toEqual([0, [], 0, []])
    expect([after.listeners, after.watched]).toEqual([1, [{ resource: 'alpha://one' }]])
    await quiet()
    const told = stream.told.length
    after.tell('notifications/resources/updated', { uri: 'alpha://one' })
    bench.servers['beta']?.tell('notifications/resources/updated', { uri: 'beta://one' })
    await quiet()
    expect(stream.told.slice(told).map(({ params }) => params?.['uri'])).toEqual(['alpha://one'])
  })
})

describe('a server that works again', () => {
  it('is told of by the lists that had failed', async () => {
    let isDown = true
    const answers = lists({ tools: ['work'] })
    const shaky = capable('shaky', {
      answers: {
        ...answers,
        'tools/list': (params, request) => {
          if (isDown) throw new Error('down')
          return answers['tools/list']!(params, request)
        },
      },
    })
    start({ servers: { shaky } })
    const stream = await bench.listen('/mcp', ALL)
    await bench.ask('/mcp', 'tools/list')
    isDown = false
    bench.becomesReady('shaky')
    await quiet()
    expect(methodsOf(stream)).toEqual([ACKNOWLEDGED, 'notifications/tools/list_changed'])
    const { message } = await bench.ask('/mcp', 'tools/list')
    expect(message.result?.['tools']).toHaveLength(1)
    bench.becomesReady('shaky')
    await quiet()
    expect(stream.told).toHaveLength(2)
  })
})

describe('the stream of a legacy session', () => {
  it('tells of every list, without what only modern clients know', async () => {
    start(two())
    const session = await openSession('/mcp/dev')
    const stream = await bench.listen('/mcp/dev', null, { session })
    bench.servers['beta']?.tell('notifications/prompts/list_changed')
    expect(await stream.next()).toEqual({ jsonrpc: '2.0', method: 'notifications/prompts/list_changed' })
    await vi.waitFor(() => expect(bench.gateway.openStreams()).toBe(1))
    stream.leave()
    expect(bench.gateway.openStreams()).toBe(0)
  })

  it('tells of the resources that the session subscribes to while it is open, until it unsubscribes', async () => {
    start({ ...two(), servers: { ...two().servers, beta: capable('beta'), mute: capable('mute', { capabilities: { resources: {} } }) } })
    const session = await openSession('/mcp')
    const ask = async (method: string, uri: string, options = {}): Promise<unknown> => {
      const { message } = await bench.ask('/mcp', method, { uri }, { era: 'legacy', session, ...options })
      return message.error?.code ?? message.result
    }
    const stream = await bench.listen('/mcp', null, { session })
    expect(await ask('resources/subscribe', 'demo+beta://same')).toEqual({})
    await vi.waitFor(() => expect(bench.servers['beta']?.watched).toEqual([{ resource: 'demo://same' }]))
    bench.servers['beta']?.tell('notifications/resources/updated', { uri: 'demo://same' })
    expect(await stream.next()).toEqual({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: 'demo+beta://same' } })
    expect(await ask('resources/unsubscribe', 'demo+beta://same')).toEqual({})
    await vi.waitFor(() => expect(bench.servers['beta']?.watched).toEqual([]))
    expect(await ask('resources/subscribe', 'nobody://x')).toBe(-32002)
    expect(await ask('resources/subscribe', 'mute://one')).toBe(-32601)
    const sessionless = await bench.ask('/mcp', 'resources/subscribe', { uri: 'beta://one' }, { era: 'legacy' })
    expect([sessionless.status, sessionless.message.error?.code]).toEqual([400, 4001])
  })
})

const openSession = async (path: string): Promise<string> => {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } }
  const begun = await bench.ask(path, 'initialize', params, { era: 'legacy', headers: { 'mcp-protocol-version': '' } })
  return begun.headers['mcp-session-id']!
}
