import { destinationOf, hostPortText, readUrl } from '#egress/index.ts'
import { asProblem, backoffMs, type Clock, LIMITS, Problem } from '#std/index.ts'
import type { DeploymentRecord, DeploymentStatus, LogLine, PendingAnswer, UpstreamAnswer, UpstreamInfo, UpstreamRequest } from '../model.ts'
import type { Driven } from '../runtime.ts'
import { type ApiStatus, createApiStatus, isPassing } from './api-status.ts'
import type { OpenApiSpec } from './model.ts'
import type { PrepareOptions, ReadyApi } from './ready-api.ts'

export interface OpenApiUpstreamOptions extends PrepareOptions {
  readonly deployment: DeploymentRecord
  readonly now: Clock
  readonly log: { warn(fields: object, text: string): void }
  readonly onStatus: (status: DeploymentStatus) => void
}

const METHOD_NOT_FOUND = -32601
const INVALID_PARAMS = -32602
/** How many operations that were left out one log line names. */
const NAMED_MAX = 20

/**
 * An API as an MCP server: lists its operations as tools and calls them. The document is read once and its operations
 * compiled once; it is read again when the deployment is restarted, and stops it when it has changed since its approval.
 */
export class OpenApiUpstream implements Driven {
  deployment: DeploymentRecord
  readonly http = null
  readonly #options: OpenApiUpstreamOptions
  readonly #spec: OpenApiSpec
  readonly #status: ApiStatus
  readonly #calls = new Set<AbortController>()
  #api: ReadyApi | null = null
  #loading: Promise<ReadyApi> | null = null
  /** Why it waits for somebody; nothing is tried meanwhile. */
  #refusal: Problem | null = null
  #timer: NodeJS.Timeout | null = null
  #attempt = 0
  #isClosed = false

  constructor(options: OpenApiUpstreamOptions) {
    const { deployment } = options
    if (deployment.spec.kind !== 'openapi') throw new Error(`${deployment.name} is no OpenAPI deployment`)
    this.deployment = deployment
    this.#options = options
    this.#spec = deployment.spec
    this.#status = createApiStatus(deployment.name, options.now, options.onStatus)
  }

  /** Reads the document, again if it was read before, so that the state is known without a call. */
  start(): void {
    this.#api = null
    this.#refusal = null
    // What is being read now was asked for before; it is no answer to this.
    this.#loading = null
    this.#clearTimer()
    this.#status.starting()
    this.#find().catch(() => undefined)
  }

  restart(): void {
    this.start()
  }

  adopt(deployment: DeploymentRecord): void {
    this.deployment = deployment
  }

  status(): DeploymentStatus {
    return this.#status.current()
  }

  known(): UpstreamInfo | null {
    return this.#api?.info ?? null
  }

