import { LIMITS, Problem } from '#std/index.ts'
import type { ExchangeHandler, RpcError } from '../model.ts'
import { EventStreamReader } from './event-stream.ts'
import type { RawExchange, RawHttp, Route } from './raw-http.ts'

export type Bag = Readonly<Record<string, string | readonly string[] | undefined>>

/** A JSON-RPC message from an upstream that is not the answer: a notification, or in the legacy era a request. */
export interface InboundMessage {
  readonly id: string | number | null
  readonly method: string
  readonly params: Record<string, unknown>
  /** Of the text that it came in. */
  readonly bytes: number
}

export type RpcAnswer = { readonly result: Record<string, unknown> } | { readonly error: RpcError }

/** What came back for one POST or GET. */
export interface RpcReply {
  readonly status: number
  readonly headers: Bag
  /** Null when the exchange ended without the answer. */
  readonly answer: RpcAnswer | null
  /** Where a legacy event stream may be taken up again. */
  readonly lastEventId: string | null
  readonly retryMs: number | null
  /** Of the text that the answer came in. */
  readonly bytes: number
}

export interface RpcCall {
  readonly method: 'POST' | 'GET'
  readonly headers: readonly string[]
  /** The message; null for GET. */
  readonly message: object | null
  /** Of the request that is waited for; null when there is none. */
  readonly id: number | null
  readonly deadlineMs: number
  readonly route?: Route
  readonly onHead?: (status: number) => void
  readonly onMessage?: (message: InboundMessage) => void
}

export interface RpcExchange {
  /** Rejects with a `Problem` of the byte path, or with `upstream-failed` for garbage, excess and after `abort`. */
  readonly reply: Promise<RpcReply>
  /** Moves the deadline: milliseconds from now. */
  endWithin(ms: number): void
  abort(): void
}

/** An error body may be a page; only so much of it is looked at. */
const OTHER_BODY_BYTES_MAX = 64 * 1024

/** Sends one JSON-RPC message over the byte path and understands the answer, be it JSON or an event stream. */
export function startExchange(http: RawHttp, name: string, call: RpcCall): RpcExchange {
  const collector = new Collector(name, call)
  const body = call.message === null ? null : Buffer.from(JSON.stringify(call.message))
  collector.exchange = http.send(call.method, call.headers, body, call.deadlineMs, collector, call.route)
  // Whoever loses interest does not have to catch what nobody reads.
  collector.reply.catch(() => undefined)
  return { reply: collector.reply, endWithin: (ms) => collector.endWithin(ms), abort: () => collector.abandon() }
}

class Collector implements ExchangeHandler {
  exchange: RawExchange | null = null
  readonly reply: Promise<RpcReply>
  readonly #name: string
  readonly #call: RpcCall
  #resolve: (reply: RpcReply) => void = () => undefined
  #reject: (problem: Error) => void = () => undefined
  #isSettled = false
  #status = 0
  #headers: Bag = {}
  #kind: 'json' | 'events' | 'other' = 'other'
  #events: EventStreamReader | null = null
  #chunks: Buffer[] = []
  #bytes = 0

