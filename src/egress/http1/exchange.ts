import type { Connection } from './connection.ts'
import type { ResponseHeaders } from './response-head.ts'
import type { ResponseSink } from './response-parser.ts'

/** Receives one answer. Calls come in order, never before `dispatch` has returned; after `onEnd`, `onError` and `abort` there is none. */
export interface OutboundHandler extends ResponseSink {
  onEnd(): void
  onError(error: Error): void
}

/** What the sender holds of a request under way. */
export interface OutboundExchange {
  /** Gives up: the connection is closed, so that the server can see it. Idempotent. */
  abort(): void
  /** Goes on after `onData` has returned false. */
  resume(): void
}

/** One request and its answer, from the queue to the end. */
export class Exchange implements OutboundExchange, ResponseSink {
  readonly head: string
  body: Buffer | null
  /** The request may be sent a second time: its method is idempotent and this was the first time. */
  mayRepeat: boolean
  connection: Connection | null = null
  /** The one that waits behind it. */
  next: Exchange | null = null
  #handler: OutboundHandler | null

  constructor(head: string, body: Buffer | null, isIdempotent: boolean, handler: OutboundHandler) {
    this.head = head
    this.body = body
    this.mayRepeat = isIdempotent
    this.#handler = handler
  }

  get isWanted(): boolean {
    return this.#handler !== null
  }

  onHead(status: number, headers: ResponseHeaders): void {
    this.#handler?.onHead(status, headers)
  }

  onData(chunk: Buffer): boolean {
    return this.#handler?.onData(chunk) ?? true
  }

  end(): void {
    this.#leave()?.onEnd()
  }

  fail(error: Error): void {
    this.#leave()?.onError(error)
  }

  abort(): void {
    const { connection } = this
    if (this.#leave() !== null) connection?.destroy(null)
  }

  resume(): void {
    this.connection?.resume()
  }

  #leave(): OutboundHandler | null {
    const handler = this.#handler
    this.#handler = null
    this.connection = null
    this.body = null
    return handler
  }
}
