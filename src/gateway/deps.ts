import type { LRUCache } from 'lru-cache'
import type { Recorder } from '#audit/index.ts'
import type { Authenticator } from '#identity/index.ts'
import type { Limiter, TokenBucket } from '#policy/index.ts'
import type { Runtime } from '#runtime/index.ts'
import type { SnapshotHolder } from '#snapshot/index.ts'
import type { Tracer } from '#telemetry/index.ts'
import type { BodyRecorder } from './body-recorder.ts'
import type { Catalogue } from './federate/catalogue.ts'
import type { Changes } from './federate/changes.ts'
import type { Mentions } from './federate/mentions.ts'
import type { ResultCache } from './federate/result-cache.ts'
import type { EndpointTable } from './endpoints.ts'
import type { ClientAnswer, ClientQuestions } from './sessions/client-questions.ts'
import type { InFlight } from './in-flight.ts'
import type { EventStore } from './sessions/event-store.ts'
import type { RequestStates } from './sessions/request-states.ts'
import type { SessionWatches } from './sessions/session-watches.ts'
import type { SessionSeal } from './sessions/session-seal.ts'
import type { TokenSeal } from './sessions/token-seal.ts'
import type { StreamRegistry } from './streams.ts'

/** What the gateway tells the metrics. */
export interface GatewayMetrics {
  call(labels: { deployment: string; method: string; outcome: string; era: string }, us: number): void
  denial(labels: { method: string; deployment: string; problem: string }): void
}

export interface GatewayLog {
  warn(fields: Record<string, unknown>, text: string): void
  error(fields: Record<string, unknown>, text: string): void
}

/** What the processes of the data plane tell each other. Plain JSON; nothing in it is a credential. */
export type BusMessage =
  /** A call was cancelled by session and request id. */
  | { readonly kind: 'cancel'; readonly key: string }
  | { readonly kind: 'session-ended'; readonly nonce: string }
  | { readonly kind: 'log-level'; readonly nonce: string; readonly level: string }
  /** A client has answered what a call had asked it for. */
  | { readonly kind: 'given'; readonly nonce: string; readonly id: string; readonly answer: ClientAnswer }
  /** The resources that a session watches now. */
  | { readonly kind: 'watches'; readonly nonce: string; readonly uris: readonly string[] }
  /** A request state was used: it is good once. */
  | { readonly kind: 'state-used'; readonly nonce: string }

/** Reaches the other data-plane processes of this server; not the one that publishes. */
export interface GatewayBus {
  publish(message: BusMessage): void
  subscribe(listener: (message: BusMessage) => void): void
}

export interface GatewayDeps {
  readonly authenticator: Authenticator
  readonly snapshots: SnapshotHolder
  readonly runtime: Runtime
  readonly recorder: Recorder
  /** Null: arguments and results are not kept. */
  readonly bodies: BodyRecorder | null
  readonly limiter: Limiter
  readonly metrics: GatewayMetrics
  readonly log: GatewayLog
  /** Null: calls are not traced. */
  readonly tracer: Tracer | null
  /** 32 bytes, derived once at start; the same in all processes of this server. */
  readonly sessionKey: Buffer
  readonly bus: GatewayBus
  readonly events: EventStore
  readonly now: () => number
  readonly server: { readonly name: string; readonly title: string; readonly version: string; readonly publicUrl: string }
}

/** The dependencies and what the gateway itself keeps. */
export interface GatewayState extends GatewayDeps {
  readonly tokens: TokenSeal
  readonly seal: SessionSeal
  readonly requestStates: RequestStates
  readonly questions: ClientQuestions
  readonly watches: SessionWatches
  readonly catalogue: Catalogue
  readonly changes: Changes
  readonly mentions: Mentions
  readonly results: ResultCache
  readonly inFlight: InFlight
  readonly streams: StreamRegistry
  /** How often a refusal within a flood of wrong credentials is recorded. */
  readonly floodRecords: TokenBucket
  /** Nonces of local sessions that their client has ended. */
  readonly endedSessions: LRUCache<string, true>
  /** The least severe log messages that local sessions asked for, by nonce. */
  readonly logLevels: LRUCache<string, string>
  endpoints: EndpointTable
}
