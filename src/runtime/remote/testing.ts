import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'vitest'
import { createEgress } from '#egress/index.ts'
import type { DeploymentRecord, DeploymentStatus } from '../model.ts'
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
