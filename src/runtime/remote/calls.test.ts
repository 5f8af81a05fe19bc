import { createServer as createSocketServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { UpstreamRequest } from '../model.ts'
import {
  errorFor,
  eventOf,
  legacyScript,
  modernScript,
  remoteFor,
  resultFor,
  sendJson,
  startScriptedServer,
  type RemoteUnderTest,
  type Script,
  type ScriptedServer,
  type Seen,
  matching,
  metaOf,
} from './testing.ts'

const cleanups: (() => Promise<void>)[] = []
async function setUp(script: Script, over: Parameters<typeof remoteFor>[1] = {}): Promise<{ server: ScriptedServer } & RemoteUnderTest> {
  const server = await startScriptedServer(script)
  const made = remoteFor(server.url, over)
  cleanups.push(
    () => made.remote.close(),
    () => server.close(),
  )
  return { server, ...made }
}
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

const call = (over: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  method: 'tools/call',
  params: { name: 'echo', arguments: {} },
  deadlineAtMs: Date.now() + 5_000,
  ...over,
})
const problemOf = (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    (value) => ({ unexpected: value }),
    (error: unknown) => error,
  )
/** Answers `tools/list` with the one tool and everything else by the script. */
const withEcho =
  (script: Script): Script =>
  (seen, response, request) => {
    if (seen.message.method === 'tools/list')
      sendJson(response, 200, resultFor(seen, { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] }))
    else script(seen, response, request)
  }
const openEvents = (response: ServerResponse, ...chunks: string[]): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const chunk of chunks) response.write(chunk)
}
const done = (seen: Seen, text = 'done'): object => resultFor(seen, { content: [{ type: 'text', text }], resultType: 'complete' })

const eras = [
  ['modern', (script: Script) => modernScript(withEcho(script))],
  ['legacy', (script: Script) => legacyScript(withEcho(script))],
] as const

