import { LIMITS, Problem } from '#std/index.ts'
import type { ExchangeHandler } from '../model.ts'
import type { CarriedRequest, CarriedStream, Carrier } from './carrier.ts'
import { versionHeaders } from './carrier.ts'
import { Deadline, deadlines } from './deadline-wheel.ts'
import { EventStreamReader, type StreamEvent } from './event-stream.ts'
import type { Link } from './link.ts'
import type { RawExchange } from './raw-http.ts'
import {
  garbage,
  isObject,
  NO_ANSWER,
  readInbound,
  readRpcAnswer,
  startExchange,
  type Bag,
  type InboundMessage,
  type RpcExchange,
  type RpcReply,
} from './rpc-exchange.ts'
import { TransientProblem } from './transient-problem.ts'

const STREAM_HEADERS = ['accept', 'text/event-stream']

/**
 * Opens the transport of 2024-11-05: one stream on which the server first names an address for messages to it, and then
 * says everything. Null when this server has none. Rejects when the address is of another origin: credentials go nowhere else.
 */
export async function openEventCarrier(link: Link, deadlineMs: number): Promise<Carrier | null> {
  const carrier = new EventCarrier(link)
  const timer = setTimeout(() => carrier.lose(garbage(link.name, 'names no address for messages')), deadlineMs)
  try {
    carrier.post = readEndpoint(link, await carrier.endpoint)
    return carrier
  } catch (error) {
    await carrier.end()
    if (error instanceof ForeignEndpoint) throw error.problem
    return null
  } finally {
    clearTimeout(timer)
  }
}

class ForeignEndpoint extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.message)
    this.problem = problem
  }
}

/** Where messages are posted, as a path at the origin of the deployment (2024-11-05, basic/transports, HTTP with SSE). */
function readEndpoint({ name, url, hostPort }: Link, text: string): string {
  if (text.length > LIMITS.endpointLengthMax || !URL.canParse(text, url.href)) throw garbage(name, 'names no address for messages')
  const endpoint = new URL(text, url)
  if (endpoint.origin === url.origin) return endpoint.pathname + endpoint.search
  const problem = new Problem(
    'upstream-failed',
    `${name} (${hostPort}) wants its messages at ${endpoint.origin}, which is another origin.`,
    {
      remedy: `If that is right, set the URL of ${name} to one there.`,
    },
  )
  throw new ForeignEndpoint(problem)
}

class EventCarrier implements Carrier, ExchangeHandler {
  readonly hasOneStream = true
  readonly hasSession = true
  isLost = false
  onMessage: (inbound: InboundMessage) => void = () => undefined
  /** The path that takes messages. */
  post = ''
  /** Resolves with the data of the first event. */
  readonly endpoint: Promise<string>
  readonly #link: Link
  readonly #endpoint = Promise.withResolvers<string>()
  readonly #over = Promise.withResolvers<RpcReply>()
  readonly #pending = new Map<number, EventCall>()
  readonly #reader = new EventStreamReader((event) => this.#read(event), LIMITS.eventBytesMax)
  readonly #exchange: RawExchange
  #isNamed = false
  #status = 0
  #version: string | null = null

  constructor(link: Link) {
    this.#link = link
    this.endpoint = this.#endpoint.promise
    // Some calls fail before anybody waits for these.
    this.endpoint.catch(() => undefined)
    this.#exchange = link.http.send('GET', STREAM_HEADERS, null, 0, this)
  }

