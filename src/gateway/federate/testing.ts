import type { ProfileRecord } from '#profile/index.ts'
import { NO_TOOL_RULES } from '#profile/index.ts'
import type {
  DeploymentRecord,
  DeploymentStatus,
  Upstream,
  UpstreamAnswer,
  UpstreamInfo,
  UpstreamRequest,
  Watched,
} from '#runtime/index.ts'
import { Problem } from '#std/index.ts'

// Servers in memory behind the port of the runtime, for tests of the gateway.

type Json = Record<string, unknown>

/** One server: what it says of itself and how it answers. A missing answer is an unknown method. */
export interface MemoryServer {
  readonly capabilities: Json
  readonly era?: 'legacy' | 'modern'
  readonly answers: Readonly<Record<string, (params: Json, request: UpstreamRequest) => Json | Promise<Json>>>
  /** Never says anything, not even who it is. */
  readonly isSilent?: boolean
  readonly instructions?: string
}

/** An answer that is a JSON-RPC error. */
export class RpcRefusal extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

export interface RunningMemoryServer {
  readonly seen: readonly UpstreamRequest[]
  readonly watched: readonly Watched[]
  readonly listeners: number
  tell(method: string, params?: Json): void
  count(method: string): number
}

export interface Running extends RunningMemoryServer {
  readonly upstream: Upstream
}

export function deploymentNamed(name: string, over: Partial<DeploymentRecord> = {}): DeploymentRecord {
  return {
    id: `dep_${name}`,
    tenant: 'default',
    name,
    title: name,
    description: '',
    access: 'granted',
    deadlineMs: 2_000,
    startDeadlineMs: 2_000,
    headersMode: 'strict',
    spec: { kind: 'remote', url: 'http://127.0.0.1:1/mcp', headers: {} },
    origin: { kind: 'api' },
    digest: `digest of ${name}`,
    approvedDigest: null,
    ...over,
  }
}

export function profileNamed(name: string, servers: readonly string[], over: Partial<ProfileRecord> = {}): ProfileRecord {
  return {
    id: `prf_${name}`,
    tenant: 'default',
    name,
    title: name,
    description: '',
    access: 'granted',
    servers,
    tools: NO_TOOL_RULES,
    origin: { kind: 'api' },
    ...over,
  }
}

export function runServer(deployment: DeploymentRecord, server: MemoryServer): Running {
  const seen: UpstreamRequest[] = []
  const watched: Watched[] = []
  const listeners = new Set<(method: string, params: Json) => void>()
  const info: UpstreamInfo = {
    era: server.era ?? 'modern',
    protocolVersion: server.era === 'legacy' ? '2025-11-25' : '2026-07-28',
    capabilities: server.capabilities,
    serverInfo: null,
    instructions: server.instructions ?? null,
  }
  let isKnown = false
  const silence = (deadlineAtMs: number): Promise<never> =>
    new Promise((_resolve, reject) =>
      setTimeout(() => reject(new Problem('upstream-timeout', `${deployment.name} said nothing.`)), Math.max(0, deadlineAtMs - Date.now())),
    )
  const upstream: Upstream = {
    deployment,
    http: null,
    status: () => ({ name: deployment.name, state: server.isSilent === true ? 'starting' : 'ready' }) as DeploymentStatus,
    describe(deadlineAtMs) {
      if (server.isSilent === true) return silence(deadlineAtMs)
      isKnown = true
      return Promise.resolve(info)
    },
    known: () => (isKnown ? info : null),
    request(request) {
      seen.push(request)
      return { answer: answerOf(server, request), cancel: () => {} }
    },
    notify: () => {},
    onNotification(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    watch(what) {
      watched.push(what)
      return () => void watched.splice(watched.indexOf(what), 1)
    },
  }
  return {
    upstream,
    seen,
    watched,
    get listeners() {
      return listeners.size
    },
    tell: (method, params = {}) => [...listeners].forEach((listener) => listener(method, params)),
    count: (method) => seen.filter((request) => request.method === method).length,
  }
}

async function answerOf(server: MemoryServer, request: UpstreamRequest): Promise<UpstreamAnswer> {
  const answer = server.answers[request.method]
  if (answer === undefined) return { ok: false, error: { code: -32601, message: 'Unknown method' } }
  try {
    return { ok: true, result: await answer(request.params, request) }
  } catch (error) {
    if (!(error instanceof RpcRefusal)) throw error
    return { ok: false, error: { code: error.code, message: error.message } }
  }
}

/** Lists of a server, as `answers` of a `MemoryServer`. */
export function lists(items: {
  readonly tools?: readonly string[]
  readonly prompts?: readonly string[]
  readonly resources?: readonly string[]
  readonly templates?: readonly string[]
}): MemoryServer['answers'] {
  return {
    'tools/list': () => ({ tools: (items.tools ?? []).map((name) => ({ name, inputSchema: { type: 'object' } })) }),
    'prompts/list': () => ({ prompts: (items.prompts ?? []).map((name) => ({ name })) }),
    'resources/list': () => ({ resources: (items.resources ?? []).map((uri) => ({ uri, name: uri })) }),
    'resources/templates/list': () => ({
      resourceTemplates: (items.templates ?? []).map((uriTemplate) => ({ uriTemplate, name: uriTemplate })),
    }),
  }
}

export const EVERYTHING_CAPABLE: Json = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
}

/** Has one thing of each kind, some of them like every other such server, and says its name whatever it is asked. */
export const echoServer = (name: string, over: MemoryServer['answers'] = {}): MemoryServer => ({
  capabilities: EVERYTHING_CAPABLE,
  answers: {
    ...lists({
      tools: ['work'],
      prompts: ['greet'],
      resources: [`${name}://one`, 'demo://same', 'ui://panel'],
      templates: [`${name}://t/{id}`, 'demo://t/{id}'],
    }),
    'resources/read': ({ uri }) => ({ contents: [{ uri, text: `${name} has ${String(uri)}` }] }),
    'prompts/get': ({ name: prompt }) => ({ messages: [{ role: 'user', content: { type: 'text', text: `${name} ${String(prompt)}` } }] }),
    'completion/complete': ({ ref }) => ({ completion: { values: [`${name} ${JSON.stringify(ref)}`] } }),
    ...over,
  },
})
