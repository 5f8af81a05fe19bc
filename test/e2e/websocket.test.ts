// The lines beside Streamable HTTP: WebSocket, and the event streams of 2024-11-05. The same endpoints, the same rights.
import { once } from 'node:events'
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { text as textOf } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type LegacyUpstream, startLegacyUpstream } from '../fixtures/legacy-upstream.ts'
import { type ModernServer, startModernServer } from '../fixtures/modern-server.ts'
import { type RawServer, type Sallyport, startSallyport } from './harness.ts'
import { call, EVENT_STREAM_CLIENT, namesOf, type OpenMessageClient, startHeaderServer, WEB_SOCKET_CLIENTS } from './message-clients.ts'
import { type RunningServer, startEverythingOverHttp, waitForTools } from './upstreams.ts'
import { callModern, modernRequest, post, refusalOf, type RpcMessage, textOf as resultText } from './wire.ts'

const WITHIN = { timeout: 10_000 }
/** The tool of each server that reports progress, and how many times it does. */
const PROGRESS = {
  remote: { tool: 'trigger-long-running-operation', args: { duration: 0.1, steps: 2 }, times: 2 },
  modern: { tool: 'steps', args: {}, times: 3 },
}

let everything: RunningServer
let strict: RawServer
let modern: ModernServer
let legacy: LegacyUpstream
let sallyport: Sallyport

beforeAll(async () => {
  everything = await startEverythingOverHttp()
  strict = await startHeaderServer()
  modern = await startModernServer()
  legacy = await startLegacyUpstream()
  sallyport = await startSallyport({
    declared: {
      mcpServers: {
        remote: { url: everything.url },
        modern: { url: modern.url },
        raw: { url: legacy.url },
        strict: { url: strict.url },
        open: { url: modern.url, sallyport: { access: 'public' } },
      },
      profiles: { both: { servers: ['remote', 'modern'] }, other: { servers: ['raw'] } },
    },
    // Two processes share the port, and a client of 2024-11-05 has two connections.
    args: ['--workers', '2'],
  })
  await waitForTools(sallyport, ['remote__echo', 'modern__echo', 'raw__work', 'strict__move'])
})

afterAll(async () => {
  await sallyport?.stop()
  await Promise.all([everything, modern, legacy, strict].map((server) => server?.close()))
})

