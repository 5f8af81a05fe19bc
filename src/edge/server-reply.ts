import type { ServerResponse } from 'node:http'
import { LIMITS } from '#std/index.ts'

const NO_BODY = new Set([202, 204, 304])
const ignore = (): void => {}

/** The way back to whoever asked. Exactly one of `send` and `open` … `end` is used; after the client has gone all of them do nothing. */
export interface EdgeReply {
  /** A complete answer. `headers` is a flat list of names and values. */
  send(status: number, headers: readonly string[], body: Buffer | string): void
  /** Starts a streamed answer. */
  open(status: number, headers: readonly string[]): void
  /** False asks to pause until `onDrain`. */
  write(chunk: Buffer | string): boolean
  end(): void
  onDrain(listener: () => void): void
  /** Called once when the client goes before the answer is complete. */
  onGone(listener: () => void): void
  readonly isGone: boolean
  readonly isOpen: boolean
}

/** What answers have in common that leave by the same door. */
export interface Door {
  /** The server stops: a connection is not used for another request. */
  isClosing: boolean
}

/** An answer on a node:http response, or one of node:http2 that looks the same. Writes after the client has gone do nothing. */
export class ServerReply implements EdgeReply {
  readonly #response: ServerResponse
  readonly #door: Door
  readonly #bufferBytesMax: number
  #isOpen = false
  #isEnded = false
  #isGone = false
  #onGone: (() => void) | null = null

  constructor(response: ServerResponse, door: Door, bufferBytesMax: number = LIMITS.eventStreamBufferBytesMax) {
    this.#response = response
    this.#door = door
    this.#bufferBytesMax = bufferBytesMax
    response.on('close', () => {
      // A stream of HTTP/2 looks finished when its client cancels it.
      if (this.#isEnded && response.writableFinished && !isReset(response)) return
      this.#isGone = true
      this.#onGone?.()
    })
    response.on('error', ignore)
  }

  get isGone(): boolean {
    return this.#isGone
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  send(status: number, headers: readonly string[], body: Buffer | string): void {
    if (this.#isGone || this.#response.headersSent) return
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length
    const list = length === 0 && NO_BODY.has(status) ? [...headers] : [...headers, 'content-length', String(length)]
    if (this.#door.isClosing) this.#response.shouldKeepAlive = false
    this.#isEnded = true
    this.#response.writeHead(status, list)
    this.#response.end(body)
  }

  open(status: number, headers: readonly string[]): void {
    if (this.#isGone || this.#isOpen) return
    this.#isOpen = true
    if (this.#door.isClosing) this.#response.shouldKeepAlive = false
    this.#response.writeHead(status, [...headers])
    this.#response.flushHeaders()
  }

  write(chunk: Buffer | string): boolean {
    if (this.#isGone || !this.#isOpen) return true
    // A reader that does not read must not make this process hold its stream in memory.
    if (this.#response.writableLength > this.#bufferBytesMax) {
      this.#response.destroy()
      return true
    }
    return this.#response.write(chunk)
  }

  end(): void {
    if (this.#isGone) return
    this.#isEnded = true
    if (this.#isOpen) this.#response.end()
    else this.#response.destroy()
  }

  onDrain(listener: () => void): void {
    this.#response.on('drain', listener)
  }

  onGone(listener: () => void): void {
    const before = this.#onGone
    this.#onGone = before === null ? listener : () => (before(), listener())
    if (this.#isGone) listener()
  }
}

const isReset = (response: ServerResponse): boolean => ((response as { stream?: { readonly rstCode: number } }).stream?.rstCode ?? 0) !== 0
