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

export type LaunchSpec = RemoteSpec | ProcessSpec

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
}

export interface RpcError {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

/** The answer of an upstream in the neutral model: a result object or a JSON-RPC error. */
export type UpstreamAnswer =
  | { readonly ok: true; readonly result: Record<string, unknown> }
  | { readonly ok: false; readonly error: RpcError }

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
  /** Listens for `*_list_changed` and resource updates; returns the way to stop. The driver holds a stream while somebody listens. */
  onNotification(listener: (method: string, params: Record<string, unknown>) => void): () => void
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
