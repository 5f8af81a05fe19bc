import { hash, randomBytes } from 'node:crypto'
import type { AuditEvent } from '#audit/index.ts'
import { createAuthenticator, type KeyRecord } from '#identity/index.ts'
import { createLimiter } from '#policy/index.ts'
import type { ProfileRecord } from '#profile/index.ts'
import type { DeploymentRecord, DeploymentStatus, Runtime } from '#runtime/index.ts'
import { createSnapshotHolder, type Snapshot } from '#snapshot/index.ts'
import { LIMITS } from '#std/index.ts'
import { deploymentNamed, runServer, type MemoryServer, type Running, type RunningMemoryServer } from './federate/testing.ts'
import { createEventStore } from './sessions/event-store.ts'
import { createGateway, type Gateway } from './gateway.ts'
import type { Inbound, Reply } from './http.ts'

// A whole gateway before servers in memory, and a client at its door, for tests of what it says.

type Json = Record<string, unknown>

/** A JSON-RPC message as a client gets it. */
export interface Told {
  readonly id?: string | number
  readonly method?: string
  readonly params?: Json
  readonly result?: Json
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Json }
}

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly message: Told
  /** The whole text. */
  readonly text: string
}

export interface OpenedStream {
  readonly told: readonly Told[]
  /** Resolves with the next message, or one that came already and was not taken. */
  next(): Promise<Told>
  readonly isEnded: boolean
  leave(): void
}

export interface AskOptions {
  readonly era?: 'legacy' | 'modern'
  readonly key?: string
  readonly session?: string
  /** Of a modern client. */
  readonly capabilities?: Json
  readonly meta?: Json
  readonly headers?: Readonly<Record<string, string>>
}

export interface FederationBench {
  readonly gateway: Gateway
  readonly servers: Readonly<Record<string, RunningMemoryServer>>
  readonly events: readonly AuditEvent[]
  ask(path: string, method: string, params?: Json, options?: AskOptions): Promise<Answered>
  /** GET of a JSON view. */
  view(path: string, key?: string): Promise<Json>
  /** Opens a stream: `subscriptions/listen` with these notifications, or the GET stream of a session. */
  listen(path: string, notifications: Json | null, options?: AskOptions): Promise<OpenedStream>
  /** Puts another configuration in force. */
  publish(change: Partial<Pick<Snapshot, 'profiles' | 'deployments' | 'keys'>>): void
  /** Says that a server works again. */
  becomesReady(name: string): void
  /** Puts another server in the place of a deployment. */
  replace(name: string, server: MemoryServer): RunningMemoryServer
  /** Throws when anything failed unexpectedly. */
  close(): void
}

/** The key of the owner; others are named by their records. */
export const OWNER = 'owner-key'

export function keyNamed(key: string, over: Partial<KeyRecord> = {}): KeyRecord {
  return {
    id: `key_${key}`,
    tenant: 'default',
    name: key,
    kind: 'key',
    sha256: hash('sha256', key, 'hex'),
    scopes: ['mcp:list', 'mcp:call'],
    endpoints: null,
    tools: null,
    expiresAtMs: null,
    ...over,
  }
}

export interface BenchOptions {
  readonly servers: Readonly<Record<string, MemoryServer>>
  readonly deployments?: readonly DeploymentRecord[]
  readonly profiles?: readonly ProfileRecord[]
  readonly keys?: readonly KeyRecord[]
}

export function startFederation({ servers, deployments, profiles = [], keys = [] }: BenchOptions): FederationBench {
  const records = deployments ?? Object.keys(servers).map((name) => deploymentNamed(name))
  const running: Record<string, Running> = Object.fromEntries(
    records.map((record) => [record.name, runServer(record, servers[record.name]!)]),
  )
  const statusListeners = new Set<(tenant: string, status: DeploymentStatus) => void>()
  const runtime = {
    upstream: (_tenant: string, name: string) => running[name]?.upstream,
    noteTools: () => {},
    onStatus(listener: (tenant: string, status: DeploymentStatus) => void) {
      statusListeners.add(listener)
      return () => statusListeners.delete(listener)
    },
  } as unknown as Runtime
  let snapshot: Snapshot = {
    revision: 1,
    compiledAtMs: 0,
    keys: [keyNamed(OWNER, { kind: 'owner', scopes: ['admin'] }), ...keys],
    profiles,
    deployments: records,
  }
  const snapshots = createSnapshotHolder({ staleMaxMs: Infinity, initial: snapshot })
  const authenticator = createAuthenticator({ limits: LIMITS })
  authenticator.replaceKeys(snapshot.keys)
  const events: AuditEvent[] = []
  const faults: unknown[] = []
  const gateway = createGateway({
    authenticator,
    snapshots,
    runtime,
    recorder: { record: (event, then) => (events.push(event), then(null)), assertWritable: () => {} },
    bodies: null,
    limiter: createLimiter({ callsPerSecond: 1_000_000 }),
    metrics: { call: () => {}, denial: () => {} },
    events: createEventStore(),
    log: { warn: () => {}, error: ({ err }) => void faults.push(err) },
    tracer: null,
    sessionKey: randomBytes(32),
    bus: { publish: () => {}, subscribe: () => {} },
    now: Date.now,
    server: { name: 'sallyport', title: 'Sallyport', version: 'test', publicUrl: 'http://127.0.0.1' },
  })
  return {
    gateway,
    servers: running,
    events,
    async ask(path, method, params = {}, options = {}) {
      const exchange = startExchange()
      await gateway.handle(inboundOf(path, method, params, options), exchange.reply)
      return exchange.answered()
    },
    async view(path, key = OWNER) {
      const exchange = startExchange()
      await gateway.handle(emptyInbound(path, { authorization: `Bearer ${key}`, accept: 'application/json' }), exchange.reply)
      return JSON.parse(exchange.answered().text) as Json
    },
    async listen(path, notifications, options = {}) {
      const exchange = startExchange()
      const inbound =
        notifications === null
          ? emptyInbound(path, { ...headersOf('GET', {}, { era: 'legacy', ...options }), accept: 'text/event-stream' })
          : inboundOf(path, 'subscriptions/listen', { notifications }, options)
      await gateway.handle(inbound, exchange.reply)
      return exchange.stream()
    },
    publish(change) {
      snapshot = { ...snapshot, ...change, revision: snapshot.revision + 1 }
      snapshots.publish(snapshot, Date.now())
    },
    becomesReady: (name) => statusListeners.forEach((listener) => listener('default', { name, state: 'ready' } as DeploymentStatus)),
    replace: (name, server) =>
      (running[name] = runServer(
        records.find((record) => record.name === name)!,
        server,
      )),
    close() {
      gateway.close()
      if (faults.length > 0) throw new Error('A call failed unexpectedly', { cause: faults[0] })
    },
  }
}

