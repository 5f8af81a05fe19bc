import type { ServerResponse } from 'node:http'
import { LIMITS } from '#std/index.ts'

const NO_BODY = new Set([202, 204, 304])
const ignore = (): void => {}

/** An answer on a node:http response. Writes after the client has gone do nothing. */
export class ServerReply {
  readonly #response: ServerResponse
  #isOpen = false
  #isGone = false
  #onGone: (() => void) | null = null

  constructor(response: ServerResponse) {
    this.#response = response
    response.on('close', () => {
      if (response.writableFinished) return
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
    this.#response.writeHead(status, list)
    this.#response.end(body)
  }

  open(status: number, headers: readonly string[]): void {
    if (this.#isGone || this.#isOpen) return
    this.#isOpen = true
    this.#response.writeHead(status, [...headers])
    this.#response.flushHeaders()
  }

  write(chunk: Buffer | string): boolean {
    if (this.#isGone || !this.#isOpen) return true
    // A reader that does not read must not make this process hold its stream in memory.
    if (this.#response.writableLength > LIMITS.eventStreamBufferBytesMax) {
      this.#response.destroy()
      return true
    }
    return this.#response.write(chunk)
  }

  end(): void {
    if (this.#isGone) return
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