  async describe(deadlineAtMs: number): Promise<UpstreamInfo> {
    const call = this.#open(deadlineAtMs)
    try {
      return (await this.#ready(call.signal)).info
    } finally {
      call.close()
    }
  }

  request(request: UpstreamRequest): PendingAnswer {
    const call = this.#open(request.deadlineAtMs)
    const answer = this.#answer(request, call.signal).finally(() => call.close())
    // Whoever cancels may no longer wait for the answer.
    answer.catch(() => undefined)
    return { answer, cancel: () => call.abort(new Problem('upstream-failed', `The call to ${this.deployment.name} was cancelled.`)) }
  }

  /** An API takes no notifications, and has none to give. */
  notify(): void {}

  onNotification(): () => void {
    return () => {}
  }

  watch(): () => void {
    return () => {}
  }

  logs(): readonly LogLine[] {
    return []
  }

  /** How many there are is known from the document. */
  noteTools(): void {}

  async close(): Promise<void> {
    this.#isClosed = true
    this.#clearTimer()
    const stopped = this.#stopped()
    for (const call of this.#calls) call.abort(stopped)
    this.#status.stopped()
  }

  async #answer(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamAnswer> {
    const { method, params } = request
    if (method === 'tools/list') return listTools(await this.#ready(signal), params['cursor'])
    if (method !== 'tools/call')
      return { ok: false, error: { code: METHOD_NOT_FOUND, message: `${this.deployment.name} has no ${method.slice(0, 100)}` } }
    const api = await this.#ready(signal)
    return api.call(request, {
      signal,
      remainingMs: Math.max(0, Math.ceil(request.deadlineAtMs - this.#options.now())),
      onReached: () => this.#reached(api),
      onUnreachable: (problem, deniedHostPort) => this.#lost(api, problem, deniedHostPort),
    })
  }

  #open(deadlineAtMs: number): { readonly signal: AbortSignal; abort(problem: Problem): void; close(): void } {
    const controller = new AbortController()
    const ms = Math.max(0, deadlineAtMs - this.#options.now())
    const { name } = this.deployment
    const timer = setTimeout(() => {
      const problem = new Problem('upstream-timeout', `${name} did not finish its answer within ${Math.round(ms)} ms.`, {
        remedy: `Look into the log of the server, or raise "deadlineMs" of the deployment ${name}.`,
      })
      controller.abort(problem)
    }, ms)
    this.#calls.add(controller)
    return {
      signal: controller.signal,
      abort: (problem) => controller.abort(problem),
      close: () => {
        clearTimeout(timer)
        this.#calls.delete(controller)
      },
    }
  }

  #ready(signal: AbortSignal): Promise<ReadyApi> {
    if (signal.aborted) return Promise.reject(asProblem(signal.reason))
    if (this.#api !== null && !this.#isClosed) return Promise.resolve(this.#api)
    return unlessAborted(this.#current(), signal)
  }

  #current(): Promise<ReadyApi> {
    if (this.#isClosed) return Promise.reject(this.#stopped())
    if (this.#api !== null) return Promise.resolve(this.#api)
    return this.#refusal === null ? this.#find() : Promise.reject(this.#refusal)
  }

  /** However many ask, the document is read once. */
  #find(): Promise<ReadyApi> {
    if (this.#loading !== null) return this.#loading
    const isLatest = (): boolean => {
      if (this.#loading !== loading) return false
      this.#loading = null
      return true
    }
    const loading: Promise<ReadyApi> = this.#prepare().then(
      (api) => (isLatest() ? this.#take(api) : this.#current()),
      (error: unknown) => (isLatest() ? this.#refuse(asProblem(error)) : this.#current()),
    )
    this.#loading = loading
    return loading
  }

  /** What reads documents is loaded with the first of them: most nodes have none. */
  async #prepare(): Promise<ReadyApi> {
    const { prepareApi } = await import('./ready-api.ts')
    return prepareApi(this.deployment, this.#spec, this.#options)
  }

  #take(api: ReadyApi): ReadyApi {
    if (this.#isClosed) throw this.#stopped()
    const { leftOut } = api.compiled
    if (leftOut.length > 0) {
      const fields = { deployment: this.deployment.name, leftOut: leftOut.slice(0, NAMED_MAX) }
      this.#options.log.warn(fields, `${leftOut.length} operations of the document are left out`)
    }
    this.#api = api
    this.#attempt = 0
    this.#status.ready(api.tools.length)
    return api
  }

  #refuse(problem: Problem): never {
    const remedy = problem.remedy === undefined ? {} : { remedy: problem.remedy }
    const refusal = new Problem('upstream-down', problem.message, { ...remedy, cause: problem })
    if (this.#isClosed) throw refusal
    if (problem.type === 'internal-error')
      this.#options.log.warn({ deployment: this.deployment.name, err: problem.cause }, 'the API could not be made ready')
    const { document } = this.#spec
    const isDenied = problem.type === 'egress-denied' && 'url' in document
    this.#status.down(problem, isDenied ? hostPortText(destinationOf(readUrl(document.url))) : null)
    if (isPassing(problem)) this.#later(() => this.#find())
    else this.#refusal = refusal
    throw refusal
  }

  #reached(api: ReadyApi): void {
    if (this.#api !== api || this.#isClosed || this.status().state === 'ready') return
    this.#clearTimer()
    this.#attempt = 0
    this.#status.ready(api.tools.length)
  }

  /** The server could not be reached: it is knocked at in the background, with growing waits, and without any credential. */
  #lost(api: ReadyApi, problem: Problem, deniedHostPort: string | null): void {
    if (this.#api !== api || this.#isClosed) return
    this.#status.down(problem, deniedHostPort)
    if (isPassing(problem)) this.#later(() => this.#knock(api))
  }

  async #knock(api: ReadyApi): Promise<void> {
    const { origin, basePath } = api.compiled.server
    try {
      const options = { method: 'HEAD', redirect: 'return', timeoutMs: LIMITS.eraProbeMs, isTrusted: api.isTrusted } as const
      await this.#options.egress.safeFetch(`${origin}${basePath}/`, options)
      this.#reached(api)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      if (this.#api === api && isPassing(error)) this.#later(() => this.#knock(api))
    }
  }

  #later(work: () => Promise<unknown>): void {
    if (this.#isClosed || this.#timer !== null) return
    const waitMs = backoffMs(this.#attempt++, LIMITS.restartBackoffMsMin, LIMITS.restartBackoffMsMax)
    this.#timer = setTimeout(() => {
      this.#timer = null
      work().catch(() => undefined)
    }, waitMs).unref()
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #stopped(): Problem {
    return new Problem('upstream-down', `${this.deployment.name} has been stopped.`)
  }
}

/** One page of the tools; a cursor is how many came before. */
function listTools({ tools }: ReadyApi, cursor: unknown): UpstreamAnswer {
  const from = cursor === undefined ? 0 : typeof cursor === 'string' && /^\d{1,9}$/.test(cursor) ? Number(cursor) : -1
  if (from < 0 || from % LIMITS.openapiToolsPageMax !== 0 || (from > 0 && from >= tools.length))
    return { ok: false, error: { code: INVALID_PARAMS, message: 'There is no such page.' } }
  const to = from + LIMITS.openapiToolsPageMax
  // The list stays as long as the document does, and another document is another deployment to the gateway.
  const ttlMs = LIMITS.catalogueTtlMsDefault
  return { ok: true, result: { tools: tools.slice(from, to), ttlMs, ...(to < tools.length ? { nextCursor: String(to) } : {}) } }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(asProblem(signal.reason))
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