describe.each(eras)('a call of a %s server', (_era, wrap) => {
  it('hands over the result, without what only the wire needs', async () => {
    const { remote } = await setUp(wrap((seen, response) => sendJson(response, 200, done(seen))))
    expect(await remote.request(call()).answer).toEqual({ ok: true, result: { content: [{ type: 'text', text: 'done' }] } })
  })

  it('hands over an error of the server as it is', async () => {
    const { remote } = await setUp(wrap((seen, response) => sendJson(response, 200, errorFor(seen, -32602, 'Unknown tool', { tool: 'x' }))))
    expect(await remote.request(call()).answer).toEqual({
      ok: false,
      error: { code: -32602, message: 'Unknown tool', data: { tool: 'x' } },
    })
  })

  it('reads an event stream: progress and log of the call, then the answer', async () => {
    const { remote } = await setUp(
      wrap((seen, response) => {
        if (seen.message.method === 'logging/setLevel') return sendJson(response, 200, resultFor(seen, {}))
        const progressToken = metaOf(seen)['progressToken'] as number
        const note = (method: string, params: object): string => eventOf({ jsonrpc: '2.0', method, params })
        openEvents(
          response,
          ': hello\n\n',
          note('notifications/progress', { progressToken, progress: 1, total: 2 }),
          note('notifications/progress', { progressToken: 'somebody else', progress: 9 }),
          note('notifications/message', { level: 'debug', data: 'too quiet' }),
          note('notifications/message', { level: 'error', data: 'loud' }),
        )
        response.end(eventOf(done(seen)))
      }),
    )
    const progress: object[] = []
    const logs: object[] = []
    const request = call({
      logLevel: 'warning',
      onProgress: (params) => void progress.push(params),
      onLog: (params) => void logs.push(params),
    })
    expect(await remote.request(request).answer).toMatchObject({ ok: true })
    expect(progress).toEqual([{ progress: 1, total: 2 }])
    expect(logs).toEqual([{ level: 'error', data: 'loud' }])
  })

  it('takes the first answer, and none with another id', async () => {
    const { remote } = await setUp(
      wrap((seen, response) => {
        openEvents(
          response,
          eventOf({ jsonrpc: '2.0', id: 'foreign', result: { content: [] } }),
          eventOf({ jsonrpc: '2.0', id: null, result: {} }),
          eventOf(done(seen, 'first')),
        )
        response.end(eventOf(done(seen, 'second')))
      }),
    )
    expect(await remote.request(call()).answer).toMatchObject({ result: { content: [{ text: 'first' }] } })
  })

  it('has an answer although the stream of it never ends', async () => {
    const { remote, server } = await setUp(
      wrap((seen, response) => {
        openEvents(response, eventOf(done(seen)))
        const timer = setInterval(() => response.write(': still here\n\n'), 5)
        response.on('close', () => clearInterval(timer))
      }),
    )
    const closed = server.awaitSeen(({ message }) => message.method === 'tools/call')
    expect(await remote.request(call()).answer).toMatchObject({ ok: true })
    await closed
  })

  const garbage: [string, (seen: Seen, response: ServerResponse) => void, RegExp][] = [
    [
      'what is not JSON',
      (_seen, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc":'),
      /not JSON/,
    ],
    ['an event that is not JSON', (_seen, response) => (openEvents(response, 'data: }{\n\n'), response.end()), /not JSON/],
    ['a page', (_seen, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'), /without answering/],
    ['nothing', (_seen, response) => response.writeHead(202).end(), /without answering/],
    ['an empty stream', (_seen, response) => (openEvents(response), response.end()), /without answering/],
    [
      'somebody else’s answer',
      (_seen, response) => sendJson(response, 200, { jsonrpc: '2.0', id: 'foreign', result: {} }),
      /without answering/,
    ],
    [
      'a result that is a list',
      (seen, response) => sendJson(response, 200, { jsonrpc: '2.0', id: seen.message.id, result: [] }),
      /neither a result/,
    ],
    [
      'an answer in gzip',
      (_seen, response) => response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end('x'),
      /Content-Encoding/,
    ],
    [
      'headers without end',
      (_seen, response) => response.writeHead(200, { 'x-long': 'x'.repeat(LIMITS.headerBytesMax + 1) }).end(),
      /larger headers/,
    ],
    [
      'half an answer',
      (_seen, response) => (
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }),
        response.write('{'),
        setTimeout(() => response.destroy(), 10)
      ),
      /closed the connection/,
    ],
    [
      'a request for input',
      (seen, response) => sendJson(response, 200, resultFor(seen, { resultType: 'input_required', inputRequests: {} })),
      /asks for input/,
    ],
    ['a task', (seen, response) => sendJson(response, 200, resultFor(seen, { resultType: 'task', taskId: 't' })), /not asked for/],
    [
      'a redirect',
      (_seen, response) => response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
      /redirects of servers are not followed/,
    ],
    ['401', (_seen, response) => response.writeHead(401).end(), /wants a credential/],
    ['500', (_seen, response) => response.writeHead(500, { 'content-type': 'text/plain' }).end('stack trace'), /failed \(HTTP 500\)/],
  ]
  it.each(garbage)('fails with a cause when the server answers %s', async (_what, script, text) => {
    const { remote } = await setUp(wrap(script))
    const problem = await problemOf(remote.request(call()).answer)
    expect(problem).toMatchObject({ type: 'upstream-failed', message: matching(text) })
    expect((problem as Error).message).not.toContain('stack trace')
  })

  it('ends at the deadline when the server is silent, drips, or talks without end', async () => {
    const { remote } = await setUp(
      wrap((seen, response) => {
        const how = seen.message.params!['name'] as string
        if (how === 'silent') return
        if (how === 'drip') response.writeHead(200, { 'content-type': 'application/json' })
        else response.writeHead(200, { 'content-type': 'text/event-stream' })
        const timer = setInterval(
          () => response.write(how === 'drip' ? ' ' : eventOf({ jsonrpc: '2.0', method: 'notifications/noise' })),
          5,
        )
        response.on('close', () => clearInterval(timer))
      }),
    )
    await remote.describe(Date.now() + 5_000)
    for (const name of ['silent', 'drip', 'talk']) {
      const startedMs = performance.now()
      expect(await problemOf(remote.request(call({ params: { name }, deadlineAtMs: Date.now() + 120 })).answer)).toMatchObject({
        type: 'upstream-timeout',
      })
      expect(performance.now() - startedMs).toBeLessThan(1_000)
    }
    expect(await problemOf(remote.request(call({ deadlineAtMs: Date.now() - 1 })).answer)).toMatchObject({ type: 'upstream-timeout' })
  })

  it('refuses an answer above the limit as soon as it is above', async () => {
    const { remote } = await setUp(
      wrap((_seen, response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        const chunk = Buffer.alloc(1024 * 1024, 'x')
        const pour = (): void => {
          while (!response.destroyed && response.write(chunk));
        }
        response.on('drain', pour)
        pour()
      }),
    )
    expect(await problemOf(remote.request(call({ deadlineAtMs: Date.now() + 20_000 })).answer)).toMatchObject({
      type: 'upstream-failed',
      message: matching('more than 16777216 bytes'),
    })
  })

  it('rejects a cancelled call at once and closes its connection', async () => {
    const closed = Promise.withResolvers<void>()
    const { server, remote } = await setUp(
      wrap((seen, response) => {
        if (seen.message.method === 'tools/call') response.on('close', () => closed.resolve())
        else response.writeHead(202).end()
      }),
    )
    const pending = remote.request(call())
    await server.awaitSeen(({ message }) => message.method === 'tools/call')
    pending.cancel('gone')
    pending.cancel('again')
    expect(await problemOf(pending.answer)).toMatchObject({ type: 'upstream-failed', message: matching('cancelled') })
    await closed.promise
  })

  it('sends the operator’s headers, and says when one of them belongs to the protocol', async () => {
    const { server, remote } = await setUp(
      wrap((seen, response) => sendJson(response, 200, done(seen))),
      { headers: ['Authorization', 'Bearer secret', 'X-Team', 'a'] },
    )
    await remote.request(call()).answer
    for (const { headers } of server.seen) expect(headers).toMatchObject({ authorization: 'Bearer secret', 'x-team': 'a' })
    const broken = remoteFor(server.url, { headers: ['Mcp-Session-Id', 'mine'] })
    cleanups.push(() => broken.remote.close())
    const problem = await problemOf(broken.remote.request(call()).answer)
    expect(problem).toMatchObject({ type: 'upstream-failed', message: matching('Mcp-Session-Id') })
    expect(JSON.stringify(problem)).not.toContain('mine')
  })

  it('passes the trace on', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const { server, remote } = await setUp(wrap((seen, response) => sendJson(response, 200, done(seen))))
    await remote.request(call({ traceparent })).answer
    expect(server.seen.at(-1)!.headers['traceparent']).toBe(traceparent)
  })
})

