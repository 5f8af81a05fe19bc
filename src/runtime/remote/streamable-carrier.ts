import { setTimeout as delay } from 'node:timers/promises'
import { LIMITS } from '#std/index.ts'
import type { CarriedRequest, CarriedStream, Carrier } from './carrier.ts'
import { versionHeaders } from './carrier.ts'
import type { Link } from './link.ts'
import { problemOfStatus, remainingMs } from './peer.ts'
import { garbage, startExchange, type Bag, type InboundMessage, type RpcExchange, type RpcReply } from './rpc-exchange.ts'

const SESSION_ID = /^[\x21-\x7e]{1,1024}$/
const INVALID_PARAMS = -32602

/** Streamable HTTP, 2025-03-26 … 2025-11-25: each request is a POST whose answer may be a stream of its own. */
export class StreamableCarrier implements Carrier {
  readonly hasOneStream = false
  readonly isLost = false
  onMessage: (inbound: InboundMessage) => void = () => undefined
  readonly #link: Link
  /** The server's secret; it never leaves this folder. */
  #id: string | null = null
  #version: string | null = null

  constructor(link: Link) {
    this.#link = link
  }

  get hasSession(): boolean {
    return this.#id !== null
  }

  established(version: string, headers: Bag): void {
    const id = headers['mcp-session-id']
    this.#version = version
    this.#id = typeof id === 'string' && SESSION_ID.test(id) ? id : null
  }

  call(request: CarriedRequest): RpcExchange {
    return new StreamableCall(this.#link, this.#headers(), request)
  }

  deliver(message: object, deadlineMs: number): Promise<RpcReply> {
    const { http, name } = this.#link
    return startExchange(http, name, { method: 'POST', headers: this.#headers(), message, id: null, deadlineMs }).reply
  }

  listen(lastEventId: string | null, onHead: (status: number) => void): CarriedStream {
    const headers = this.#headers()
    if (lastEventId !== null) headers.push('last-event-id', lastEventId)
    const onMessage = (inbound: InboundMessage): void => this.onMessage(inbound)
    return startExchange(this.#link.http, this.#link.name, {
      method: 'GET',
      headers,
      message: null,
      id: null,
      deadlineMs: 0,
      onHead,
      onMessage,
    })
  }

  /** Servers answer 404 for an ended session, as they should, or 400 with an error that speaks of it. */
  isLostBy({ status, answer }: RpcReply): boolean {
    if (this.#id === null) return false
    if (status === 404) return true
    if (status !== 400 || answer === null || !('error' in answer)) return false
    return answer.error.code !== INVALID_PARAMS && answer.error.message.toLowerCase().includes('session')
  }

  /** Servers need not understand it. */
  async end(): Promise<void> {
    if (this.#id === null) return
    await new Promise<void>((resolve) => {
      const done = (): void => resolve()
      const handler = { onHead: done, onData: () => true, onEnd: done, onError: done }
      this.#link.http.send('DELETE', this.#headers(), null, LIMITS.upstreamTailMs, handler)
    })
  }

  #headers(): string[] {
    const headers = versionHeaders(this.#version)
    if (this.#id !== null) headers.push('mcp-session-id', this.#id)
    return headers
  }
}

/** One request and all the streams on which its answer is looked for (2025-11-25, resumability). */
class StreamableCall implements RpcExchange {
  readonly reply: Promise<RpcReply>
  readonly #link: Link
  readonly #headers: readonly string[]
  readonly #request: CarriedRequest
  #exchange: RpcExchange
  #deadlineAtMs: number
  #isAborted = false

  constructor(link: Link, headers: readonly string[], request: CarriedRequest) {
    this.#link = link
    this.#headers = headers
    this.#request = request
    this.#deadlineAtMs = link.now() + request.deadlineMs
    this.#exchange = this.#start('POST', request.headers ?? [], request.message, request.deadlineMs)
    this.reply = this.#follow()
    this.reply.catch(() => undefined)
  }

  endWithin(ms: number): void {
    this.#deadlineAtMs = this.#link.now() + ms
    this.#exchange.endWithin(ms)
  }

  abort(): void {
    this.#isAborted = true
    this.#exchange.abort()
  }

  async #follow(): Promise<RpcReply> {
    let reply = await this.#exchange.reply
    while (reply.answer === null && reply.status === 200 && reply.lastEventId !== null) {
      const { lastEventId } = reply
      const resumed = await this.#resume(lastEventId, reply.retryMs)
      reply = { ...resumed, lastEventId: resumed.lastEventId ?? lastEventId }
    }
    return reply
  }

  async #resume(lastEventId: string, retryMs: number | null): Promise<RpcReply> {
    await delay(Math.min(resumeMs(retryMs), remainingMs(this.#link, this.#deadlineAtMs)), undefined, { ref: false })
    if (this.#isAborted) throw garbage(this.#link.name, 'is no longer waited for')
    this.#exchange = this.#start('GET', ['last-event-id', lastEventId], null, remainingMs(this.#link, this.#deadlineAtMs))
    const reply = await this.#exchange.reply
    // The call has begun: whatever this status says of the session, the call must not be made a second time.
    if (reply.status !== 200) throw problemOfStatus(this.#link, reply)
    return reply
  }

  #start(method: 'POST' | 'GET', headers: readonly string[], message: object | null, deadlineMs: number): RpcExchange {
    const { id, isTalk = false, onMessage } = this.#request
    const { http, name } = this.#link
    return startExchange(http, name, {
      method,
      headers: [...this.#headers, ...headers],
      message,
      id,
      deadlineMs,
      route: { isTalk },
      onMessage,
    })
  }
}

/** How long to wait before a stream is taken up again, when the server wishes this. */
export function resumeMs(retryMs: number | null): number {
  return Math.min(Math.max(retryMs ?? LIMITS.streamResumeMsDefault, LIMITS.streamResumeMsMin), LIMITS.streamResumeMsMax)
}
