import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { API_BASE, CONTRACT, type BodyOf, type ResponseOf, type Route, type RouteId } from '#api/contract.ts'
import { loadSettings } from '#config.ts'
import { runCli } from './run-cli.ts'
import type { Program } from './program.ts'

export const NOW_MS = Date.UTC(2026, 10, 21, 10)
const AT = new Date(NOW_MS).toISOString()
export const OWNER_KEY = 'sp_owner-key-of-the-test-server'

export interface Asked {
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: unknown
}
type Answer =
  | { readonly status: number; readonly body: unknown }
  | { readonly events: readonly unknown[] }
  | { readonly raw: (response: ServerResponse) => void }
  | null
export type Handlers = { [Id in RouteId]?: (asked: Asked) => Answer | Promise<Answer> }
/** By method and path, for what is not in the contract. */
export type Pages = Readonly<
  Record<string, (request: IncomingMessage, body: unknown) => { status?: number; headers?: Record<string, string>; body: unknown }>
>

export const ok = (body: unknown): Answer => ({ status: 200, body })
export const page = (...items: readonly unknown[]): Answer => ok({ items, nextCursor: null })
export const problem = (status: number, title: string, detail: string, remedy?: string): Answer => ({
  status,
  body: { type: 'https://sallyport.dev/problems/x', title, status, detail, ...(remedy === undefined ? {} : { remedy }) },
})

export interface TestServer extends AsyncDisposable {
  readonly url: string
  /** Routes called, in order, with their bodies. */
  readonly calls: { readonly route: string; readonly body: unknown; readonly authorization: string | undefined }[]
}

/** A real HTTP server that speaks the contract: what it is sent and what it answers is held against the contract's shapes. */
export async function startServer(handlers: Handlers, pages: Pages = {}): Promise<TestServer> {
  const calls: TestServer['calls'][number][] = []
  const server = createServer(
    (request, response) => void serve(request, response).catch((error: unknown) => response.destroy(error as Error)),
  )

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, 'http://test')
    const given = await text(request)
    const body: unknown = given === '' ? undefined : JSON.parse(given)
    const found = findRoute(request.method!, url.pathname)
    const name = found?.id ?? `${request.method} ${url.pathname}`
    calls.push({ route: name, body, authorization: request.headers.authorization })
    const custom = pages[`${request.method} ${url.pathname}`]
    if (custom !== undefined) {
      const { status = 200, headers = {}, body: answered } = custom(request, body)
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(typeof answered === 'string' ? answered : JSON.stringify(answered))
      return
    }
    const handler = found === undefined ? undefined : handlers[found.id]
    if (found === undefined || handler === undefined) return send(response, problem(404, 'No such thing, or not for you', name))
    const row: Route = CONTRACT[found.id]
    row.body?.parse(body)
    row.query?.parse(Object.fromEntries(url.searchParams))
    const answer = await handler({
      params: found.params,
      query: url.searchParams,
      body: row.body === undefined ? undefined : row.body.parse(body),
    })
    if (answer !== null && 'status' in answer && answer.status < 300) row.response?.parse(answer.body)
    send(response, answer, row.stream?.event)
  }

  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      await closed.promise
    },
  }
}

function send(response: ServerResponse, answer: Answer, event = 'message'): void {
  if (answer === null) return void response.writeHead(204).end()
  if ('raw' in answer) return answer.raw(response)
  if ('events' in answer) {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(`: hello\n\n${answer.events.map((data) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join('')}`)
    return
  }
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
}

