import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import {
  errorFor,
  eventOf,
  legacyScript,
  metaOf,
  modernScript,
  remoteFor,
  resultFor,
  sendJson,
  startScriptedServer,
  type RemoteUnderTest,
  type Script,
  type ScriptedServer,
  type Seen,
} from './testing.ts'
import { createWatchList } from './watches.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

async function start(script: Script): Promise<{ server: ScriptedServer } & RemoteUnderTest> {
  const server = await startScriptedServer(script)
  const made = remoteFor(server.url)
  cleanups.push(
    () => made.remote.close(),
    () => server.close(),
  )
  return { server, ...made }
}

/** Lets a test wait until a text was heard so many times. */
function listen(remote: RemoteUnderTest['remote']): { heard: string[]; until: (text: string, count?: number) => Promise<void> } {
  const heard: string[] = []
  const waiting = new Set<() => void>()
  remote.onNotification((method, params) => {
    heard.push(`${method.slice('notifications/'.length)}${params['uri'] === undefined ? '' : ` ${params['uri'] as string}`}`)
    for (const check of waiting) check()
  })
  return {
    heard,
    until: (text, count = 1) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (heard.filter((one) => one === text).length < count) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
  }
}

const capabilities = { tools: { listChanged: true }, resources: { subscribe: true } }
const updated = (uri: string): object => ({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri } })

