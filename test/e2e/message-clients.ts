// Clients on lines that are not Streamable HTTP: the official ones where there are some, over transports of ours where not.
import { Client as ClientV2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { sendResult, startModernUpstream, textResult } from '../fixtures/modern-upstream.ts'
import { type RawServer, REPOSITORY, type Sallyport } from './harness.ts'

const INFO = { name: 'sallyport-e2e', version: '1.0.0' }

export type MessageClient = ClientV1 | ClientV2
export type OpenMessageClient = (sallyport: Sallyport, endpoint: string, key?: string) => Promise<MessageClient>

/** What a transport of the SDK is, as far as both generations agree. */
interface Transport {
  start(): Promise<void>
  send(message: object): Promise<void>
  close(): Promise<void>
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: (message: never) => void
}

/** The WebSocket transport of the SDK knows no headers, as browsers do not. This one shows a key. */
export function webSocketTransport(url: string, key: string | undefined): Transport {
  let socket: WebSocket | undefined
  const transport: Transport = {
    start: () =>
      new Promise((resolve, reject) => {
        socket = new WebSocket(url, 'mcp', { headers: key === undefined ? {} : { authorization: `Bearer ${key}` } })
        socket.once('open', resolve).once('error', reject)
        socket.on('error', (error) => transport.onerror?.(error))
        socket.on('close', () => transport.onclose?.())
        // One at a time, as over HTTP: the SDK forgets a request with its answer before it has looked at progress of the same moment.
        socket.on('message', (data: Buffer) => setImmediate(() => transport.onmessage?.(JSON.parse(data.toString()) as never)))
      }),
    send: (message) =>
      new Promise((resolve, reject) =>
        socket!.send(JSON.stringify(message), (error) => (error instanceof Error ? reject(error) : resolve())),
      ),
    async close() {
      socket?.close()
    },
  }
  return transport
}

const address = ({ url }: Sallyport, endpoint: string, last: string): string => `${url}/mcp${endpoint === '' ? '' : `/${endpoint}`}/${last}`
const wsAddress = (...words: [Sallyport, string]): string => address(...words, 'ws').replace(/^http/, 'ws')

async function connected<Client extends MessageClient>(client: Client, transport: object): Promise<Client> {
  await (client as ClientV1).connect(transport as never)
  return client
}

const v2 = (mode: 'legacy' | 'auto' | { pin: string }): ClientV2 => new ClientV2(INFO, { versionNegotiation: { mode } })

export const WEB_SOCKET_CLIENTS: Readonly<Record<string, OpenMessageClient>> = {
  'SDK 1.x over WebSocket': (sallyport, endpoint, key = sallyport.ownerKey) =>
    connected(new ClientV1(INFO), webSocketTransport(wsAddress(sallyport, endpoint), key)),
  'SDK 2.x, legacy, over WebSocket': (sallyport, endpoint, key = sallyport.ownerKey) =>
    connected(v2('legacy'), webSocketTransport(wsAddress(sallyport, endpoint), key)),
  'SDK 2.x, auto, over WebSocket': (sallyport, endpoint, key = sallyport.ownerKey) =>
    connected(v2('auto'), webSocketTransport(wsAddress(sallyport, endpoint), key)),
  'SDK 2.x, pinned modern, over WebSocket': (sallyport, endpoint, key = sallyport.ownerKey) =>
    connected(v2({ pin: '2026-07-28' }), webSocketTransport(wsAddress(sallyport, endpoint), key)),
}

export const EVENT_STREAM_CLIENT: OpenMessageClient = (sallyport, endpoint, key = sallyport.ownerKey) => {
  const requestInit = { headers: { authorization: `Bearer ${key}` } }
  return connected(new ClientV1(INFO), new SSEClientTransport(new URL(address(sallyport, endpoint, 'sse')), { requestInit }))
}

/** How a client starts `sallyport connect`. */
export const connectCommand = ({ url }: Pick<Sallyport, 'url'>, endpoint: string, key: string) => ({
  command: process.execPath,
  args: [join(REPOSITORY, 'bin/sallyport.mjs'), 'connect', ...(endpoint === '' ? [] : [endpoint])],
  env: { ...(process.env as Record<string, string>), SALLYPORT_URL: url, SALLYPORT_KEY: key, NO_COLOR: '1' },
  stderr: 'pipe' as const,
})

export const STDIO_CLIENTS: Readonly<Record<string, OpenMessageClient>> = {
  'SDK 1.x': (sallyport, endpoint, key = sallyport.ownerKey) =>
    connected(new ClientV1(INFO), new StdioV1(connectCommand(sallyport, endpoint, key))),
  'SDK 2.x, legacy': (sallyport, endpoint, key = sallyport.ownerKey) =>
    connected(v2('legacy'), new StdioV2(connectCommand(sallyport, endpoint, key))),
  'SDK 2.x, auto': (sallyport, endpoint, key = sallyport.ownerKey) =>
    connected(v2('auto'), new StdioV2(connectCommand(sallyport, endpoint, key))),
  'SDK 2.x, pinned modern': (sallyport, endpoint, key = sallyport.ownerKey) =>
    connected(v2({ pin: '2026-07-28' }), new StdioV2(connectCommand(sallyport, endpoint, key))),
}

/** What both generations of the SDK have in common. */
interface SdkClient {
  listTools(): Promise<{ tools: { name: string }[] }>
  callTool(params: { name: string; arguments: Record<string, unknown> }, ...rest: never[]): Promise<Record<string, unknown>>
}

export interface CallOptions {
  readonly onprogress?: (progress: { readonly progress: number }) => void
  readonly signal?: AbortSignal
}

export const namesOf = async (client: MessageClient): Promise<string[]> =>
  (await (client as unknown as SdkClient).listTools()).tools.map(({ name }) => name)

export function call(
  client: MessageClient,
  name: string,
  args: Record<string, unknown> = {},
  options: CallOptions = {},
): Promise<Record<string, unknown>> {
  // The old SDK has a result schema between parameters and options.
  const rest = (client instanceof ClientV1 ? [undefined, options] : [options]) as never[]
  return (client as unknown as SdkClient).callTool({ name, arguments: args }, ...rest)
}

/** A strict server: an argument of its tool must come as a header too, with the same value (2026-07-28, custom headers). */
export const startHeaderServer = (): Promise<RawServer> =>
  startModernUpstream(
    ({ id, params }, response) => {
      const { to = '' } = (params?.['arguments'] ?? {}) as { to?: string }
      const given = decode(response.req.headers['mcp-param-region'])
      if (given === to) return sendResult(response, id, textResult(`moved ${to}`))
      const error = { code: -32_020, message: 'The header Mcp-Param-Region is missing or differs.' }
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, error }))
    },
    [{ name: 'move', inputSchema: { type: 'object', properties: { to: { type: 'string', 'x-mcp-header': 'Region' } } } }],
  )

/** What a header value of that revision stands for. */
function decode(value: string | string[] | undefined): string {
  const [, encoded] = /^=\?base64\?(.*)\?=$/.exec(String(value)) ?? []
  return encoded === undefined ? String(value) : Buffer.from(encoded, 'base64').toString()
}
