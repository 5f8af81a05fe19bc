import type { Access, Origin } from '#profile/index.ts'

export type IsolationLevel = 'strong' | 'medium' | 'none'

/** A value that may be secret: a plain text, or the name of a vault entry. */
export type SecretOr = { readonly text: string } | { readonly secret: string }

export interface RemoteSpec {
  readonly kind: 'remote'
  readonly url: string
  readonly headers: Readonly<Record<string, SecretOr>>
}

export interface FileGrant {
  readonly path: string
  readonly mode: 'ro' | 'rw'
}

export interface ProcessSpec {
  readonly kind: 'process'
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, SecretOr>>
  readonly cwd: string | null
  readonly files: readonly FileGrant[]
  /** `host:port` entries. */
  readonly egress: readonly string[]
  /** The least level accepted. */
  readonly isolation: IsolationLevel
}

/** An API that is described by an OpenAPI document: each chosen operation is a tool. */
export interface OpenApiSpec {
  readonly kind: 'openapi'
  /**
   * Where the document is fetched and the SHA-256 (hex) it must have, so that the digest of a specification stands for the
   * document too; null: nobody has said yet which one is meant, and nothing is called. Or the document itself.
   */
  readonly document: { readonly url: string; readonly sha256: string | null } | { readonly text: string }
  /** Base URL of the API; null: the first of the document's `servers`. */
  readonly server: string | null
  /** `operationId` or `METHOD /path`, with `*` for any text. An empty `include` means all. */
  readonly operations: { readonly include: readonly string[]; readonly exclude: readonly string[] }
  readonly headers: Readonly<Record<string, SecretOr>>
  /** By the name of a security scheme of the document. */
  readonly auth: Readonly<Record<string, SecretOr>>
}

export type LaunchSpec = RemoteSpec | ProcessSpec | OpenApiSpec

/** A configured install of one server in a tenant. Plain JSON: it travels in the snapshot. */
export interface DeploymentRecord {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly title: string
  readonly description: string
  readonly access: Access
  readonly deadlineMs: number
  readonly startDeadlineMs: number
  /** `lenient` believes the body where headers disagree. */
  readonly headersMode: 'strict' | 'lenient'
  readonly spec: LaunchSpec
  readonly origin: Origin
  /** SHA-256 of the canonical launch specification. */
  readonly digest: string
  /** The digest the owner approved; the runtime starts nothing else (R24). */
  readonly approvedDigest: string | null
}

export type InstanceState = 'waiting-approval' | 'needs-input' | 'installing' | 'starting' | 'ready' | 'backoff' | 'failed' | 'stopped'

/** Legacy: initialize and sessions (2024-11-05 … 2025-11-25). Modern: per-request metadata (2026-07-28). */
export type Era = 'legacy' | 'modern'

/** The package that an `npx` or `uvx` line came to, as it was pinned when it was first installed. */
export interface InstalledPackageInfo {
  readonly package: string
  readonly version: string
  /** SHA-256 (hex) over the integrity values of the package and all it depends on. */
  readonly integrity: string
}

/** What is known of a deployment at this moment. Plain JSON. */
export interface DeploymentStatus {
  readonly name: string
  readonly state: InstanceState
  readonly era: Era | null
  /** The level really reached; `remote` for what we do not run. */
  readonly isolation: IsolationLevel | 'remote' | null
  readonly pid: number | null
  readonly restarts: number
  readonly sinceMs: number
  readonly toolCount: number | null
  /** Why it is not ready, and what to do. */
  readonly cause: string | null
  readonly remedy: string | null
  /** Destinations and files it asked for and was refused. */
  readonly denied: readonly string[]
  /** Absent or null: no package, or not installed yet. */
  readonly installed?: InstalledPackageInfo | null
  /** How many processes run beside that of `pid`, one for each caller that the server can ask. Absent: none. */
  readonly instances?: number
}

