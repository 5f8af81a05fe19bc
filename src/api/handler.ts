import type { Caller } from '#identity/index.ts'
import type { BodyOf, ParamsOf, QueryOf, ResponseOf, RouteId } from './contract.ts'
import type { StreamEvent } from './event-stream.ts'

/** A request that was authenticated, authorised and read. */
export interface ApiCall<Id extends RouteId> {
  readonly caller: Caller
  readonly params: ParamsOf<Id>
  readonly query: QueryOf<Id>
  readonly body: BodyOf<Id>
  readonly accept: string
  /** Makes the answer of a route that streams. `stop` is called once, when nobody listens any more or may. */
  readonly stream: (events: AsyncIterable<StreamEvent>, stop: () => void) => Response
}

/** Answers with what the contract says, or with an event stream where the contract has one. */
export type Handler<Id extends RouteId> = (call: ApiCall<Id>) => Promise<ResponseOf<Id> | Response>

export type Handlers<Id extends RouteId = RouteId> = { readonly [Each in Id]: Handler<Each> }
