import { revisionOf } from '#protocol/index.ts'
import { LIMITS } from '#std/index.ts'
import type { Bag, InboundMessage, RpcExchange, RpcReply } from './rpc-exchange.ts'

/** A request of ours in a session. */
export interface CarriedRequest {
  readonly message: object
  readonly id: number
  readonly deadlineMs: number
  /** Further headers: name, value, name, value. */
  readonly headers?: readonly string[]
  /** It may wait long for its client. */
  readonly isTalk?: boolean
  /** What the server says on the stream of this request, where it has one of its own. */
  readonly onMessage: (inbound: InboundMessage) => void
}

export interface CarriedStream {
  readonly reply: Promise<RpcReply>
  abort(): void
}

/** How the messages of one legacy session travel. */
export interface Carrier {
  /** All that the server says comes on one stream, so that only ids tell to what it belongs. */
  readonly hasOneStream: boolean
  /** The server knows the session by an id that it gave. */
  readonly hasSession: boolean
  /** Nothing can be sent any more. */
  readonly isLost: boolean
  /** Takes what the server says on no stream of a request. */
  onMessage: (inbound: InboundMessage) => void
  /** The handshake has come to this revision, in an answer with these headers. */
  established(version: string, headers: Bag): void
  /** Sends a request; goes on until the answer is there, however often a stream ends before. */
  call(request: CarriedRequest): RpcExchange
  /** Sends a notification or a response; resolves when the server has taken it. */
  deliver(message: object, deadlineMs: number): Promise<RpcReply>
  /** Opens the stream for what belongs to no call. */
  listen(lastEventId: string | null, onHead: (status: number) => void): CarriedStream
  /** Whether an answer says that the session has ended. */
  isLostBy(reply: RpcReply): boolean
  /** Tells the server that the session is over; never rejects. */
  end(): Promise<void>
}

/** Sends what nobody waits for. */
export function tell(carrier: Carrier, message: object): void {
  carrier.deliver({ jsonrpc: '2.0', ...message }, LIMITS.listDeadlineMsDefault).catch(() => undefined)
}

const JSON_HEADERS: readonly string[] = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream']

/** Headers of a message; null before the handshake, in which the revision is only found. */
export function versionHeaders(version: string | null): string[] {
  const hasHeader = version !== null && revisionOf(version).hasVersionHeader
  return hasHeader ? [...JSON_HEADERS, 'mcp-protocol-version', version] : [...JSON_HEADERS]
}
