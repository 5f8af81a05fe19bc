import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'vitest'
import { createEgress } from '#egress/index.ts'
import type { DeploymentRecord, DeploymentStatus, InputGiven, InputRequired, UpstreamAnswer, UpstreamRequest } from '../model.ts'
import { createRemoteUpstream, type RemoteUpstream } from './remote-upstream.ts'

// A real HTTP server that the tests of this folder script, and a remote upstream that talks to it.

export interface Seen {
  readonly verb: string
  readonly headers: IncomingHttpHeaders
  /** The JSON-RPC message; an empty object when there was no body. */
  readonly message: {
    readonly id?: number
    readonly method?: string
    readonly params?: Record<string, unknown>
    readonly [member: string]: unknown
  }
}

export interface ScriptedServer {
  readonly url: string
  readonly port: number
  /** Every request so far. */
  readonly seen: readonly Seen[]
  /** Resolves with the next request, or one already seen, that fits. */
  awaitSeen(fits: (seen: Seen) => boolean): Promise<Seen>
  close(): Promise<void>
}

export type Script = (seen: Seen, response: ServerResponse, request: IncomingMessage) => void

export async function startScriptedServer(script: Script, port = 0): Promise<ScriptedServer> {
  const seen: Seen[] = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      const entry: Seen = {
        verb: request.method ?? '',
        headers: request.headers,
        message: text === '' ? {} : (JSON.parse(text) as Seen['message']),
      }
      seen.push(entry)
      for (const check of waiting) check()
      script(entry, response, request)
    })
  })
  // A busy machine must not lose connections that are about to be used.
  server.keepAliveTimeout = 60_000
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const actual = (server.address() as AddressInfo).port
  return {
    url: `http://127.0.0.1:${actual}/mcp`,
    port: actual,
    seen,
    awaitSeen: (fits) =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = seen.find(fits)
          if (found === undefined) return
          waiting.delete(check)
          resolve(found)
        }
        waiting.add(check)
        check()
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