function findRoute(method: string, path: string): { id: RouteId; params: Record<string, string> } | undefined {
  for (const [id, row] of Object.entries(CONTRACT)) {
    const pattern = new RegExp(`^${API_BASE}${row.path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)
    const match = row.method === method ? pattern.exec(path) : null
    if (match !== null)
      return {
        id: id as RouteId,
        params: Object.fromEntries(Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)])),
      }
  }
  return undefined
}

export interface RunOptions {
  readonly server?: TestServer | undefined
  readonly env?: Readonly<Record<string, string>>
  readonly home?: string
  readonly cwd?: string
  readonly stdin?: string
  /** What a person types into questions, one entry per question; makes the streams terminals. */
  readonly typed?: readonly string[]
  readonly columns?: number
  readonly program?: Partial<Program>
}

export interface Ran {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'sallyport-cli-'))

/** Runs a command line in this process with streams of its own. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const home = options.home ?? temporaryFolder()
  const { server, cwd = home } = options
  const env = {
    XDG_DATA_HOME: home,
    ...(server === undefined ? {} : { SALLYPORT_URL: server.url, SALLYPORT_KEY: OWNER_KEY }),
    ...options.env,
  }
  const stdout = collector(options.columns)
  const stderr = collector(options.typed === undefined ? undefined : 80)
  const stdin =
    options.typed === undefined
      ? Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)])
      : person(options.typed, stderr)
  const program: Program = {
    version: '0.1.0',
    env,
    cwd,
    home,
    platform: 'linux',
    now: () => NOW_MS,
    stdin,
    stdout,
    stderr,
    settings: (flags) => loadSettings({ env, flags, cwd, isClient: true }),
    serve: async () => 0,
    ownerLink: async () => ({ url: 'http://127.0.0.1:7255/welcome?token=once', expiresAtMs: NOW_MS + 1_800_000 }),
    probes: {
      isolation: async () => ({ status: 'ok', detail: 'strong' }),
      database: async () => ({ status: 'ok', detail: 'answers' }),
      declaredFile: async () => ({ status: 'ok', detail: 'fits' }),
    },
    ...options.program,
  }
  const exit = await runCli(argv, program)
  return { exit, stdout: stdout.content(), stderr: stderr.content() }
}

type Collector = Writable & {
  readonly isTTY: boolean
  readonly columns: number
  content: () => string
  onText: (listener: (text: string) => void) => void
}

function collector(columns: number | undefined): Collector {
  let content = ''
  const listeners: ((text: string) => void)[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      content += chunk.toString()
      for (const listener of listeners) listener(chunk.toString())
      done()
    },
  })
  return Object.assign(stream, {
    isTTY: columns !== undefined,
    columns: columns ?? 80,
    content: () => content,
    onText: (listener: (text: string) => void) => void listeners.push(listener),
  })
}

/** Types the next answer whenever a question appears. */
function person(typed: readonly string[], stderr: Collector): Readable {
  const answers = [...typed]
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin })
  let isAsked = false
  stderr.onText((written) => {
    if (!/[?:]\s|›|│|◆/.test(written) || isAsked || answers.length === 0) return
    isAsked = true
    setImmediate(() => {
      isAsked = false
      stdin.write(answers.shift()!)
    })
  })
  return stdin
}

const remote = { kind: 'remote' as const, url: 'https://mcp.example.com/mcp', headers: {} }

/** A deployment as the API shows it. */
export function deployment(change: Partial<ResponseOf<'getDeployment'>> = {}): ResponseOf<'getDeployment'> {
  return {
    name: 'docs',
    title: 'docs',
    description: '',
    access: 'granted',
    deadlineMs: 30_000,
    startDeadlineMs: 60_000,
    headersMode: 'strict',
    endpoint: 'http://127.0.0.1:7255/mcp/docs',
    origin: { kind: 'api' },
    spec: remote,
    digest: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    isApproved: true,
    status: {
      state: 'ready',
      era: 'modern',
      isolation: 'remote',
      pid: null,
      restarts: 0,
      since: AT,
      toolCount: 3,
      cause: null,
      remedy: null,
      denied: [],
      installed: null,
    },
    ...change,
  }
}

export type ProcessInput = Extract<BodyOf<'createDeployment'>['spec'], { kind: 'process' }>

/** Keys that are made and revoked; `keys` are those that work. */
export function keyring(): { handlers: Handlers; keys: Map<string, ResponseOf<'createKey'>> } {
  const keys = new Map<string, ResponseOf<'createKey'>>()
  const revoked: ResponseOf<'createKey'>[] = []
  let made = 0
  const handlers: Handlers = {
    createKey: ({ body }) => {
      const { name, scopes, endpoints, tools, expiresAt } = body as BodyOf<'createKey'>
      const id = ++made
      const key = {
        id: `key_${id}`,
        name,
        kind: 'key' as const,
        scopes,
        endpoints,
        tools,
        createdAt: AT,
        expiresAt,
        lastUsedAt: null,
        revokedAt: null,
        key: `sp_secret-of-key-${id}`,
      }
      keys.set(key.id, key)
      return { status: 201, body: key }
    },
    listKeys: () => page(...[...keys.values(), ...revoked].map((one) => ({ ...one, key: undefined }))),
    deleteKey: ({ params }) => {
      const key = keys.get(params['id']!)
      if (key === undefined) return problem(404, 'No such thing, or not for you', 'key')
      keys.delete(key.id)
      revoked.push({ ...key, revokedAt: AT })
      return null
    },
  }
  return { handlers, keys }
}

export const overview: ResponseOf<'getOverview'> = {
  version: '0.1.0',
  publicUrl: 'http://127.0.0.1:7255',
  endpoint: 'http://127.0.0.1:7255/mcp',
  tenant: 'default',
  startedAt: AT,
  counts: { deployments: 1, ready: 1, waitingApproval: 0, profiles: 1, keys: 1 },
  health: {
    database: { status: 'ok', detail: 'answers' },
    spool: { status: 'ok', detail: 'empty' },
    chain: { status: 'ok', detail: 'intact' },
    snapshot: { status: 'ok', detail: 'fresh' },
    shared: { status: 'ok', detail: 'in memory' },
  },
  declared: { file: null, error: null, warnings: [] },
}
