import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { UpstreamRequest } from '../model.ts'
import { matching, remoteFor, startScriptedServer, type RemoteUnderTest, type ScriptedServer, type Seen } from './testing.ts'

// The transport of 2024-11-05, played by hand: a GET opens the stream, posted messages are answered on it.

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

interface OldSession {
  readonly path: string
  readonly stream: ServerResponse
  say(message: unknown): void
}

interface OldServer extends RemoteUnderTest {
  readonly server: ScriptedServer
  readonly sessions: readonly OldSession[]
  /** Resolves when so many streams have been opened. */
  readonly opened: (count: number) => Promise<OldSession>
}

interface Behaviour {
  /** The first event; `path` is where this server takes messages of the session. */
  readonly greet?: (path: string, stream: ServerResponse) => void
  /** Called with everything that is posted after the handshake; the status to answer with is 202 where it says none. */
  readonly onPost?: (seen: Seen, session: OldSession) => number | void
}

async function start({ greet, onPost }: Behaviour = {}, record: Parameters<typeof remoteFor>[1] = {}): Promise<OldServer> {
  const sessions: OldSession[] = []
  const waiting = new Set<() => void>()
  const handshake = {
    protocolVersion: '2024-11-05',
    capabilities: { tools: { listChanged: true } },
    serverInfo: { name: 'old', version: '1' },
  }
  const server = await startScriptedServer((seen, response, request) => {
    if (seen.verb === 'GET') {
      const path = `/messages?session=${sessions.length}`
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
      const say = (message: unknown): void => void response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`)
      sessions.push({ path, stream: response, say })
      if (greet === undefined) response.write(`event: endpoint\ndata: ${path}\n\n`)
      else greet(path, response)
      for (const check of waiting) check()
      return
    }
    const session = sessions.find(({ path }) => path === request.url)
    if (session === undefined) return void response.writeHead(404).end('Cannot POST')
    const { id, method } = seen.message
    const status = method === 'initialize' || method === 'notifications/initialized' ? 202 : (onPost?.(seen, session) ?? 202)
    response.writeHead(status).end(status === 202 ? 'Accepted' : '')
    if (method === 'initialize') session.say({ jsonrpc: '2.0', id, result: handshake })
  })
  const made = remoteFor(server.url, record)
  cleanups.push(
    () => made.remote.close(),
    () => server.close(),
  )
  const opened = (count: number): Promise<OldSession> =>
    new Promise((resolve) => {
      const check = (): void => {
        const session = sessions[count - 1]
        if (session === undefined) return
        waiting.delete(check)
        resolve(session)
      }
      waiting.add(check)
      check()
    })
  return { server, sessions, opened, ...made }
}

const soon = (): number => Date.now() + 15_000
const call = (over: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  method: 'tools/call',
  params: { name: 'echo', arguments: {} },
  deadlineAtMs: soon(),
  ...over,
})
const result = ({ message }: Seen, value: object): object => ({ jsonrpc: '2.0', id: message.id, result: value })
const answering: Behaviour = { onPost: (seen, session) => session.say(result(seen, { of: session.path })) }

describe('the transport of 2024-11-05', () => {
  it('is found where a POST is refused, and named by what it negotiated', async () => {
    const { server, remote } = await start(answering)
    expect(await remote.describe(soon())).toMatchObject({ era: 'legacy', protocolVersion: '2024-11-05', serverInfo: { name: 'old' } })
    expect(await remote.request(call()).answer).toEqual({ ok: true, result: { of: '/messages?session=0' } })
    expect(server.seen.map(({ verb, message }) => message.method ?? verb)).toEqual([
      'server/discover',
      'initialize',
      'GET',
      'initialize',
      'notifications/initialized',
      'tools/call',
    ])
    expect(server.seen[2]!.headers).toMatchObject({ accept: 'text/event-stream', 'accept-encoding': 'identity' })
    expect(server.seen.at(-1)!.headers).not.toHaveProperty('mcp-protocol-version')
  })

  it.each([
    ['another host', () => 'https://elsewhere.example/messages', /another origin/],
    ['another port', () => 'http://127.0.0.1:1/messages', /another origin/],
    ['another host without a scheme', () => '//elsewhere.example/messages', /another origin/],
    ['a file', () => 'file:///etc/passwd', /another origin/],
    ['nothing', () => 'http://', /answers neither/],
    ['more than an address', (path: string) => `${path}&x=${'x'.repeat(LIMITS.endpointLengthMax)}`, /answers neither/],
  ])('is not spoken where messages are wanted at %s', async (_where, endpoint, cause) => {
    const { server, remote } = await start({ greet: (path, stream) => void stream.write(`event: endpoint\ndata: ${endpoint(path)}\n\n`) })
    await expect(remote.describe(soon())).rejects.toMatchObject({ type: 'upstream-failed', message: matching(cause) })
    expect(server.seen.filter(({ message }) => message.method === 'initialize')).toHaveLength(1)
  })

  it.each([
    ['says something else first', (_path: string, stream: ServerResponse) => void stream.write('data: {}\n\n')],
    ['ends', (_path: string, stream: ServerResponse) => void stream.end()],
    ['breaks', (_path: string, stream: ServerResponse) => void stream.destroy()],
    ['says nothing', () => undefined],
  ])('is not taken for granted where the stream %s', async (_what, greet) => {
    const { remote } = await start({ greet }, { record: { startDeadlineMs: 1_000 } })
    await expect(remote.describe(soon())).rejects.toMatchObject({ type: 'upstream-failed', message: matching('answers neither') })
  })

  it('has one stream for each client, and what comes on one reaches no other', async () => {
    const { sessions, remote } = await start({
      onPost: (seen, session) => {
        // Everybody is told the answer of this one, under its id.
        for (const other of sessions) other.say(result(seen, { of: session.path, on: other.path }))
      },
    })
    const ask = async (principal: string): Promise<unknown> => remote.request(call({ principal })).answer
    const answers = await Promise.all([ask('ann'), ask('bob'), ask('ann')])
    for (const answer of answers) {
      const { of, on } = (answer as { result: { of: string; on: string } }).result
      expect(on).toBe(of)
    }
    expect(sessions).toHaveLength(3)
  })

  it('has lost a session whose stream broke: its calls have failed, the next one is in a new one, and lists count as changed', async () => {
    const { sessions, remote, opened } = await start({
      onPost: (seen, session) =>
        seen.message.params!['name'] === 'last' ? void session.stream.destroy() : session.say(result(seen, { of: session.path })),
    })
    const heard = Promise.withResolvers<string>()
    remote.onNotification((method) => heard.resolve(method))
    expect(await remote.request(call({ principal: 'ann' })).answer).toMatchObject({ ok: true })
    await expect(remote.request(call({ principal: 'ann', params: { name: 'last' } })).answer).rejects.toMatchObject({
      type: 'upstream-failed',
    })
    expect(await remote.request(call({ principal: 'ann' })).answer).toMatchObject({ result: { of: sessions.at(-1)!.path } })
    expect(sessions).toHaveLength(3)
    sessions[0]!.stream.destroy()
    await opened(4)
    expect(await heard.promise).toBe('notifications/tools/list_changed')
  })

  it('opens a new session where the server has forgotten the old one', async () => {
    let isForgetful = false
    const { server, remote } = await start({
      onPost: (seen, session) => {
        if (isForgetful && session.path.endsWith('=0')) return 404
        session.say(result(seen, { of: session.path }))
        return 202
      },
    })
    await remote.request(call()).answer
    isForgetful = true
    expect(await remote.request(call()).answer).toEqual({ ok: true, result: { of: '/messages?session=1' } })
    expect(server.seen.filter(({ message }) => message.method === 'tools/call')).toHaveLength(3)
  })

  it('survives answers twice, with other ids, and out of order, and fails for what is no answer', async () => {
    const { remote } = await start({
      onPost: (seen, session) => {
        const { id, params } = seen.message
        if (params!['name'] === 'list') return session.say({ jsonrpc: '2.0', id, result: [] })
        session.say([{ jsonrpc: '2.0', id: 'foreign', result: {} }, 'noise', null, 7])
        session.say({ jsonrpc: '2.0', id: 999_999, result: {} })
        session.say(result(seen, { is: 'first' }))
        session.say(result(seen, { is: 'second' }))
      },
    })
    const answers = await Promise.all([remote.request(call()).answer, remote.request(call()).answer])
    expect(answers).toEqual([
      { ok: true, result: { is: 'first' } },
      { ok: true, result: { is: 'first' } },
    ])
    await expect(remote.request(call({ params: { name: 'list' } })).answer).rejects.toMatchObject({ message: matching('neither a result') })
    expect(await remote.request(call()).answer).toMatchObject({ ok: true })
  })

  it.each([
    ['what is not JSON', (session: OldSession) => void session.stream.write('event: message\ndata: }{\n\n'), 'not JSON'],
    [
      'an event without end',
      (session: OldSession) => {
        const chunk = Buffer.alloc(1024 * 1024, 'x')
        const pour = (): void => {
          while (!session.stream.destroyed && session.stream.write(chunk));
        }
        session.stream.write('event: message\ndata: ')
        session.stream.on('drain', pour)
        pour()
      },
      'more than',
    ],
  ])('is over where it says %s', async (_what, spoil, cause) => {
    const { remote } = await start({
      onPost: (seen, session) => (seen.message.params!['name'] === 'spoil' ? spoil(session) : session.say(result(seen, {}))),
    })
    await expect(remote.request(call({ params: { name: 'spoil' } })).answer).rejects.toMatchObject({
      type: 'upstream-failed',
      message: matching(cause),
    })
    expect(await remote.request(call()).answer).toMatchObject({ ok: true })
  })

  it('ends a call at its deadline and when it is cancelled, and says so to the server', async () => {
    const { server, remote } = await start()
    await remote.describe(soon())
    await expect(remote.request(call({ deadlineAtMs: Date.now() + 150 })).answer).rejects.toMatchObject({ type: 'upstream-timeout' })
    await server.awaitSeen(({ message }) => message.method === 'notifications/cancelled')
    const pending = remote.request(call())
    const seen = await server.awaitSeen(
      ({ message }) =>
        message.method === 'tools/call' && message.id !== server.seen.find((one) => one.message.method === 'tools/call')!.message.id,
    )
    pending.cancel('gone')
    await expect(pending.answer).rejects.toMatchObject({ message: matching('cancelled') })
    await server.awaitSeen(
      ({ message }) => message.method === 'notifications/cancelled' && message.params!['requestId'] === seen.message.id,
    )
  })

  it('closes its streams when it is closed', async () => {
    const { sessions, remote } = await start(answering)
    await remote.request(call({ principal: 'ann' })).answer
    const closed = sessions.map(({ stream }) => new Promise((resolve) => void stream.on('close', resolve)))
    await remote.close()
    await Promise.all(closed)
    expect(closed).toHaveLength(2)
  })
})
