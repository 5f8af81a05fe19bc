import type { Caller } from '#identity/index.ts'
import type { BodyOf, ParamsOf, QueryOf, ResponseOf, RouteId } from './contract.ts'
import type { StreamEvent } from './event-stream.ts'

/**
 * One request on its way through. What is known of it is what the audit trail gets, so a handler that learns more than
 * the request said writes it here.
 */
export interface Passage {
  caller: Caller
  target: string
  /** Of the answer. */
  readonly headers: Record<string, string>
  /** The client's. */
  readonly address: string
  readonly startedAtMs: number
  readonly started: number
}

/** A request that was authenticated, authorised and read. */
export interface ApiCall<Id extends RouteId> {
  readonly caller: Caller
  readonly params: ParamsOf<Id>
  readonly query: QueryOf<Id>
  readonly body: BodyOf<Id>
  readonly accept: string
  readonly passage: Passage
  /** Makes the answer of a route that streams. `stop` is called once, when nobody listens any more or may. */
  readonly stream: (events: AsyncIterable<StreamEvent>, stop: () => void) => Response
}

/** Answers with what the contract says, or with an event stream where the contract has one. */
export type Handler<Id extends RouteId> = (call: ApiCall<Id>) => Promise<ResponseOf<Id> | Response>

export type Handlers<Id extends RouteId = RouteId> = { readonly [Each in Id]: Handler<Each> }