export interface RpcError {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

/** What a server may ask the client for in the middle of a call (2026-07-28, basic/patterns/mrtr). */
export const INPUT_METHODS = ['elicitation/create', 'sampling/createMessage', 'roots/list'] as const
export type InputMethod = (typeof INPUT_METHODS)[number]

export interface InputRequest {
  readonly method: InputMethod
  readonly params: Record<string, unknown>
}

/** A call that goes on when its caller has answered: the same request again, with answers by key and the state as it was given. */
export interface InputRequired {
  readonly requests: Readonly<Record<string, InputRequest>>
  /** The upstream's own words, or the name under which the driver keeps the call; never shown to a client unsealed. */
  readonly state: string | null
}

/** What a caller gives back: the result of each request by its key. */
export interface InputGiven {
  readonly responses: Readonly<Record<string, unknown>>
  readonly state: string | null
}

/**
 * The answer of an upstream in the neutral model: a result object, a JSON-RPC error, or the wish for input. A result keeps
 * its `resultType` only where it is the one of an extension that the request declared.
 */
export type UpstreamAnswer =
  | { readonly ok: true; readonly result: Record<string, unknown> }
  | { readonly ok: false; readonly error: RpcError }
  | { readonly ok: 'input'; readonly input: InputRequired }

export interface UpstreamInfo {
  readonly era: Era
  readonly protocolVersion: string
  readonly capabilities: Record<string, unknown>
  readonly serverInfo: Record<string, unknown> | null
  readonly instructions: string | null
}

/** One request to an upstream, in the neutral model: no envelope keys, no ids, no progress tokens. */
export interface UpstreamRequest {
  readonly method: string
  /** The parameters without our or the client's envelope in `_meta`. */
  readonly params: Record<string, unknown>
  /** Milliseconds since the epoch at which the call has failed. */
  readonly deadlineAtMs: number
  readonly clientInfo?: Record<string, unknown>
  /**
   * Whose call it is: an opaque text, one per credential or session. What a server keeps for one client (a session, a parked
   * call) is never shared between two of them. Absent: the gateway itself, which asks for lists and the like.
   */
  readonly principal?: string
  /** What the client of this call can be asked for, less what policy takes away; passed to the server. Absent: nothing. */
  readonly clientCapabilities?: Record<string, unknown>
  /** Takes a call up again that had asked for input. */
  readonly given?: InputGiven
  readonly logLevel?: string
  readonly traceparent?: string
  /** Asked for progress: called with the parameters of each `notifications/progress` (without token). */
  readonly onProgress?: (params: Record<string, unknown>) => void
  /** Called with each `notifications/message` that belongs to this call. */
  readonly onLog?: (params: Record<string, unknown>) => void
}

export interface PendingAnswer {
  /** Rejects with a `Problem` (`upstream-failed`, `upstream-timeout`, `upstream-down`). */
  readonly answer: Promise<UpstreamAnswer>
  /** Tells the upstream that nobody waits any more. Idempotent; the answer then rejects. */
  cancel(reason: string): void
}

/** Receives the raw answer of an HTTP upstream. Calls come in order; after `onEnd` or `onError` there is none. */
export interface ExchangeHandler {
  onHead(status: number, headers: Readonly<Record<string, string | readonly string[] | undefined>>): void
  /** Return false to pause; `resume` of the exchange goes on. */
  onData(chunk: Buffer): boolean
  onEnd(): void
  onError(problem: Error): void
}

export interface Exchange {
  abort(): void
  resume(): void
}

/** The byte path to an HTTP upstream: method, MCP headers and body go out as they are, our own headers are added. */
export interface HttpUpstream {
  send(
    method: 'POST' | 'GET' | 'DELETE',
    headers: readonly string[],
    body: Buffer | null,
    deadlineMs: number,
    handler: ExchangeHandler,
  ): Exchange
}

/** A resource by its URI at the server, or a task by its id there. */
export type Watched = { readonly resource: string } | { readonly task: string }

/** What the gateway calls: one per deployment, whatever driver stands behind it. */
export interface Upstream {
  readonly deployment: DeploymentRecord
  status(): DeploymentStatus
  /** Era, capabilities and identity, probed when unknown. Rejects with a `Problem`. */
  describe(deadlineAtMs: number): Promise<UpstreamInfo>
  /** What `describe` said last, if it did. */
  known(): UpstreamInfo | null
  request(request: UpstreamRequest): PendingAnswer
  /** Sends a notification; failures are swallowed, as JSON-RPC wants it. */
  notify(method: string, params: Record<string, unknown>): void
  /**
   * Listens for `*_list_changed`, `notifications/resources/updated` and `notifications/tasks`; returns the way to stop. The
   * driver holds a stream while somebody listens.
   */
  onNotification(listener: (method: string, params: Record<string, unknown>) => void): () => void
  /**
   * Asks the server to tell of updates of a resource or task from now on, once however many want it; they reach the listeners of
   * `onNotification`. Returns the way to stop. Trouble is swallowed: updates then do not come.
   */
  watch(what: Watched): () => void
  /** Present for HTTP upstreams only. */
  readonly http: HttpUpstream | null
}

/** Everything that runs or is reachable. */
export interface Runtime {
  /** By tenant and name. */
  upstream(tenant: string, name: string): Upstream | undefined
  /** Starts, stops and restarts until what runs is what the records say. Never waits for a server. */
  reconcile(deployments: readonly DeploymentRecord[]): void
  statuses(tenant: string): readonly DeploymentStatus[]
  /** The last stderr lines of a process, oldest first, control characters made visible. */
  logs(tenant: string, name: string): readonly LogLine[]
  onLog(listener: (tenant: string, name: string, line: LogLine) => void): () => void
  onStatus(listener: (tenant: string, status: DeploymentStatus) => void): () => void
  restart(tenant: string, name: string): void
  /** How many tools a deployment listed, for its status. */
  noteTools(tenant: string, name: string, count: number): void
  close(): Promise<void>
}

export interface LogLine {
  readonly atMs: number
  readonly text: string
}
