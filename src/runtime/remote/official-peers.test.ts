import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { remoteFor, type RemoteUnderTest } from './testing.ts'

// Servers that were made with the official SDK, as real peers of both eras.

function officialServer(): McpServer {
  const server = new McpServer({ name: 'official', version: '1.0.0' }, { capabilities: { logging: {}, tools: { listChanged: true } } })
  server.registerTool('add', { description: 'Adds', inputSchema: z.object({ a: z.number(), b: z.number() }) }, ({ a, b }) => ({
    content: [{ type: 'text', text: String(a + b) }],
  }))
  server.registerTool('steps', { description: 'Reports progress', inputSchema: z.object({}) }, async (_args, context) => {
    const token = context.mcpReq._meta?.progressToken
    if (token !== undefined)
      await context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken: token, progress: 1, total: 2 } })
    return { content: [{ type: 'text', text: 'stepped' }] }
  })
  server.registerTool(
    'region',
    { description: 'Wants a header', inputSchema: z.object({ region: z.string().meta({ 'x-mcp-header': 'Region' }) }) },
    ({ region }) => ({ content: [{ type: 'text', text: region }] }),
  )
  return server
}

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

async function listen(listener: RequestListener): Promise<RemoteUnderTest> {
  const server = createServer(listener).listen(0, '127.0.0.1')
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

async function modern(): Promise<RemoteUnderTest> {
  const handler = createMcpHandler(officialServer, { legacy: 'reject' })
  cleanups.push(() => handler.close())
  const node = toNodeHandler(handler)
  return listen((request, response) => void node(request as Parameters<typeof node>[0], response))
}

/** Sessions the way the SDK's documentation shows them. */
async function legacy(): Promise<RemoteUnderTest> {
  const sessions = new Map<string, NodeStreamableHTTPServerTransport>()
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const body: unknown = chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString())
    const id = request.headers['mcp-session-id']
    let transport = typeof id === 'string' ? sessions.get(id) : undefined
    if (transport === undefined && id !== undefined) return void response.writeHead(404).end()
    if (transport === undefined) {
      const created = new NodeStreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (sessionId) => void sessions.set(sessionId, created),
      })
      await officialServer().connect(created)
      transport = created
    }
    await transport.handleRequest(request, response, body)
  }
  return listen((request, response) => void serve(request, response))
}

const soon = (): number => Date.now() + 10_000

describe.each([
  ['modern', '2026-07-28', modern],
  ['legacy', '2025-11-25', legacy],
] as const)('an official server of the %s era', (era, protocolVersion, start) => {
  it('is recognised, listed and called', async () => {
    const { remote } = await start()
    expect(await remote.describe(soon())).toMatchObject({ era, protocolVersion, serverInfo: { name: 'official', version: '1.0.0' } })
    const list = await remote.request({ method: 'tools/list', params: {}, deadlineAtMs: soon() }).answer
    expect(list).toMatchObject({ ok: true, result: { tools: [{ name: 'add' }, { name: 'steps' }, { name: 'region' }] } })
    expect(
      await remote.request({ method: 'tools/call', params: { name: 'add', arguments: { a: 2, b: 40 } }, deadlineAtMs: soon() }).answer,
    ).toMatchObject({ ok: true, result: { content: [{ type: 'text', text: '42' }] } })
    expect(remote.status()).toMatchObject({ state: 'ready', era, toolCount: 3 })
  })

  it('reports progress, and gets the arguments it wants as headers, also when it was not listed before', async () => {
    const { remote } = await start()
    const progress: object[] = []
    const steps = remote.request({
      method: 'tools/call',
      params: { name: 'steps', arguments: {} },
      deadlineAtMs: soon(),
      onProgress: (params) => void progress.push(params),
    })
    expect(await steps.answer).toMatchObject({ ok: true, result: { content: [{ text: 'stepped' }] } })
    expect(progress).toEqual([{ progress: 1, total: 2 }])
    expect(
      await remote.request({ method: 'tools/call', params: { name: 'region', arguments: { region: 'Zürich' } }, deadlineAtMs: soon() })
        .answer,
    ).toMatchObject({ ok: true, result: { content: [{ text: 'Zürich' }] } })
  })

  it('answers an unknown tool and an unknown method with an error, not a failure', async () => {
    const { remote } = await start()
    const unknown = await remote.request({ method: 'tools/call', params: { name: 'nothing', arguments: {} }, deadlineAtMs: soon() }).answer
    expect(unknown.ok === true ? unknown.result['isError'] : unknown.ok === false && unknown.error.code).toSatisfy(
      (value: unknown) => value === true || value === -32602,
    )
    expect(await remote.request({ method: 'no/such', params: {}, deadlineAtMs: soon() }).answer).toMatchObject({
      ok: false,
      error: { code: -32601 },
    })
    expect(remote.known()?.era).toBe(era)
  })
})