describe('what is watched at a modern server', () => {
  interface Stream {
    readonly seen: Seen
    readonly filter: Record<string, unknown>
    readonly response: ServerResponse
    isClosed: boolean
    /** The one before was still open when this one was. */
    readonly overlaps: boolean
  }
  /** Keeps the streams in the order in which they were opened; `refuses` says which are. */
  const listening = (streams: Stream[], refuses: (filter: Record<string, unknown>) => boolean = () => false): Script =>
    modernScript((seen, response) => {
      if (seen.message.method !== 'subscriptions/listen') return sendJson(response, 200, resultFor(seen, {}))
      const filter = seen.message.params!['notifications'] as Record<string, unknown>
      if (refuses(filter)) return sendJson(response, 200, errorFor(seen, -32602, 'Invalid filter'))
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const stream: Stream = { seen, filter, response, isClosed: false, overlaps: streams.at(-1)?.isClosed === false }
      streams.push(stream)
      response.on('close', () => {
        stream.isClosed = true
      })
      const _meta = { 'io.modelcontextprotocol/subscriptionId': seen.message.id }
      response.write(
        eventOf({ jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged', params: { notifications: filter, _meta } }),
      )
    }, capabilities)
  const withFilter =
    (fits: (filter: Record<string, unknown>) => boolean) =>
    ({ message }: Seen): boolean =>
      message.method === 'subscriptions/listen' && fits(message.params!['notifications'] as Record<string, unknown>)
  const closed = (stream: Stream): Promise<void> =>
    stream.isClosed ? Promise.resolve() : new Promise((resolve) => void stream.response.on('close', resolve))

  it('is asked for together with the lists, once for all who want it, on a new stream before the old one ends', async () => {
    const streams: Stream[] = []
    const { server, remote } = await start(listening(streams))
    const { heard, until } = listen(remote)
    await server.awaitSeen(withFilter(() => true))
    const stops = ['file:///a', 'file:///a', 'file:///b', 'file:///c'].map((resource) => remote.watch({ resource }))
    await server.awaitSeen(withFilter((filter) => filter['resourceSubscriptions'] !== undefined))
    // A burst is one change, and the stream before it lives until the next one is open.
    await closed(streams[0]!)
    expect(streams.map(({ filter }) => filter)).toEqual([
      { toolsListChanged: true },
      { toolsListChanged: true, resourceSubscriptions: ['file:///a', 'file:///b', 'file:///c'] },
    ])
    streams[1]!.response.write(eventOf(updated('file:///a')))
    await until('resources/updated file:///a')
    expect(heard).toEqual(['resources/updated file:///a'])
    stops[0]!()
    stops[0]!()
    stops[3]!()
    await server.awaitSeen(withFilter((filter) => (filter['resourceSubscriptions'] as unknown[] | undefined)?.length === 2))
    await closed(streams[1]!)
    expect(streams[2]!.filter['resourceSubscriptions']).toEqual(['file:///a', 'file:///b'])
    stops[1]!()
    stops[2]!()
    await closed(streams[2]!)
    expect(streams[3]!.filter).toEqual({ toolsListChanged: true })
    expect(streams.map(({ overlaps }) => overlaps)).toEqual([false, true, true, true])
    expect(heard).toEqual(['resources/updated file:///a'])
  })

  it('names tasks too, and says that it knows them', async () => {
    const streams: Stream[] = []
    const { server, remote } = await start(listening(streams))
    const { until } = listen(remote)
    remote.watch({ task: 't1' })
    const seen = await server.awaitSeen(withFilter((filter) => filter['taskIds'] !== undefined))
    expect(seen.message.params!['notifications']).toEqual({ toolsListChanged: true, taskIds: ['t1'] })
    expect(metaOf(seen)['io.modelcontextprotocol/clientCapabilities']).toEqual({ extensions: { 'io.modelcontextprotocol/tasks': {} } })
    streams.at(-1)!.response.write(eventOf({ jsonrpc: '2.0', method: 'notifications/tasks', params: { taskId: 't1', status: 'working' } }))
    await until('tasks')
  })

  it('may have changed while the stream was broken, and is said to have', async () => {
    const streams: Stream[] = []
    const { server, remote } = await start(listening(streams))
    remote.watch({ resource: 'file:///a' })
    const { heard, until } = listen(remote)
    await server.awaitSeen(withFilter((filter) => filter['resourceSubscriptions'] !== undefined))
    while (streams.length === 0) await new Promise((resolve) => setImmediate(resolve))
    streams.at(-1)!.response.destroy()
    await until('resources/updated file:///a')
    expect(heard).toEqual(['tools/list_changed', 'resources/updated file:///a'])
  })

  it('does not silence the lists where the server cannot bear it, nor what was watched before', async () => {
    const streams: Stream[] = []
    const isBad = (filter: Record<string, unknown>): boolean => JSON.stringify(filter).includes('bad')
    const { server, remote } = await start(listening(streams, isBad))
    remote.watch({ resource: 'file:///a' })
    const { until } = listen(remote)
    await server.awaitSeen(withFilter((filter) => filter['resourceSubscriptions'] !== undefined))
    remote.watch({ resource: 'bad' })
    await server.awaitSeen(withFilter(isBad))
    streams.at(-1)!.response.write(eventOf(updated('file:///a')))
    await until('resources/updated file:///a')
    // Once that stream breaks there is only a plain one to be had.
    streams.at(-1)!.response.destroy()
    await until('tools/list_changed')
    expect(streams.at(-1)!.filter).toEqual({ toolsListChanged: true })
  })

  it('is not asked for where the server does not tell of updates', async () => {
    const streams: Stream[] = []
    const { server, remote } = await start((seen, response, request) => {
      if (seen.message.method === 'server/discover')
        modernScript(() => undefined, { tools: { listChanged: true }, resources: {} })(seen, response, request)
      else listening(streams)(seen, response, request)
    })
    listen(remote)
    remote.watch({ resource: 'file:///a' })
    await server.awaitSeen(withFilter(() => true))
    await new Promise((resolve) => setTimeout(resolve, LIMITS.watchReopenMs * 4))
    expect(server.seen.filter(withFilter(() => true)).map(({ message }) => message.params!['notifications'])).toEqual([
      { toolsListChanged: true },
    ])
  })
})

describe('what is watched at a legacy server', () => {
  const dead = new Set<unknown>()
  const streams: ServerResponse[] = []
  afterEach(() => {
    dead.clear()
    streams.length = 0
  })
  const subscribable = (declared: object = capabilities): Script =>
    legacyScript((seen, response) => {
      if (dead.has(seen.headers['mcp-session-id'])) return void response.writeHead(404).end()
      if (seen.verb !== 'GET') return sendJson(response, 200, resultFor(seen, {}))
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n')
      streams.push(response)
    }, declared)
  const asked = (server: ScriptedServer): string[] =>
    server.seen
      .filter(({ message }) => message.method?.startsWith('resources/') === true)
      .map(({ message, headers }) => `${headers['mcp-session-id'] as string} ${message.method} ${message.params!['uri'] as string}`)
  const saw = (server: ScriptedServer, method: string, uri: string, session = 's1'): Promise<Seen> =>
    server.awaitSeen(
      ({ message, headers }) => message.method === method && message.params!['uri'] === uri && headers['mcp-session-id'] === session,
    )

  it('is subscribed to in the base session, once for all who want it, and told to those who listen', async () => {
    const { server, remote } = await start(subscribable())
    const { heard, until } = listen(remote)
    const stops = ['file:///a', 'file:///a', 'file:///b'].map((resource) => remote.watch({ resource }))
    await Promise.all([saw(server, 'resources/subscribe', 'file:///a'), saw(server, 'resources/subscribe', 'file:///b')])
    await server.awaitSeen(({ verb }) => verb === 'GET')
    streams[0]!.write(eventOf(updated('file:///a')))
    await until('resources/updated file:///a')
    stops[0]!()
    stops[2]!()
    await saw(server, 'resources/unsubscribe', 'file:///b')
    stops[1]!()
    await saw(server, 'resources/unsubscribe', 'file:///a')
    expect(asked(server).toSorted()).toEqual([
      's1 resources/subscribe file:///a',
      's1 resources/subscribe file:///b',
      's1 resources/unsubscribe file:///a',
      's1 resources/unsubscribe file:///b',
    ])
    expect(heard).toEqual(['resources/updated file:///a'])
  })

  it('is subscribed to again in the session that follows, and counts as changed', async () => {
    const { server, remote } = await start(subscribable())
    remote.watch({ resource: 'file:///a' })
    const { heard, until } = listen(remote)
    await saw(server, 'resources/subscribe', 'file:///a')
    await server.awaitSeen(({ verb }) => verb === 'GET')
    dead.add('s1')
    // It is a call that finds out; the stream of the dead session still hangs.
    expect(await remote.request({ method: 'tools/list', params: {}, deadlineAtMs: Date.now() + 10_000 }).answer).toMatchObject({ ok: true })
    await saw(server, 'resources/subscribe', 'file:///a', 's2')
    await until('resources/updated file:///a')
    expect(heard).toEqual(['tools/list_changed', 'resources/updated file:///a'])
    expect(streams).toHaveLength(2)
  })

  it('is not subscribed to where the server does not tell of updates, and tasks are not watched', async () => {
    const { server, remote } = await start(subscribable({ tools: {}, resources: { listChanged: true } }))
    listen(remote)
    remote.watch({ resource: 'file:///a' })
    remote.watch({ task: 't1' })
    await server.awaitSeen(({ verb }) => verb === 'GET')
    await new Promise((resolve) => setTimeout(resolve, LIMITS.watchReopenMs * 4))
    expect(asked(server)).toEqual([])
    expect(server.seen.some(({ message }) => message.method?.startsWith('tasks/') === true)).toBe(false)
  })

  it('opens the stream where there was nothing to hear before, and is asked for once where it is refused', async () => {
    const script = subscribable({ tools: {}, resources: { subscribe: true } })
    const { server, remote } = await start((seen, response, request) => {
      if (seen.message.method === 'resources/subscribe') sendJson(response, 200, errorFor(seen, -32602, 'no such resource'))
      else script(seen, response, request)
    })
    listen(remote)
    await remote.describe(Date.now() + 10_000)
    const stop = remote.watch({ resource: 'file:///a' })
    await server.awaitSeen(({ verb }) => verb === 'GET')
    await saw(server, 'resources/subscribe', 'file:///a')
    const other = remote.watch({ resource: 'file:///b' })
    await saw(server, 'resources/subscribe', 'file:///b')
    expect(asked(server)).toEqual(['s1 resources/subscribe file:///a', 's1 resources/subscribe file:///b'])
    stop()
    other()
  })
})

describe('the list of what is watched', () => {
  it('is bounded in entries, in the length of each and in all', () => {
    let changes = 0
    const list = createWatchList(() => changes++)
    list.add({ resource: 'x'.repeat(LIMITS.watchedNameLengthMax + 1) })()
    const long = 'x'.repeat(LIMITS.watchedNameLengthMax - 8)
    const stops = Array.from({ length: 200 }, (_, i) => list.add({ resource: `${long}${i}` }))
    expect(list.resources().length).toBeLessThan(200)
    expect(list.resources().join('').length).toBeLessThanOrEqual(LIMITS.watchedBytesMax)
    for (const stop of stops) stop()
    expect([list.resources(), changes % 2, changes > 0]).toEqual([[], 0, true])
    for (let i = 0; i <= LIMITS.watchedPerUpstreamMax; i++) list.add(i % 2 === 0 ? { resource: `${i}` } : { task: `${i}` })
    expect(list.resources().length + list.tasks().length).toBe(LIMITS.watchedPerUpstreamMax)
  })
})