describe('a server that cannot be reached', () => {
  it('is named with its cause, becomes “backoff”, and is ready again when it is back', async () => {
    const script = modernScript(withEcho((seen, response) => sendJson(response, 200, done(seen))))
    const { server, remote, statuses } = await setUp(script)
    await remote.describe(Date.now() + 5_000)
    await server.close()
    const problem = await problemOf(remote.request(call()).answer)
    expect(problem).toMatchObject({
      type: 'upstream-failed',
      message: `docs (127.0.0.1:${server.port}) refused the connection.`,
      remedy: matching('Start the server'),
    })
    expect(remote.status()).toMatchObject({ state: 'backoff', era: 'modern', cause: (problem as Error).message })
    const again = await startScriptedServer(script, server.port)
    cleanups.push(() => again.close())
    await again.awaitSeen(({ message }) => message.method === 'server/discover')
    expect(await remote.request(call()).answer).toMatchObject({ ok: true })
    expect(remote.status()).toMatchObject({ state: 'ready', cause: null })
    expect(statuses.map(({ state }) => state)).toEqual(['ready', 'backoff', 'ready'])
  })

  it('is told apart: no such name, no TLS, no HTTP', async () => {
    const mute = createSocketServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')).listen(0, '127.0.0.1')
    await once(mute, 'listening')
    cleanups.push(async () => void mute.close())
    const { port } = mute.address() as AddressInfo
    const cases = [
      ['http://no-such-name.invalid/mcp', /is not a name that can be resolved/],
      [`https://127.0.0.1:${port}/mcp`, /TLS certificate or handshake|closed the connection/],
      [`http://127.0.0.1:${port}/mcp`, /not HTTP\/1.1/],
    ] as const
    for (const [url, text] of cases) {
      const { remote } = remoteFor(url)
      cleanups.push(() => remote.close())
      expect(await problemOf(remote.request(call()).answer)).toMatchObject({ type: 'upstream-failed', message: matching(text) })
    }
  })

  it('is not dialled when it is private and the operator did not declare it, and the setting is named', async () => {
    const server = await startScriptedServer((_seen, response) => response.end())
    const { remote } = remoteFor(server.url, { record: { origin: { kind: 'api' } } })
    cleanups.push(
      () => remote.close(),
      () => server.close(),
    )
    const problem = await problemOf(remote.request(call()).answer)
    const destination = `127.0.0.1:${server.port}`
    expect(problem).toMatchObject({
      type: 'upstream-failed',
      message: matching(`may not be reached: ${destination} is a loopback address`),
      remedy: matching(`SALLYPORT_EGRESS_ALLOW=${destination}`),
    })
    expect(remote.status()).toMatchObject({ state: 'failed', denied: [destination] })
    expect(server.seen).toEqual([])
  })

  it('answers no call once it has been closed', async () => {
    const { remote } = await setUp(modernScript(withEcho((seen, response) => sendJson(response, 200, done(seen)))))
    await remote.close()
    expect(await problemOf(remote.request(call()).answer)).toMatchObject({ type: 'upstream-down' })
    expect(remote.status().state).toBe('stopped')
  })
})
