import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node'
import { McpServer as McpServer1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { SubscribeRequestSchema, UnsubscribeRequestSchema, UrlElicitationRequiredError } from '@modelcontextprotocol/sdk/types.js'
import { acceptedContent, createMcpHandler, inputRequired, inputResponse, McpServer } from '@modelcontextprotocol/server'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { InputRequired, UpstreamAnswer, UpstreamRequest } from '../model.ts'
import { remoteFor, type RemoteUnderTest } from './testing.ts'

// Servers made with the official SDKs that ask their clients, over each transport that they have.

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

const SCHEMA = { type: 'object', properties: { day: { type: 'string' } } } as const
const text = (value: unknown): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }],
})

/** Of the SDK 1.x. `apart`: it asks on the stream of the session and not on that of the call. */
function firstServer(): McpServer1 {
  const server = new McpServer1({ name: 'first', version: '1' }, { capabilities: { resources: { subscribe: true }, logging: {} } })
  const { server: low } = server
  const near = (requestId: string | number, apart: boolean) => (apart ? {} : { relatedRequestId: requestId })
  server.registerTool('form', { inputSchema: { apart: z.boolean() } }, async ({ apart }, { requestId }) =>
    text(await low.elicitInput({ mode: 'form', message: 'When?', requestedSchema: SCHEMA }, near(requestId, apart))),
  )
  server.registerTool('url', { inputSchema: { apart: z.boolean() } }, async ({ apart }, { requestId }) =>
    text(await low.elicitInput({ mode: 'url', message: 'Pay', url: 'https://pay.example', elicitationId: 'e1' }, near(requestId, apart))),
  )
  server.registerTool('sample', { inputSchema: { apart: z.boolean() } }, async ({ apart }, { requestId }) =>
    text(
      await low.createMessage(
        { messages: [{ role: 'user', content: { type: 'text', text: 'Hm?' } }], maxTokens: 3 },
        near(requestId, apart),
      ),
    ),
  )
  server.registerTool('roots', { inputSchema: { apart: z.boolean() } }, async ({ apart }, { requestId }) =>
    text(await low.listRoots({}, near(requestId, apart))),
  )
  server.registerTool('signed-in', {}, () => {
    throw new UrlElicitationRequiredError([{ mode: 'url', message: 'Sign in', url: 'https://a.example', elicitationId: 'e2' }])
  })
  server.registerTool('touch', {}, async () => {
    await low.sendResourceUpdated({ uri: 'memo://1' })
    return text('touched')
  })
  server.registerResource('memo', 'memo://1', {}, () => ({ contents: [{ uri: 'memo://1', text: 'memo' }] }))
  low.setRequestHandler(SubscribeRequestSchema, () => ({}))
  low.setRequestHandler(UnsubscribeRequestSchema, () => ({}))
  return server
}

/** Of the SDK 2.x, which writes both eras. */
function secondServer(): McpServer {
  const server = new McpServer({ name: 'second', version: '2' })
  server.registerTool('form', { inputSchema: z.object({}) }, (_args, { mcpReq }) => {
    const answer = acceptedContent(mcpReq.inputResponses, 'when')
    if (answer !== undefined) return text({ action: 'accept', content: answer })
    const response = inputResponse(mcpReq.inputResponses, 'when')
    if (response.kind === 'elicit') return text({ action: response.action })
    return inputRequired({ inputRequests: { when: inputRequired.elicit({ message: 'When?', requestedSchema: SCHEMA }) } })
  })
  server.registerTool('roots', { inputSchema: z.object({}) }, (_args, { mcpReq }) => {
    const response = inputResponse(mcpReq.inputResponses, 'where')
    return response.kind === 'roots'
      ? text({ roots: response.roots })
      : inputRequired({ inputRequests: { where: inputRequired.listRoots() } })
  })
  return server
}

type Serve = (request: IncomingMessage, response: ServerResponse, body: unknown) => Promise<void> | void

