import type {
  ActivityFeed,
  AuditRecord,
  ChainReport,
  EventFilters,
  EventPage,
  InsightDeployment,
  InsightOptions,
  Insights,
  Recorder,
} from '#audit/index.ts'
import type { DeclaredSet } from '#declared/index.ts'
import type { Authenticator, Identity } from '#identity/index.ts'
import type { Limiter } from '#policy/index.ts'
import type { ProfileStore } from '#profile/index.ts'
import type { DeploymentStore, Runtime } from '#runtime/index.ts'
import type { SnapshotHolder } from '#snapshot/index.ts'
import type { Clock } from '#std/index.ts'
import type { Vault } from '#vault/index.ts'
import type { ConsoleFiles } from './console-files.ts'
import type { ResponseOf } from './contract.ts'

/** What the control plane stands on; put together in main. */
export interface ApiDeps {
  readonly identity: Identity
  /** The one that the gateway asks too. */
  readonly authenticator: Authenticator
  readonly limiter: Limiter
  readonly profiles: ProfileStore
  readonly deployments: DeploymentStore
  readonly runtime: Runtime
  readonly vault: Pick<Vault, 'put' | 'delete' | 'list'>
  /** Compiles and publishes a snapshot; resolves when it is in force in this process. */
  readonly publisher: { changed(): Promise<unknown> }
  readonly snapshots: SnapshotHolder
  readonly audit: ApiAudit
  readonly bodies: ApiBodies
  readonly metrics: {
    readonly contentType: string
    text(): Promise<string>
    /** SALLYPORT_METRICS_TOKEN. */
    readonly token: string | undefined
  }
  /** Every setting with its origin. Values of secret ones are left out here once more. */
  readonly settings: readonly ResponseOf<'listSettings'>['items'][number][]
  readonly declared: {
    current(): DeclaredSet | null
    /** Why the last edit of the file was not taken over; null when it was. */
    error(): string | null
    /** Reads the file again, because an input of it was answered. Rejects with `DeclaredError`. */
    reload(): Promise<void>
  }
  /** Throws or rejects with `egress-denied` for a URL that servers added here may not reach. */
  readonly assertEgressAllowed: (url: string) => Promise<void>
  /** The OpenAPI document at a URL. Rejects with `egress-denied` and `fetch-failed`. */
  readonly fetchDocument: (url: string) => Promise<string>
  /** The tools of a deployment, asked from it or its catalogue. Rejects with a `Problem`. */
  readonly listTools: (tenant: string, name: string) => Promise<readonly ResponseOf<'listDeploymentTools'>['items'][number][]>
  readonly health: () => Promise<ResponseOf<'getOverview'>['health']>
  /** What start-up still waits for; null when the process can serve. Never waits for upstreams. */
  readonly notReady: () => string | null
  /** The cookie that carries one half of a session; the edge looks for this name. */
  readonly sessionCookie: string
  /** The built console; null when it was not built. */
  readonly console: ConsoleFiles | null
  readonly server: { readonly version: string; readonly publicUrl: string; readonly startedAtMs: number }
  readonly now: Clock
  readonly log: ApiLog
}

export interface ApiAudit {
  readonly recorder: Recorder
  list(tenant: string, options: { readonly filters: EventFilters; readonly cursor?: string; readonly limit: number }): Promise<EventPage>
  get(tenant: string, id: string): Promise<AuditRecord | undefined>
  verify(tenant: string): Promise<ChainReport>
  insights(tenant: string, options: Omit<InsightOptions, 'store' | 'tenant'>): Promise<Insights>
  /** Every deployment that was called from one moment until before another. */
  deploymentTotals(tenant: string, sinceMs: number, untilMs: number): Promise<readonly InsightDeployment[]>
  readonly feed: Pick<ActivityFeed, 'subscribe'>
}

/** Redacted arguments and results of calls, where the operator asked for them to be kept. */
export interface ApiBodies {
  /** SALLYPORT_RECORD_BODIES. */
  readonly recording: 'off' | 'redacted'
  /** Null: none was kept, or not any more. */
  get(tenant: string, id: string): Promise<KeptBodies | null>
}

interface KeptBodies extends Pick<ResponseOf<'getActivityBodies'>, 'arguments' | 'result' | 'redactions'> {
  readonly keptUntilMs: number
}

export interface ApiLog {
  info(fields: Record<string, unknown>, text: string): void
  warn(fields: Record<string, unknown>, text: string): void
  error(fields: Record<string, unknown>, text: string): void
}