  constructor(name: string, call: RpcCall) {
    this.#name = name
    this.#call = call
    this.reply = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  onHead(status: number, headers: Bag): void {
    this.#status = status
    this.#headers = headers
    const type = headers['content-type']
    if (typeof type === 'string') {
      const essence = type.split(';', 1)[0]!.trim().toLowerCase()
      if (essence === 'application/json') this.#kind = 'json'
      else if (essence === 'text/event-stream') this.#kind = 'events'
    }
    if (this.#kind === 'events') this.#events = new EventStreamReader((event) => this.#read(event.data), LIMITS.eventBytesMax)
    this.#call.onHead?.(status)
  }

  onData(chunk: Buffer): boolean {
    if (this.#isSettled) return true
    if (this.#events !== null) {
      try {
        this.#events.push(chunk)
      } catch (error) {
        this.#fail(error as Error)
      }
      return true
    }
    this.#bytes += chunk.length
    if (this.#kind === 'json' && this.#bytes > LIMITS.resultBytesMax)
      this.#fail(this.#garbage(`answered with more than ${LIMITS.resultBytesMax} bytes`))
    else if (this.#kind === 'json') this.#chunks.push(chunk)
    else if (this.#bytes > OTHER_BODY_BYTES_MAX) this.#finish(null)
    return true
  }

  onEnd(): void {
    if (this.#isSettled) return
    if (this.#kind === 'json' && this.#bytes > 0) this.#read(Buffer.concat(this.#chunks, this.#bytes).toString('utf8'))
    if (!this.#isSettled) this.#finish(null)
  }

  onError(problem: Error): void {
    if (this.#isSettled) return
    this.#isSettled = true
    // A stream that broke where it may be taken up again has ended, not failed.
    if ((this.#events?.lastEventId ?? null) !== null && problem instanceof Problem && problem.type === 'upstream-failed')
      this.#resolve(this.#replyWith(null))
    else this.#reject(problem)
  }

  /** Once there is an answer, what is left of it has a deadline of its own. */
  endWithin(ms: number): void {
    if (!this.#isSettled) this.exchange?.endWithin(ms)
  }

  abandon(): void {
    this.exchange?.abort()
    if (!this.#isSettled) this.#fail(this.#garbage('is no longer waited for'))
  }

  /** Understands one JSON text. Before 2025-06-18 it could be a batch. */
  #read(text: string): void {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (cause) {
      // An error page in JSON clothes: the status says more than the text.
      if (this.#status >= 400) return this.#finish(null)
      return this.#fail(this.#garbage('answered with what is not JSON', cause))
    }
    for (const message of Array.isArray(value) ? (value as unknown[]) : [value]) this.#take(message, text.length)
  }

  #take(value: unknown, bytes: number): void {
    if (this.#isSettled || !isObject(value)) return
    const inbound = readInbound(value, bytes)
    if (inbound !== null) {
      this.#call.onMessage?.(inbound)
      return
    }
    const { id, error } = value
    // A refusal of the message as a whole may come with the id null: the server had not read so far.
    const isOurs =
      this.#call.id !== null && (id === this.#call.id || ((id === null || id === undefined) && error !== undefined && this.#status >= 400))
    if (!isOurs) return
    const answer = readRpcAnswer(value)
    if (answer !== null || this.#status >= 400) this.#finish(answer, bytes)
    else this.#fail(this.#garbage(NO_ANSWER))
  }

  #finish(answer: RpcAnswer | null, bytes = 0): void {
    this.#isSettled = true
    this.#resolve(this.#replyWith(answer, bytes))
    // The rest of the body is of no interest, but reading it to its end keeps the connection.
    this.exchange?.endWithin(LIMITS.upstreamTailMs)
  }

  #replyWith(answer: RpcAnswer | null, bytes = 0): RpcReply {
    const { lastEventId = null, retryMs = null } = this.#events ?? {}
    return { status: this.#status, headers: this.#headers, answer, lastEventId, retryMs, bytes }
  }

  #fail(error: Error): void {
    this.#isSettled = true
    this.exchange?.abort()
    this.#reject(error)
  }

  #garbage(what: string, cause?: unknown): Problem {
    return garbage(this.#name, what, cause)
  }
}

export const NO_ANSWER = 'answered with neither a result object nor an error'

/** What a server says that means nothing. */
export function garbage(name: string, what: string, cause?: unknown): Problem {
  return new Problem('upstream-failed', `${name} ${what}.`, { remedy: 'Look into the log of the server.', cause })
}

/** A request or notification of a server; null for what is none. `bytes`: of the text that it came in. */
export function readInbound({ id, method, params }: Record<string, unknown>, bytes: number): InboundMessage | null {
  if (typeof method !== 'string') return null
  return { id: typeof id === 'string' || typeof id === 'number' ? id : null, method, params: isObject(params) ? params : {}, bytes }
}

/** What a response says; null when it says nothing. */
export function readRpcAnswer({ result, error }: Record<string, unknown>): RpcAnswer | null {
  if (isObject(result)) return { result }
  if (!isRpcError(error)) return null
  return { error: { code: error.code, message: error.message, ...('data' in error ? { data: error.data } : {}) } }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function isRpcError(value: unknown): value is RpcError {
  return isObject(value) && typeof value['code'] === 'number' && typeof value['message'] === 'string'
}