async function listen(serve: Serve): Promise<RemoteUnderTest> {
  const read = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    await serve(request, response, chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString()))
  }
  const server = createServer((request, response) => void read(request, response).catch(() => response.destroy()))
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const made = remoteFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`)
  cleanups.push(
    () => made.remote.close(),
    () => {
      server.close()
      server.closeAllConnections()
    },
  )
  return made
}

interface SessionTransport {
  handleRequest(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void>
}

/** Sessions the way the documentation of both SDKs shows them. */
function withSessions(open: (keep: (id: string) => void) => Promise<SessionTransport>): () => Promise<RemoteUnderTest> {
  return () => {
    const sessions = new Map<string, SessionTransport>()
    return listen(async (request, response, body) => {
      const id = request.headers['mcp-session-id']
      let transport = typeof id === 'string' ? sessions.get(id) : undefined
      if (transport === undefined && id !== undefined) return void response.writeHead(404).end()
      if (transport === undefined) {
        const kept: { id?: string } = {}
        const opened = await open((sessionId) => {
          kept.id = sessionId
          sessions.set(sessionId, opened)
        })
        transport = opened
      }
      await transport.handleRequest(request, response, body)
    })
  }
}

const streamable1 = withSessions(async (keep) => {
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID, onsessioninitialized: keep })
  await firstServer().connect(transport)
  return transport
})
const streamable2 = withSessions(async (keep) => {
  const transport = new NodeStreamableHTTPServerTransport({ sessionIdGenerator: randomUUID, onsessioninitialized: keep })
  await secondServer().connect(transport)
  return transport
})
async function modern2(): Promise<RemoteUnderTest> {
  const handler = createMcpHandler(secondServer, { legacy: 'reject' })
  cleanups.push(() => handler.close())
  const node = toNodeHandler(handler)
  return listen((request, response, body) => node(request as Parameters<typeof node>[0], response, body))
}
/** The transport of 2024-11-05, as the SDK 1.x still has it. */
function events1(): Promise<RemoteUnderTest> {
  const sessions = new Map<string, SSEServerTransport>()
  return listen(async (request, response, body) => {
    const url = new URL(request.url ?? '', 'http://localhost')
    if (request.method === 'GET' && url.pathname === '/mcp') {
      const transport = new SSEServerTransport('/messages', response)
      sessions.set(transport.sessionId, transport)
      return firstServer().connect(transport)
    }
    const transport = sessions.get(url.searchParams.get('sessionId') ?? '')
    if (request.method !== 'POST' || url.pathname !== '/messages' || transport === undefined) return void response.writeHead(404).end()
    return transport.handlePostMessage(request, response, body)
  })
}

const CLIENT = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} }
const call = (name: string, args: object = {}, over: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  method: 'tools/call',
  params: { name, arguments: args },
  deadlineAtMs: Date.now() + 20_000,
  principal: 'ann',
  clientCapabilities: CLIENT,
  ...over,
})
function inputOf(answer: UpstreamAnswer): InputRequired {
  if (answer.ok !== 'input') throw new Error(`no input is asked for: ${JSON.stringify(answer)}`)
  return answer.input
}
const saidBy = (answer: UpstreamAnswer): unknown => {
  if (answer.ok !== true) throw new Error(`no result: ${JSON.stringify(answer)}`)
  return JSON.parse((answer.result['content'] as [{ text: string }])[0].text)
}

const accept = { action: 'accept', content: { day: 'Friday' } }
const decline = { action: 'decline' }
const sampled = { role: 'assistant', content: { type: 'text', text: 'Hm.' }, model: 'm' }
const rooted = { roots: [{ uri: 'file:///home', name: 'home' }] }

const questions: [string, object, object][] = [
  ['form', accept, { message: 'When?' }],
  ['form', decline, { message: 'When?' }],
  ['url', { action: 'accept' }, { mode: 'url', url: 'https://pay.example' }],
  ['sample', sampled, { maxTokens: 3 }],
  ['roots', rooted, {}],
]
const places: [string, () => Promise<RemoteUnderTest>, object, readonly string[]][] = [
  ['of SDK 1.x on the stream of the call', streamable1, { apart: false }, ['form', 'url', 'sample', 'roots']],
  ['of SDK 1.x on the stream of the session', streamable1, { apart: true }, ['form', 'url', 'sample', 'roots']],
  ['of SDK 1.x over the transport of 2024-11-05', events1, { apart: true }, ['form', 'url', 'sample', 'roots']],
  ['of SDK 2.x in a session', streamable2, {}, ['form', 'roots']],
  ['of SDK 2.x in the modern era', modern2, {}, ['form', 'roots']],
]

describe.each(places)('an official server %s', (_place, start, args, asks) => {
  it.each(questions.filter(([tool]) => asks.includes(tool)))('asks (%s) and is told %j', async (tool, answer, params) => {
    const { remote } = await start()
    const { requests, state } = inputOf(await remote.request(call(tool, args)).answer)
    const [[key, asked]] = Object.entries(requests) as [[string, InputRequired['requests'][string]]]
    expect(asked.params).toMatchObject(params)
    const final = await remote.request(call(tool, args, { given: { responses: { [key]: answer }, state } })).answer
    expect(saidBy(final)).toMatchObject(answer)
  })

  it('asks nobody who did not say that they can be asked', async () => {
    const { remote } = await start()
    for (const tool of asks) {
      // Not every server looks at what was declared; where it then waits, nobody is asked all the same.
      const over = { clientCapabilities: {}, deadlineAtMs: Date.now() + 2_000 }
      const answer = await remote.request(call(tool, args, over)).answer.catch(() => null)
      expect(answer?.ok).not.toBe('input')
      expect(JSON.stringify(answer)).not.toContain('"action"')
    }
  })
})

describe('an official server of SDK 1.x', () => {
  it('wants an address visited first (-32042)', async () => {
    const { remote } = await streamable1()
    const answer = await remote.request(call('signed-in')).answer
    expect(Object.values(inputOf(answer).requests)).toMatchObject([
      { method: 'elicitation/create', params: { mode: 'url', message: 'Sign in', url: 'https://a.example' } },
    ])
  })

  it.each([
    ['in sessions', streamable1],
    ['over the transport of 2024-11-05', events1],
  ])('is recognised, listed, called and watched %s', async (_how, start) => {
    const { remote } = await start()
    expect(await remote.describe(Date.now() + 10_000)).toMatchObject({
      era: 'legacy',
      protocolVersion: '2025-11-25',
      serverInfo: { name: 'first' },
    })
    const list = await remote.request({ method: 'tools/list', params: {}, deadlineAtMs: Date.now() + 10_000 }).answer
    expect(list.ok === true && (list.result['tools'] as unknown[]).length).toBe(6)
    expect(JSON.stringify(list)).not.toContain('taskSupport')
    const heard = Promise.withResolvers<unknown>()
    remote.onNotification((method, params) => {
      if (method === 'notifications/resources/updated') heard.resolve(params)
    })
    remote.watch({ resource: 'memo://1' })
    const { principal: _, ...nobody } = call('touch')
    // Until the stream is there, what the server says on it is lost.
    const touching = setInterval(() => void remote.request(nobody).answer.catch(() => undefined), 100)
    expect(await heard.promise).toEqual({ uri: 'memo://1' })
    clearInterval(touching)
    expect(remote.status()).toMatchObject({ state: 'ready', era: 'legacy' })
  })
})