async function newKey(fields: object): Promise<{ id: string; key: string }> {
  const headers = { authorization: `Bearer ${sallyport.ownerKey}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ name: 'of a line', ...fields })
  const response = await fetch(`${sallyport.url}/api/v1/keys`, { method: 'POST', headers, body })
  expect(response.status).toBe(201)
  return (await response.json()) as { id: string; key: string }
}

/** A WebSocket whose messages are read one by one. */
interface Line {
  readonly socket: WebSocket
  say(message: object): void
  /** The next message, or what the line was closed with. */
  next(): Promise<RpcMessage | number>
}

async function dial(path: string, key: string): Promise<Line> {
  const socket = new WebSocket(`${sallyport.url.replace('http', 'ws')}${path}`, 'mcp', { headers: { authorization: `Bearer ${key}` } })
  onTestFinished(() => socket.terminate())
  const heard: (RpcMessage | number)[] = []
  let wake = (): void => {}
  const hear = (one: RpcMessage | number): void => {
    heard.push(one)
    wake()
  }
  socket.on('message', (data: Buffer) => hear(JSON.parse(data.toString()) as RpcMessage))
  socket.on('close', (code) => hear(code))
  await once(socket, 'open')
  return {
    socket,
    say: (message) => socket.send(JSON.stringify({ jsonrpc: '2.0', ...message })),
    async next() {
      while (heard.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      return heard.shift()!
    },
  }
}

const CLIENTS: Readonly<Record<string, OpenMessageClient>> = { ...WEB_SOCKET_CLIENTS, 'SDK 1.x over HTTP+SSE': EVENT_STREAM_CLIENT }

describe.each(Object.entries(CLIENTS))('%s', (_name, open) => {
  it.each(['', 'both'])('lists and calls the tools of either era at /mcp/%s, and sees their progress', async (endpoint) => {
    const client = await open(sallyport, endpoint)
    onTestFinished(() => client.close())
    const names = await namesOf(client)
    for (const [server, { tool, args, times }] of Object.entries(PROGRESS)) {
      expect(names).toContain(`${server}__echo`)
      expect(resultText(await call(client, `${server}__echo`, { message: 'hello' }))).toBe('Echo: hello')
      const seen: number[] = []
      await call(client, `${server}__${tool}`, args, { onprogress: ({ progress }) => seen.push(progress) })
      // In order. The SDK forgets a request with its answer, before it has looked at progress that came in the same moment.
      expect(seen).toEqual(Array.from({ length: times }, (_, index) => index + 1).slice(0, seen.length))
    }
  })

  it('relays to one deployment, of its own era and of the other', async () => {
    for (const endpoint of ['remote', 'modern']) {
      const client = await open(sallyport, endpoint)
      onTestFinished(() => client.close())
      expect(await namesOf(client)).toContain('echo')
      expect(resultText(await call(client, 'echo', { message: endpoint }))).toBe(`Echo: ${endpoint}`)
    }
  })

  it.each(['both', 'modern'])('cancels a call at /mcp/%s', async (endpoint) => {
    const client = await open(sallyport, endpoint)
    onTestFinished(() => client.close())
    const abort = new AbortController()
    const wait = modern.nextWait()
    const ended = call(client, endpoint === 'both' ? 'modern__wait' : 'wait', {}, { signal: abort.signal }).then(() => 'answered', String)
    const { givenUp } = await wait
    abort.abort(new Error('changed my mind'))
    expect(await ended).toMatch(/changed my mind|abort/i)
    await givenUp
  })

  it('cancels what is under way by going away', async () => {
    const client = await open(sallyport, 'both')
    const wait = modern.nextWait()
    const ended = call(client, 'modern__wait').then(() => 'answered', String)
    const { givenUp } = await wait
    await client.close()
    await givenUp
    expect(await ended).not.toBe('answered')
  })
})

describe('the rights of a line', () => {
  const message = modernRequest('tools/call', { name: 'modern__echo', arguments: { message: 'x' } })

  /** Why a call is refused, or what it says; over a WebSocket it may be refused before there is one. */
  async function overWebSocket(path: string, key: string | undefined): Promise<string> {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'sec-websocket-protocol': 'mcp',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    }
    const request = httpRequest(`${sallyport.url}${path}/ws`, { headers })
    request.end()
    const [answer] = (await Promise.race([once(request, 'response'), once(request, 'upgrade')])) as [IncomingMessage]
    if (answer.statusCode !== 101) {
      const { type, status } = JSON.parse(await textOf(answer)) as { type: string; status: number }
      if (answer.statusCode !== status) throw new Error(`The handshake says ${String(answer.statusCode)}, its problem ${String(status)}`)
      return type.split('/').at(-1)!
    }
    answer.socket.destroy()
    const line = await dial(`${path}/ws`, key!)
    line.say(message.message)
    const { error, result } = (await line.next()) as RpcMessage
    const problem = error?.data?.['problem'] as { type: string } | undefined
    return problem === undefined ? resultText(result) : problem.type.split('/').at(-1)!
  }

  async function overPost(path: string, key: string | undefined): Promise<string> {
    const answer = await post(sallyport.url + path, JSON.stringify(message.message), { key, headers: message.headers })
    return answer.message?.result === undefined ? refusalOf(answer).type : resultText(answer.message.result)
  }

  it('are those of a POST, whoever asks, wherever', async () => {
    const other = await newKey({ endpoints: ['other'] })
    const listOnly = await newKey({ endpoints: ['both'], scopes: ['mcp:list'] })
    const noTool = await newKey({ endpoints: ['both'], tools: ['remote__*'] })
    const good = await newKey({ endpoints: ['both'] })
    const keys = {
      'no key': undefined,
      'a wrong key': `sp_${'x'.repeat(43)}`,
      'a key for another profile': other.key,
      'a key that may only list': listOnly.key,
      'a key for other tools': noTool.key,
      'a good key': good.key,
    }
    const seen: Record<string, string> = {}
    for (const [who, key] of Object.entries(keys)) {
      for (const path of ['/mcp/both', '/t/default/mcp/both', '/t/elsewhere/mcp/both', '/mcp/absent', '/mcp']) {
        const [posted, dialled] = [await overPost(path, key), await overWebSocket(path, key)]
        expect([who, path, dialled]).toEqual([who, path, posted])
        if (path === '/mcp/both') seen[who] = posted
      }
    }
    expect(seen).toEqual({
      'no key': 'unauthenticated',
      'a wrong key': 'unauthenticated',
      'a key for another profile': 'not-found',
      'a key that may only list': 'insufficient-scope',
      'a key for other tools': 'invalid-params',
      'a good key': 'Echo: x',
    })
  })

  it('are in no address: a key in the URL opens nothing', async () => {
    for (const query of [
      `?key=${sallyport.ownerKey}`,
      `?access_token=${sallyport.ownerKey}`,
      `?authorization=Bearer%20${sallyport.ownerKey}`,
    ])
      await expect(dial(`/mcp/both/ws${query}`, 'none')).rejects.toThrow(/401/)
    expect(sallyport.logs).not.toContain(sallyport.ownerKey)
  })

  it('end with the credential', async () => {
    const { id, key } = await newKey({ endpoints: ['both'] })
    const line = await dial('/mcp/both/ws', key)
    line.say(modernRequest('tools/list').message)
    expect(await line.next()).toMatchObject({ result: {} })
    const headers = { authorization: `Bearer ${sallyport.ownerKey}` }
    expect((await fetch(`${sallyport.url}/api/v1/keys/${id}`, { method: 'DELETE', headers })).status).toBe(204)
    await vi.waitFor(
      async () => expect((await callModern(`${sallyport.url}/mcp/both`, 'tools/list', {}, { key })).status).toBe(401),
      WITHIN,
    )
    // The other process may hear of it a moment later.
    for (;;) {
      line.say(modernRequest('tools/list').message)
      const said = await line.next()
      if (typeof said !== 'number' && said.error === undefined) continue
      expect(said).toMatchObject({ error: { code: 4010 } })
      break
    }
    expect(await line.next()).toBe(1008)
  })

  it('are none for a browser of another origin, and a public endpoint needs none', async () => {
    const url = new URL(`${sallyport.url.replace('http', 'ws')}/mcp/open/ws`)
    const foreign = new WebSocket(url, 'mcp', { origin: 'https://evil.example' })
    const [error] = (await once(foreign, 'error')) as [Error]
    expect(error.message).toContain('403')
    // The transport of the SDK, which shows no credential, as in a browser.
    const client = new Client({ name: 'anonymous', version: '1.0.0' })
    await client.connect(new WebSocketClientTransport(url))
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('echo')
    await client.close()
  })

  it('leave the same trace in the audit', async () => {
    const { key } = await newKey({ name: 'traced', endpoints: ['both'] })
    await overWebSocket('/mcp/both', key)
    await vi.waitFor(async () => {
      const { stdout } = await sallyport.cli('activity', 'list', '--json', '--method', 'tools/call')
      expect(stdout).toContain('"traced"')
    }, WITHIN)
  })
})

describe('a call of the stateless era on a WebSocket', () => {
  it('is answered after all that its server says of it, in order', async () => {
    const line = await dial('/mcp/both/ws', sallyport.ownerKey)
    const { message } = modernRequest('tools/call', { name: 'modern__steps', arguments: {}, _meta: { progressToken: 't' } })
    line.say(message)
    const said: unknown[] = []
    for (let i = 0; i < 4; i++) {
      const { id, params } = (await line.next()) as RpcMessage
      said.push(params?.['progress'] ?? id)
    }
    expect(said).toEqual([1, 2, 3, message.id])
  })

  it.each([
    ['/mcp/strict/ws', 'move'],
    ['/mcp/ws', 'strict__move'],
  ])('has the headers that its tool wants, at %s, whether its client has listed the tools or not', async (path, name) => {
    for (const hasListed of [false, true]) {
      const line = await dial(path, sallyport.ownerKey)
      if (hasListed) line.say(modernRequest('tools/list').message)
      if (hasListed) await line.next()
      for (const to of ['north', 'süd']) {
        line.say(modernRequest('tools/call', { name, arguments: { to } }).message)
        const said = (await line.next()) as RpcMessage
        expect(resultText(said.result)).toBe(`moved ${to}`)
      }
    }
  })
})

describe('a session on a WebSocket', () => {
  it('is opened at the server, hears what it says, and ends with the line', async () => {
    const line = await dial('/mcp/raw/ws', sallyport.ownerKey)
    line.say({
      id: 0,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'on a line', version: '1' } },
    })
    expect(await line.next()).toMatchObject({ id: 0, result: { protocolVersion: '2025-11-25' } })
    line.say({ method: 'notifications/initialized' })
    const own = legacy.sessionOf('on a line')
    await vi.waitFor(() => expect(legacy.push(own)).toBe(1), WITHIN)
    legacy.push(own, { method: 'notifications/resources/list_changed' })
    expect(await line.next()).toEqual({ jsonrpc: '2.0', method: 'notifications/resources/list_changed' })
    line.say({ id: 1, method: 'tools/list' })
    expect(await line.next()).toMatchObject({ id: 1, result: { tools: [{ name: 'work' }] } })
    // The address of the session at the server is nothing that the client could see.
    expect(legacy.isOpen(own)).toBe(true)
    line.socket.close()
    await vi.waitFor(() => expect(legacy.isOpen(own)).toBe(false), WITHIN)
  })

  it('ends the line when the server has forgotten it', async () => {
    const line = await dial('/mcp/raw/ws', sallyport.ownerKey)
    line.say({
      id: 0,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'forgotten', version: '1' } },
    })
    await line.next()
    const own = legacy.sessionOf('forgotten')
    const headers = { 'mcp-session-id': own }
    expect((await fetch(legacy.url, { method: 'DELETE', headers })).status).toBe(200)
    line.say({ id: 1, method: 'tools/list' })
    expect(await line.next()).toMatchObject({ id: 1, error: {} })
    expect(await line.next()).toBe(1008)
  })
})
