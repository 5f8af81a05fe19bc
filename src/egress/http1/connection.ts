import type { OnReadOpts, Socket } from 'node:net'
import type { Dial } from './dial.ts'
import type { Exchange } from './exchange.ts'
import { ResponseParser } from './response-parser.ts'

const READ_BYTES = 64 * 1024
/** Up to this size head and body leave as one string: one copy is cheaper than a second piece. */
const JOINED_BYTES_MAX = 16 * 1024

/**
 * One buffer for all connections: what is read is copied out before anything else is read. On Windows a read is begun
 * long before it ends, so there each connection has its own.
 */
const sharedBuffer = process.platform === 'win32' ? null : Buffer.allocUnsafeSlow(READ_BYTES)

/** Whom a connection tells what becomes of it. */
export interface ConnectionOwner {
  /** It can take the next request, within `idleMs`. */
  onFree(connection: Connection, idleMs: number): void
  onClosed(connection: Connection): void
  /** The server closed before it had seen this request, which may be sent again. */
  onUnseen(exchange: Exchange): void
}

/** One connection to a server, with one exchange at a time. */
export class Connection {
  /** While it is free: when it must be let go, on the monotonic clock. */
  idleUntilMs = 0
  readonly #owner: ConnectionOwner
  readonly #parser = new ResponseParser()
  #socket: Socket | null = null
  #exchange: Exchange | null = null
  #error: Error | null = null
  #hasServed = false
  #hasHeard = false
  #isHolding = true
  #isPaused = false

  constructor(owner: ConnectionOwner) {
    this.#owner = owner
  }

  async open(dial: Dial, signal: AbortSignal): Promise<void> {
    const onread: OnReadOpts = {
      buffer: sharedBuffer ?? Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (length, bytes) => this.#onRead(bytes as Buffer, length),
    }
    const socket = await dial(onread, signal)
    if (socket.destroyed) throw closed()
    this.#socket = socket
      .on('error', (error) => {
        this.#error = error
      })
      .on('end', () => this.#onEnd())
      .on('close', () => this.#onClose())
  }

  /** Sends a request; the connection must be free. */
  start(exchange: Exchange): void {
    const socket = this.#socket!
    const { head, body } = exchange
    this.#exchange = exchange
    this.#hasHeard = false
    exchange.connection = this
    this.#parser.start(exchange)
    if (!this.#isHolding) {
      this.#isHolding = true
      socket.ref()
    }
    if (body === null) socket.write(head, 'latin1')
    else if (head.length + body.length <= JOINED_BYTES_MAX) socket.write(head + body.toString('latin1'), 'latin1')
    else {
      socket.cork()
      socket.write(head, 'latin1')
      socket.write(body)
      socket.uncork()
    }
  }

  isUsable(nowMs: number): boolean {
    return this.idleUntilMs > nowMs && this.#socket!.writable
  }

  /** A free connection is no reason for the program to go on. */
  letGo(): void {
    this.#isHolding = false
    this.#socket!.unref()
  }

  resume(): void {
    this.#isPaused = false
    this.#socket!.resume()
  }

  /** Ends the connection, and what is under way on it with `error`. */
  destroy(error: Error | null): void {
    const exchange = this.#exchange
    this.#exchange = null
    this.#parser.stop()
    this.#socket!.destroy()
    if (error !== null) exchange?.fail(error)
  }

  #onRead(bytes: Buffer, length: number): boolean {
    const exchange = this.#exchange
    // Bytes that nobody asked for would be taken for the next answer.
    if (exchange === null) {
      this.destroy(null)
      return true
    }
    this.#hasHeard = true
    const parser = this.#parser
    let read = 0
    try {
      read = parser.read(bytes, length)
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)))
      return true
    }
    if (this.#exchange !== exchange) return true
    if (parser.hasEnded) this.#finish(exchange, read === length)
    else if (parser.isHeld) {
      parser.isHeld = false
      this.#isPaused = true
      return false
    }
    return true
  }

  #finish(exchange: Exchange, isClean: boolean): void {
    const socket = this.#socket!
    const { idleMs } = this.#parser
    this.#exchange = null
    this.#hasServed = true
    // TLS hands over what it had decrypted even while paused, and that may have been the end.
    if (this.#isPaused) this.resume()
    // A server may answer before it has read the request: then the rest of it is still to be sent.
    if (isClean && idleMs > 0 && socket.writable && socket.writableLength === 0) this.#owner.onFree(this, idleMs)
    else this.destroy(null)
    exchange.end()
  }

  #onEnd(): void {
    const exchange = this.#exchange
    if (exchange !== null && this.#parser.readEnd()) this.#finish(exchange, false)
    else this.#socket!.destroy()
  }

  #onClose(): void {
    const exchange = this.#exchange
    this.#exchange = null
    this.#owner.onClosed(this)
    if (exchange === null) return
    // RFC 9112 §9.3.1: the closing of an unused connection may cross a request, which then is sent again if it may be.
    if (this.#hasServed && !this.#hasHeard && exchange.mayRepeat) this.#owner.onUnseen(exchange)
    else exchange.fail(this.#error ?? closed())
  }
}

const closed = (): Error => Object.assign(new Error('the connection closed before the end of the answer'), { code: 'ECONNRESET' })