export const resultFor = (seen: Seen, result: object): object => ({ jsonrpc: '2.0', id: seen.message.id, result })
export const errorFor = (seen: Seen, code: number, message: string, data?: unknown): object => ({
  jsonrpc: '2.0',
  id: seen.message.id ?? null,
  error: { code, message, data },
})
export const eventOf = (message: object, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`

/** Answers `server/discover` as a modern server does and leaves the rest to the script. */
export function modernScript(script: Script, capabilities: object = { tools: {} }): Script {
  return (seen, response, request) => {
    if (seen.message.method !== 'server/discover') return script(seen, response, request)
    const result = {
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities,
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'scripted', version: '1' } },
    }
    sendJson(response, 200, resultFor(seen, result))
  }
}

/** Does the handshake of a server of 2025-11-25 with sessions `s1`, `s2`, … and leaves the rest to the script. */
export function legacyScript(script: Script, capabilities: object = { tools: {} }): Script {
  let sessions = 0
  return (seen, response, request) => {
    const { method } = seen.message
    if (method === 'server/discover') sendJson(response, 400, errorFor(seen, -32000, 'Bad Request: Server not initialized'))
    else if (method === 'initialize') {
      const result = {
        protocolVersion: '2025-11-25',
        capabilities,
        serverInfo: { name: 'scripted', version: '1' },
        instructions: 'be kind',
      }
      sendJson(response, 200, resultFor(seen, result), { 'mcp-session-id': `s${++sessions}` })
    } else if (method === 'notifications/initialized') response.writeHead(202).end()
    else if (seen.verb === 'DELETE') response.writeHead(200).end()
    else script(seen, response, request)
  }
}

export interface RemoteUnderTest {
  readonly remote: RemoteUpstream
  readonly statuses: readonly DeploymentStatus[]
  readonly warnings: readonly string[]
}

export function remoteFor(
  url: string,
  over: { headers?: readonly string[]; now?: () => number; record?: Partial<DeploymentRecord> } = {},
): RemoteUnderTest {
  const statuses: DeploymentStatus[] = []
  const warnings: string[] = []
  const headers = over.headers ?? []
  const deployment: DeploymentRecord = {
    id: 'dep_1',
    tenant: 'default',
    name: 'docs',
    title: 'Docs',
    description: '',
    access: 'granted',
    deadlineMs: 5_000,
    startDeadlineMs: 5_000,
    headersMode: 'strict',
    spec: { kind: 'remote', url, headers: {} },
    origin: { kind: 'declared', place: 'sallyport.json' },
    digest: '',
    approvedDigest: '',
    ...over.record,
  }
  const remote = createRemoteUpstream({
    deployment,
    egress: createEgress({ allow: [] }),
    headers: () => headers,
    now: over.now ?? Date.now,
    clientInfo: { name: 'sallyport', version: 'test' },
    log: { warn: (_fields, text) => void warnings.push(text) },
    onStatus: (status) => void statuses.push(status),
  })
  return { remote, statuses, warnings }
}

/** A text that contains or matches something, for `toMatchObject`. */
export const matching = (part: string | RegExp): unknown =>
  typeof part === 'string' ? expect.stringContaining(part) : expect.stringMatching(part)

/** The `_meta` of a request. */
export const metaOf = (seen: Seen): Record<string, unknown> => (seen.message.params?.['_meta'] ?? {}) as Record<string, unknown>

// A legacy server that asks, and the client of a call that it may ask.

/** A server of 2025-11-25 whose calls are streams that the script writes on; it takes whatever else is posted. */
export const talking = (onCall: (seen: Seen, response: ServerResponse) => void, onGet?: (response: ServerResponse) => void): Script =>
  legacyScript(
    (seen, response) => {
      const { method, id } = seen.message
      if (seen.verb === 'GET') {
        if (onGet === undefined) return void response.writeHead(405).end()
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n')
        return onGet(response)
      }
      if (method === undefined || id === undefined) return void response.writeHead(202).end()
      if (method !== 'tools/call') return sendJson(response, 200, resultFor(seen, {}))
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      onCall(seen, response)
    },
    { tools: {}, logging: {} },
  )

export const CLIENT = { elicitation: { form: {}, url: {} }, sampling: {}, roots: { listChanged: true }, extensions: { x: {} } }
export const interactiveCall = (over: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  method: 'tools/call',
  params: { name: 'book', arguments: {} },
  deadlineAtMs: Date.now() + 15_000,
  principal: 'ann',
  clientCapabilities: CLIENT,
  ...over,
})
export const question = (id: unknown, method = 'elicitation/create', params: object = { message: 'When?', requestedSchema: {} }): string =>
  eventOf({ jsonrpc: '2.0', id, method, params })
export const booked = (seen: Seen, text = 'booked'): string => eventOf(resultFor(seen, { content: [{ type: 'text', text }] }))
export const notice = (method: string, params: object): string => eventOf({ jsonrpc: '2.0', method, params })
export const responses = (server: ScriptedServer): unknown[] =>
  server.seen.filter(({ message }) => message.method === undefined && message.id !== undefined).map(({ message }) => message)
export const responseTo =
  (id: unknown) =>
  ({ message }: Seen): boolean =>
    message.method === undefined && (message.id as unknown) === id
export const isCancelled = ({ message }: Seen): boolean => message.method === 'notifications/cancelled'

export function inputOf(answer: UpstreamAnswer): InputRequired & { state: string; keys: string[] } {
  if (answer.ok !== 'input' || answer.input.state === null) throw new Error(`no input is asked for: ${JSON.stringify(answer)}`)
  return { requests: answer.input.requests, state: answer.input.state, keys: Object.keys(answer.input.requests) }
}
export const given = (state: string, ...pairs: [string, unknown][]): InputGiven => ({
  responses: Object.fromEntries(pairs),
  state,
})
export const accepted = { action: 'accept', content: { day: 1 } }
export const refusalOf = (answer: Promise<unknown>): Promise<{ type: string; message: string }> =>
  answer.then(
    (value) => {
      throw new Error(`no refusal: ${JSON.stringify(value)}`)
    },
    (error: unknown) => ({ type: (error as { type: string }).type, message: (error as Error).message }),
  )

/** Asks once, answers once told. */
export const askingOnce = (method?: string, params?: object): Script => {
  const open = new Map<unknown, { seen: Seen; response: ServerResponse }>()
  const script = talking((seen, response) => {
    const id = `q${seen.message.id}`
    open.set(id, { seen, response })
    response.write(question(id, method, params))
  })
  return (seen, response, request) => {
    script(seen, response, request)
    const waiting = seen.message.method === undefined ? open.get(seen.message.id) : undefined
    if (waiting !== undefined) waiting.response.end(booked(waiting.seen, JSON.stringify(seen.message['result'] ?? seen.message['error'])))
  }
}