  onHead(status: number, headers: Bag): void {
    this.#status = status
    const type = headers['content-type']
    const isStream = typeof type === 'string' && type.split(';', 1)[0]!.trim().toLowerCase() === 'text/event-stream'
    if (status !== 200 || !isStream) this.lose(garbage(this.#link.name, 'has no event stream'))
  }

  onData(chunk: Buffer): boolean {
    if (this.isLost) return true
    try {
      this.#reader.push(chunk)
    } catch (error) {
      this.lose(error as Error)
    }
    return true
  }

  onEnd(): void {
    const { name, hostPort } = this.#link
    this.lose(
      new TransientProblem('upstream-failed', `${name} (${hostPort}) closed the stream on which it answers.`, {
        remedy: 'Look into the log of the server.',
      }),
    )
  }

  onError(problem: Error): void {
    this.lose(problem)
  }

  /** Whatever is under way has failed. */
  lose(problem: Error): void {
    if (this.isLost) return
    this.isLost = true
    this.#exchange.abort()
    this.#endpoint.reject(problem)
    for (const call of this.#pending.values()) call.fail(problem)
    this.#over.resolve(this.#replyWith(this.#status))
  }

  established(version: string): void {
    this.#version = version
  }

  call(request: CarriedRequest): RpcExchange {
    const call = new EventCall(this.#link.name, request, () => this.#pending.delete(request.id))
    if (this.isLost) call.fail(garbage(this.#link.name, 'closed the stream on which it answers'))
    else if (this.#pending.size >= LIMITS.upstreamQueueMax)
      call.fail(new Problem('overloaded', `${this.#pending.size} requests wait for ${this.#link.name}, the most that do in one session.`))
    else {
      this.#pending.set(request.id, call)
      this.#send(request.message, request.headers ?? [], request.deadlineMs).then(
        (reply) => (reply.status >= 400 ? call.finish(reply) : undefined),
        (error: unknown) => call.fail(error as Error),
      )
    }
    return call
  }

  deliver(message: object, deadlineMs: number): Promise<RpcReply> {
    return this.#send(message, [], deadlineMs)
  }

  /** The stream that is open anyway. */
  listen(_lastEventId: string | null, onHead: (status: number) => void): CarriedStream {
    const aborted = Promise.withResolvers<never>()
    aborted.promise.catch(() => undefined)
    if (!this.isLost) queueMicrotask(() => onHead(200))
    return {
      reply: Promise.race([this.#over.promise, aborted.promise]),
      abort: () => aborted.reject(garbage(this.#link.name, 'is no longer listened to')),
    }
  }

  isLostBy({ status }: RpcReply): boolean {
    return status === 404
  }

  async end(): Promise<void> {
    this.lose(garbage(this.#link.name, 'is no longer waited for'))
  }

  #send(message: object, headers: readonly string[], deadlineMs: number): Promise<RpcReply> {
    return startExchange(this.#link.http, this.#link.name, {
      method: 'POST',
      headers: [...versionHeaders(this.#version), ...headers],
      message,
      id: null,
      deadlineMs,
      route: { path: this.post },
    }).reply
  }

  #read({ type, data }: StreamEvent): void {
    if (this.isLost) return
    if (!this.#isNamed) {
      this.#isNamed = true
      if (type === 'endpoint') this.#endpoint.resolve(data)
      else this.lose(garbage(this.#link.name, 'names no address for messages'))
    } else if (type === 'message') this.#take(data)
  }

  #take(data: string): void {
    let value: unknown
    try {
      value = JSON.parse(data)
    } catch (cause) {
      // Nobody knows whose answer that was, so it is the end for all who wait here.
      return this.lose(garbage(this.#link.name, 'answered with what is not JSON', cause))
    }
    for (const message of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (!isObject(message)) continue
      const inbound = readInbound(message, data.length)
      if (inbound !== null) this.onMessage(inbound)
      else if (typeof message['id'] === 'number') this.#answer(message['id'], message, data.length)
    }
  }

  #answer(id: number, message: Record<string, unknown>, bytes: number): void {
    const answer = readRpcAnswer(message)
    if (answer === null) this.#pending.get(id)?.fail(garbage(this.#link.name, NO_ANSWER))
    else this.#pending.get(id)?.finish({ ...this.#replyWith(200), answer, bytes })
  }

  #replyWith(status: number): RpcReply {
    return { status, headers: {}, answer: null, lastEventId: null, retryMs: null, bytes: 0 }
  }
}

/** A request whose answer comes on the stream of the session. */
class EventCall extends Deadline implements RpcExchange {
  readonly reply: Promise<RpcReply>
  readonly #name: string
  readonly #reply = Promise.withResolvers<RpcReply>()
  readonly #onOver: () => void
  #deadlineMs: number
  #isOver = false

  constructor(name: string, { deadlineMs }: CarriedRequest, onOver: () => void) {
    super()
    this.#name = name
    this.#onOver = onOver
    this.#deadlineMs = deadlineMs
    this.reply = this.#reply.promise
    this.reply.catch(() => undefined)
    deadlines.set(this, deadlineMs)
  }

  finish(reply: RpcReply): void {
    if (this.#end()) this.#reply.resolve(reply)
  }

  fail(error: Error): void {
    if (this.#end()) this.#reply.reject(error)
  }

  endWithin(ms: number): void {
    this.#deadlineMs = ms
    if (!this.#isOver) deadlines.set(this, ms)
  }

  abort(): void {
    this.fail(garbage(this.#name, 'is no longer waited for'))
  }

  override expire(): void {
    this.fail(
      new Problem('upstream-timeout', `${this.#name} did not answer within ${Math.round(this.#deadlineMs)} ms.`, {
        remedy: `Look into the log of the server, or raise "deadlineMs" of the deployment ${this.#name}.`,
      }),
    )
  }

  #end(): boolean {
    if (this.#isOver) return false
    this.#isOver = true
    deadlines.clear(this)
    this.#onOver()
    return true
  }
}
