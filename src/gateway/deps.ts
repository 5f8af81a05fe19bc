import type { LRUCache } from 'lru-cache'
import type { Recorder } from '#audit/index.ts'
import type { Authenticator } from '#identity/index.ts'
import type { Limiter, TokenBucket } from '#policy/index.ts'
import type { Runtime } from '#runtime/index.ts'
import type { SnapshotHolder } from '#snapshot/index.ts'
import type { BodyRecorder } from './body-recorder.ts'
import type { Catalogue } from './federate/catalogue.ts'
import type { EndpointTable } from './endpoints.ts'
import type { InFlight } from './in-flight.ts'
import type { SessionSeal } from './sessions/session-seal.ts'
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

/** What the bus says when a session was ended: this and the nonce. Cancellations begin with a nonce, which has no space. */
export const ENDED = ' ended '

/** Reaches the other data-plane processes of this server. */
export interface CancelBus {
  publish(key: string): void
  subscribe(listener: (key: string) => void): void
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
  /** 32 bytes, derived once at start; the same in all processes of this server. */
  readonly sessionKey: Buffer
  readonly cancelBus: CancelBus
  readonly now: () => number
  readonly server: { readonly name: string; readonly title: string; readonly version: string; readonly publicUrl: string }
}

/** The dependencies and what the gateway itself keeps. */
export interface GatewayState extends GatewayDeps {
  readonly seal: SessionSeal
  readonly catalogue: Catalogue
  readonly inFlight: InFlight
  readonly streams: StreamRegistry
  /** How often a refusal within a flood of wrong credentials is recorded. */
  readonly floodRecords: TokenBucket
  /** Nonces of local sessions that their client has ended. */
  readonly endedSessions: LRUCache<string, true>
  endpoints: EndpointTable
}
