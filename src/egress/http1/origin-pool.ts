import { LIMITS, Problem } from '#std/index.ts'
import { hostPortText, destinationOf } from '../destination.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import type { Dial } from './dial.ts'
import { Exchange, type OutboundExchange, type OutboundHandler } from './exchange.ts'
import { createHeaderWriter, toRequestLine, type HeaderLines } from './request-head.ts'

export interface OutboundRequest {
  readonly method: 'POST' | 'GET' | 'DELETE'
  /** With the query, as a URL writes it. */
  readonly path: string
  /** Name, value, name, value. */
  readonly headers: readonly string[]
  /** Further headers, already checked by `toHeaderLines`. */
  readonly preparedHeaders?: HeaderLines
  readonly body: Buffer | null
}

/** Connections to one origin. */
export interface OutboundPool {
  /**
   * Sends a request as soon as a connection is free. Throws `invalid-input` for headers that cannot be sent and
   * `overloaded` when too many requests wait; whatever happens later is told to the handler.
   */
  dispatch(request: OutboundRequest, handler: OutboundHandler): OutboundExchange
  /** Ends everything at once; resolves when the connections are closed. */
  destroy(): Promise<void>
}

export function createOriginPool(origin: URL, dial: Dial, connectionsMax: number): OutboundPool {
  return new OriginPool(origin, dial, connectionsMax)
}

/** Keep-alive connections to one origin, the one used last taken first, so that those not needed grow old and go. */
class OriginPool implements OutboundPool, ConnectionOwner {
  readonly #origin: URL
  readonly #dialOrigin: Dial
  readonly #connectionsMax: number
  readonly #stop = new AbortController()
  readonly #connections = new Set<Connection>()
  readonly #closing = Promise.withResolvers<void>()
  #dialling = 0
  #isServing = false
  #free: Connection[] = []
  /** A list through the exchanges themselves: no array that grows and shrinks with the calls. */
  #firstWaiting: Exchange | null = null
  #lastWaiting: Exchange | null = null
  #waitingCount = 0
  #sweep: NodeJS.Timeout | null = null
  #lineOf = { method: '', path: '', line: '' }
  readonly #writeHeaders = createHeaderWriter()

  constructor(origin: URL, dial: Dial, connectionsMax: number) {
    this.#origin = origin
    this.#dialOrigin = dial
    this.#connectionsMax = connectionsMax
  }

