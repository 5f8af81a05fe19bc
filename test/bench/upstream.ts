// A program: the MCP server behind the gateway, modern on any path, legacy with sessions on /legacy.
// Tells its port over IPC.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ANSWER_TEXT, LEGACY_VERSION, META, MODERN_VERSION } from './messages.ts'

interface Call {
  readonly id?: number | string
  readonly method: string
  readonly params?: { readonly name?: string; readonly notifications?: unknown }
}

const TOOLS = Array.from({ length: 10 }, (_, index) => ({
  name: index === 0 ? 'lookup' : `lookup-${index}`,
  description: 'Looks an order up and tells its state, its lines and where the parcel is.',
  inputSchema: { type: 'object', properties: { order: { type: 'string' }, detail: { type: 'string' } }, required: ['order'] },
}))
const SERVER_INFO = { name: 'bench', version: '1.0.0' }
const CACHING = { ttlMs: 3_600_000, cacheScope: 'public' }
const TOOL_CAPABILITY = { tools: { listChanged: true } }

const server = createServer((request, response) => {
  if (request.method !== 'POST') return void response.writeHead(request.url === '/legacy' && request.method === 'DELETE' ? 204 : 405).end()
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const call = JSON.parse(Buffer.concat(chunks).toString()) as Call
    if (call.id === undefined) return void response.writeHead(202).end()
    if (request.url === '/legacy') answerLegacy(call, request, response)
    else answerModern(call, response)
  })
})
server.keepAliveTimeout = 300_000
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit())

function answerModern(call: Call, response: ServerResponse): void {
  if (call.method === 'tools/call') return send(response, call, { resultType: 'complete', content: [{ type: 'text', text: ANSWER_TEXT }] })
  if (call.method === 'tools/list') return send(response, call, { resultType: 'complete', tools: TOOLS, ...CACHING })
  if (call.method === 'subscriptions/listen') return listen(response, call)
  if (call.method !== 'server/discover') return refuse(response, 404, call, -32601, `Unknown method ${call.method}`)
  send(response, call, {
    resultType: 'complete',
    supportedVersions: [MODERN_VERSION],
    capabilities: TOOL_CAPABILITY,
    ...CACHING,
    _meta: { [META.serverInfo]: SERVER_INFO },
  })
}

function answerLegacy(call: Call, request: IncomingMessage, response: ServerResponse): void {
  if (call.method === 'initialize') {
    response.setHeader('mcp-session-id', randomUUID())
    return send(response, call, { protocolVersion: LEGACY_VERSION, capabilities: TOOL_CAPABILITY, serverInfo: SERVER_INFO })
  }
  if (request.headers['mcp-session-id'] === undefined) return refuse(response, 400, call, -32600, 'Mcp-Session-Id is missing')
  if (call.method === 'tools/call') return send(response, call, { content: [{ type: 'text', text: ANSWER_TEXT }] })
  if (call.method === 'tools/list') return send(response, call, { tools: TOOLS })
  if (call.method === 'ping') return send(response, call, {})
  refuse(response, 200, call, -32601, `Unknown method ${call.method}`)
}

/** Acknowledges and stays silent. */
function listen(response: ServerResponse, call: Call): void {
  const params = { notifications: call.params?.notifications ?? {}, _meta: { [META.subscriptionId]: call.id } }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/subscriptions/acknowledged', params })}\n\n`)
}

function send(response: ServerResponse, call: Call, result: object): void {
  write(response, 200, { jsonrpc: '2.0', id: call.id, result })
}

function refuse(response: ServerResponse, status: number, call: Call, code: number, message: string): void {
  write(response, status, { jsonrpc: '2.0', id: call.id, error: { code, message } })
}

function write(response: ServerResponse, status: number, message: object): void {
  const body = JSON.stringify(message)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
}
