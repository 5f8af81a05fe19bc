import type { FlightStep } from '#audit/index.ts'
import type { Caller } from '#identity/index.ts'
import type { Authorization } from '#policy/index.ts'
import type { ClientSpeech, Message } from '#protocol/index.ts'
import type { CallTrace } from '#telemetry/index.ts'
import type { Endpoint } from './endpoints.ts'
import type { Inbound, Reply } from './http.ts'
import type { MethodRow } from './methods.ts'
import type { CallStream } from './sessions/call-stream.ts'
import type { SessionClaims } from './sessions/session-seal.ts'

/**
 * What works on a call. An object and not a function: V8 keeps calls into whose field a new closure is put, each for some
 * collections, with all they hold; that was a quarter of the memory of each call and the longest pauses.
 */
export interface Running {
  /** Ends it; the caller gets nothing more. */
  cancel(): void
}

/** How the answer is written: as MCP, or as the plain JSON of `POST /mcp/{name}/invoke`. */
export type AnswerShape = 'mcp' | 'invoke'

/** What is known of a request from its first byte on. One object per call; each step of the pipeline adds to it. */
export interface ReceivedCall {
  readonly inbound: Inbound
  readonly reply: Reply
  readonly id: string
  readonly shape: AnswerShape
  readonly startedAtMs: number
  /** Milliseconds of a monotonic clock. */
  readonly startedMark: number
  lastMark: number
  readonly steps: FlightStep[]
  caller: Caller | null
  endpoint: Endpoint | null
  message: Message | null
  speech: ClientSpeech | null
  session: SessionClaims | null
  row: MethodRow | null
  authorization: Authorization | null
  /** The deployment that is asked, once known. */
  deployment: string
  /** Ends the call before its time, once it can be ended. */
  running: Running | null
  /** The answer as a stream that can be taken up again; null unless one was opened within a legacy session. */
  stream: CallStream | null
  /** Null unless this call is traced. */
  trace: CallTrace | null
  isConcluded: boolean
}

declare const identified: unique symbol
declare const resolved: unique symbol
declare const read: unique symbol
declare const authorized: unique symbol
declare const limited: unique symbol
declare const inspected: unique symbol

// The types keep the order of the pipeline: a step takes what only the step before it can make.

export interface IdentifiedCall extends ReceivedCall {
  readonly caller: Caller
  readonly [identified]: true
}

export interface ResolvedCall extends IdentifiedCall {
  readonly endpoint: Endpoint
  readonly [resolved]: true
}

export interface ReadCall extends ResolvedCall {
  readonly message: Message
  readonly speech: ClientSpeech
  readonly [read]: true
}

export interface AuthorizedCall extends ReadCall {
  readonly authorization: Authorization
  readonly [authorized]: true
}

export interface LimitedCall extends AuthorizedCall {
  readonly [limited]: true
}

export interface InspectedCall extends LimitedCall {
  readonly [inspected]: true
}

/** Whom allowances are counted for: a credential, or the address of those who show none. */
export function callerKeyOf({ caller, inbound }: ReceivedCall): string {
  return caller === null || caller.kind === 'anonymous' ? `address ${inbound.remoteAddress}` : caller.id
}

/** Notes the end of a step: its name and the microseconds since the last one ended. */
export function mark(call: ReceivedCall, name: FlightStep['name'], note?: string): void {
  const now = performance.now()
  const us = Math.round((now - call.lastMark) * 1000)
  call.lastMark = now
  call.steps.push(note === undefined ? { name, us } : { name, us, note })
}

/** The trace that the client is in: what its message says goes before the header (2026-07-28, basic, _meta). */
export function traceparentOf({ message, inbound }: ReceivedCall): string | undefined {
  const meta = message?.params['_meta'] as Record<string, unknown> | undefined
  const said = meta?.['traceparent'] ?? inbound.headers['traceparent']
  return typeof said === 'string' ? said : undefined
}
