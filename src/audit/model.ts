/** One step of a call's life, for the flight record. */
export interface FlightStep {
  readonly name: 'identify' | 'resolve' | 'authorize' | 'limit' | 'inspect-call' | 'forward' | 'inspect-result'
  /** Microseconds spent in it. */
  readonly us: number
  /** What it decided, in a few words; never an argument or a result. */
  readonly note?: string
}

/** What happened, as evidence: who asked for what, which rule decided, how it ended, where the time went. */
export interface AuditEvent {
  readonly id: string
  /** Milliseconds since the epoch; stored as ISO text. */
  readonly atMs: number
  readonly tenant: string
  /** `call`: the data plane. `admin`: the control plane. `system`: the program itself. */
  readonly kind: 'call' | 'admin' | 'system'
  readonly actorId: string
  readonly actorKind: string
  readonly actorName: string
  readonly endpoint: string
  /** The deployment that was called, when one was. */
  readonly deployment: string
  readonly method: string
  /** Name of the tool, prompt, resource or object it was about. */
  readonly target: string
  readonly era: string
  readonly verdict: 'allow' | 'deny'
  /** Which rule decided. */
  readonly rule: string
  /** `ok`, `tool-error`, `cancelled`, or the type of the problem. */
  readonly outcome: string
  readonly status: number
  readonly bytesIn: number
  readonly bytesOut: number
  /** Microseconds from the first byte to the decision to answer. */
  readonly us: number
  /** SHA-256 (hex) of the request body; empty when there was none. */
  readonly bodySha256: string
  readonly steps: readonly FlightStep[]
}

/** Where the data plane leaves its events: a file on this node, before the answer leaves. */
export interface Recorder {
  /**
   * Takes an event over and calls `then` when it is in the spool file. Throws `audit-unavailable` when the spool is
   * full or cannot be written: the call must not be answered with a result then.
   */
  record(event: AuditEvent, then: (failure: Error | null) => void): void
  /** Throws `audit-unavailable` early, before anything is forwarded. */
  assertWritable(): void
}

/** An event in its place in the chain of its tenant. */
export interface AuditRecord {
  /** 1, 2, 3… without gaps in a tenant. */
  readonly seq: number
  /** That of the block it stands in, lower-case hex; see `blockHash`. */
  readonly hash: string
  readonly event: AuditEvent
}

/** A block of events as the drain has put it into the database. */
export interface DrainedBlock {
  readonly tenant: string
  /** Place of its first event in the chain. */
  readonly firstSeq: number
  readonly hash: string
  /** The lines of its events. Only who listens pays for reading them; gone when the drain goes on. */
  readonly body: Buffer
}

/** What the drain has just put into the database. */
export interface DrainedBatch {
  readonly blocks: readonly DrainedBlock[]
  /** Ids of the keys that acted in it, and when each did so last, in milliseconds since the epoch. */
  readonly keyUses: ReadonlyMap<string, number>
}