  dispatch(
    { method, path, headers, preparedHeaders = '' as HeaderLines, body }: OutboundRequest,
    handler: OutboundHandler,
  ): OutboundExchange {
    const length = body !== null ? `content-length: ${body.length}\r\n` : method === 'POST' ? 'content-length: 0\r\n' : ''
    const head = `${this.#requestLine(method, path)}${this.#writeHeaders(headers)}${preparedHeaders}${length}\r\n`
    const exchange = new Exchange(head, body, method !== 'POST', handler)
    // Those for whom a connection is being made do not wait for others.
    if (this.#waitingCount >= LIMITS.upstreamQueueMax + this.#connectionsMax - this.#connections.size) {
      const text = hostPortText(destinationOf(this.#origin))
      throw new Problem('overloaded', `${this.#waitingCount} requests wait for ${text}, the most that do for one server.`)
    }
    this.#append(exchange)
    this.#serveSoon()
    return exchange
  }

  async destroy(): Promise<void> {
    const error = stopped()
    this.#stop.abort(error)
    this.#failWaiting(error)
    for (const connection of this.#connections) connection.destroy(error)
    if (this.#connections.size === 0) this.#closing.resolve()
    await this.#closing.promise
  }

  onFree(connection: Connection, idleMs: number): void {
    connection.idleUntilMs = performance.now() + idleMs
    this.#free.push(connection)
    if (this.#waitingCount > 0) this.#serveSoon()
    this.#sweep ??= setInterval(() => this.#letGo(), LIMITS.upstreamIdleSweepMs).unref()
  }

  onClosed(connection: Connection): void {
    this.#connections.delete(connection)
    const place = this.#free.indexOf(connection)
    if (place !== -1) this.#free.splice(place, 1)
    if (this.#waitingCount > 0) this.#serveSoon()
    if (this.#stop.signal.aborted && this.#connections.size === 0) this.#closing.resolve()
  }

  onUnseen(exchange: Exchange): void {
    exchange.mayRepeat = false
    // Another free connection may be as dead as the one that failed.
    this.#dial(exchange)
  }

  #requestLine(method: string, path: string): string {
    if (this.#lineOf.method !== method || this.#lineOf.path !== path)
      this.#lineOf = { method, path, line: toRequestLine(method, path, this.#origin.host) }
    return this.#lineOf.line
  }

  /**
   * A free connection is used only after the event loop has polled once more: that the server has closed it, or sent
   * what nobody asked for, is then read first and not taken for the answer to the next request. The first immediate
   * may still run in the turn of the caller; between it and the second lies a whole poll.
   */
  #serveSoon(): void {
    if (this.#isServing) return
    this.#isServing = true
    setImmediate(this.#afterTurn)
  }

  readonly #afterTurn = (): void => void setImmediate(this.#serve)

  readonly #serve = (): void => {
    this.#isServing = false
    if (this.#stop.signal.aborted) return this.#failWaiting(stopped())
    const now = performance.now()
    while (this.#waitingCount > 0) {
      const connection = this.#takeFree(now)
      if (connection === null) break
      const exchange = this.#takeWaiting()
      if (exchange !== null) connection.start(exchange)
      else this.#free.push(connection)
    }
    while (this.#waitingCount > this.#dialling && this.#connections.size + this.#dialling < this.#connectionsMax) this.#dial(null)
  }

  /** Makes a connection, for one exchange or for whoever waits first. */
  #dial(exchange: Exchange | null): void {
    const connection = new Connection(this)
    this.#dialling++
    connection.open(this.#dialOrigin, this.#stop.signal).then(
      () => this.#onDialled(connection, exchange),
      (error: unknown) => this.#onDialFailed(error as Error, exchange),
    )
  }

  #onDialled(connection: Connection, exchange: Exchange | null): void {
    this.#dialling--
    this.#connections.add(connection)
    if (this.#stop.signal.aborted) {
      connection.destroy(null)
      exchange?.fail(stopped())
      return
    }
    const next = exchange?.isWanted === true ? exchange : this.#takeWaiting()
    if (next !== null) connection.start(next)
    else this.onFree(connection, LIMITS.upstreamIdleMsDefault)
    if (this.#waitingCount > 0) this.#serveSoon()
  }

  #onDialFailed(error: Error, exchange: Exchange | null): void {
    this.#dialling--
    const first = exchange ?? this.#takeWaiting()
    first?.fail(error)
    // While a connection stands, others may still be had. Without any, trying for each who waits would only take longer.
    if (this.#connections.size + this.#dialling === 0) this.#failWaiting(error)
    else if (this.#waitingCount > 0) this.#serveSoon()
  }

  #takeFree(now: number): Connection | null {
    for (let connection = this.#free.pop(); connection !== undefined; connection = this.#free.pop()) {
      if (connection.isUsable(now)) return connection
      connection.destroy(null)
    }
    return null
  }

  #append(exchange: Exchange): void {
    if (this.#lastWaiting === null) this.#firstWaiting = exchange
    else this.#lastWaiting.next = exchange
    this.#lastWaiting = exchange
    this.#waitingCount++
  }

  /** The first that is still wanted. Those given up stay in the queue until here, without their bodies. */
  #takeWaiting(): Exchange | null {
    for (let exchange = this.#firstWaiting; exchange !== null; exchange = this.#firstWaiting) {
      this.#firstWaiting = exchange.next
      if (exchange.next === null) this.#lastWaiting = null
      // One that is old must not keep those that came after it.
      exchange.next = null
      this.#waitingCount--
      if (exchange.isWanted) return exchange
    }
    return null
  }

  #failWaiting(error: Error): void {
    const all: Exchange[] = []
    for (let next = this.#takeWaiting(); next !== null; next = this.#takeWaiting()) all.push(next)
    // Told only now: who is told may at once send another request, and that one is not meant.
    for (const exchange of all) exchange.fail(error)
  }

  #letGo(): void {
    const now = performance.now()
    for (const connection of this.#free) {
      if (connection.isUsable(now)) connection.letGo()
      // Its closing takes it out of the list, later.
      else connection.destroy(null)
    }
    if (this.#free.length > 0 || this.#sweep === null) return
    clearInterval(this.#sweep)
    this.#sweep = null
  }
}

const stopped = (): Error => Object.assign(new Error('the connections of this pool were closed'), { code: 'UND_ERR_DESTROYED' })