const MODERN = '2026-07-28'

function headersOf(
  method: string,
  params: Json,
  { era = 'modern', key = OWNER, session, headers = {} }: AskOptions,
): Record<string, string> {
  const name = params['name'] ?? params['uri'] ?? params['taskId']
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
    ...(session === undefined ? {} : { 'mcp-session-id': session }),
    ...(era === 'modern'
      ? { 'mcp-protocol-version': MODERN, 'mcp-method': method, ...(typeof name === 'string' ? { 'mcp-name': name } : {}) }
      : { 'mcp-protocol-version': '2025-11-25' }),
    ...headers,
  }
}

let ids = 0

function inboundOf(path: string, method: string, params: Json, options: AskOptions): Inbound {
  const isModern = (options.era ?? 'modern') === 'modern'
  const envelope = isModern
    ? {
        'io.modelcontextprotocol/protocolVersion': MODERN,
        'io.modelcontextprotocol/clientCapabilities': options.capabilities ?? {},
      }
    : {}
  const _meta = { ...envelope, ...options.meta }
  const body = { jsonrpc: '2.0', id: ++ids, method, params: Object.keys(_meta).length === 0 ? params : { ...params, _meta } }
  return {
    method: 'POST',
    path,
    query: '',
    headers: headersOf(method, params, options),
    body: Buffer.from(JSON.stringify(body)),
    remoteAddress: '127.0.0.1',
  }
}

const emptyInbound = (path: string, headers: Record<string, string>): Inbound => ({
  method: 'GET',
  path,
  query: '',
  headers,
  body: Buffer.alloc(0),
  remoteAddress: '127.0.0.1',
})

/** The client's end of one request. */
function startExchange() {
  let status = 0
  let headers: Record<string, string> = {}
  let text = ''
  let isOpen = false
  let isEnded = false
  let isGone = false
  const gone: (() => void)[] = []
  const told: Told[] = []
  const waiting: ((message: Told) => void)[] = []
  let taken = 0
  const hear = (chunk: string): void => {
    for (const line of chunk.split('\n')) {
      if (!line.startsWith('data: {')) continue
      told.push(JSON.parse(line.slice(6)) as Told)
      waiting.shift()?.(told[taken++]!)
    }
  }
  const take = (head: number, flat: readonly string[]): void => {
    status = head
    headers = Object.fromEntries(
      Array.from({ length: flat.length / 2 }, (_, index) => [flat[index * 2]!.toLowerCase(), flat[index * 2 + 1]!]),
    )
  }
  const reply: Reply = {
    send(head, flat, body) {
      take(head, flat)
      text = body.toString()
      isEnded = true
    },
    open(head, flat) {
      take(head, flat)
      isOpen = true
    },
    write(chunk) {
      if (isGone || isEnded) return true
      text += chunk.toString()
      hear(chunk.toString())
      return true
    },
    end: () => void (isEnded = true),
    onDrain: () => {},
    onGone: (listener) => void gone.push(listener),
    get isGone() {
      return isGone
    },
    get isOpen() {
      return isOpen
    },
  }
  return {
    reply,
    answered: (): Answered => ({
      status,
      headers,
      text,
      message: isOpen ? (told.at(-1) ?? {}) : text === '' ? {} : (JSON.parse(text) as Told),
    }),
    stream(): OpenedStream {
      if (!isOpen) throw new Error(`No stream: ${status} ${text}`)
      return {
        told,
        next: () => (taken < told.length ? Promise.resolve(told[taken++]!) : new Promise((resolve) => waiting.push(resolve))),
        get isEnded() {
          return isEnded
        },
        leave() {
          isGone = true
          for (const listener of gone.splice(0)) listener()
        },
      }
    },
  }
}
