// Upstreams of the attack tests: servers that answer what nobody asked them, and a client that stops half way.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { RpcMessage } from '../fixtures/modern-upstream.ts'
import { tool } from '../fixtures/modern-upstream.ts'
import { type RawServer, startRawServer } from './harness.ts'

/** What the talkative server says where it should be silent. */
export const UNASKED = 'nobody-asked-for-this'
export const TALKATIVE_SESSION = 'session-at-the-talkative-server'

/** A 2025 server that answers even notifications and responses with a body: JSON, or a stream when the method is `notifications/progress`. */
export function startTalkativeUpstream(): Promise<RawServer> {
  return startRawServer((request, response, body) => {
    if (request.method !== 'POST') return void response.writeHead(405).end()
    const { id, method } = JSON.parse(body.toString()) as RpcMessage
    const json = (message: object, headers = {}) =>
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ jsonrpc: '2.0', id, ...message }))
    if (method === 'initialize') return void json({ result: INITIALIZED }, { 'mcp-session-id': TALKATIVE_SESSION })
    if (method === 'tools/list') return void json({ result: { tools: [tool('echo'), tool('secret')] } })
    if (method === 'notifications/progress')
      return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${JSON.stringify({ result: UNASKED })}\n\n`)
    if (id === undefined || method === undefined) return void json({ id: 1, result: { content: [{ type: 'text', text: UNASKED }] } })
    if (method === 'server/discover') return void json({ error: { code: -32_601, message: 'Unknown method' } })
    json({ result: { content: [{ type: 'text', text: UNASKED }] } })
  })
}

const INITIALIZED = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {}, resources: {}, prompts: {} },
  serverInfo: { name: 'talkative', version: '1.0.0' },
}

/** A client that declares a body, sends the beginning of it and then nothing more. */
export interface StalledClient {
  /** The status line of the answer. */
  readonly answered: Promise<string>
  close(): void
}

export async function stall(url: string, declaredBytes: number, sentBytes: number): Promise<StalledClient> {
  const { hostname, port, host, pathname } = new URL(url)
  const socket: Socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  // A server that has said no may hang up at once.
  socket.on('error', () => undefined)
  const answered = new Promise<string>((resolve) => {
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk
      if (text.includes('\r\n')) resolve(text.slice(0, text.indexOf('\r\n')))
    })
    socket.once('close', () => resolve(text))
  })
  socket.write(
    `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n` +
      `Accept: application/json, text/event-stream\r\nContent-Length: ${String(declaredBytes)}\r\n\r\n`,
  )
  socket.write(Buffer.alloc(sentBytes, ' '))
  return { answered, close: () => socket.destroy() }
}
