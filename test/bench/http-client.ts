import { connect, type Socket } from 'node:net'

const HEAD_END = Buffer.from('\r\n\r\n')
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n')

/** Told the status of each answer, 0 when the connection broke. */
export type OnAnswer = (status: number, answer: Buffer) => void

/**
 * One keep-alive HTTP/1.1 connection that carries one request at a time. It understands exactly what the benchmark's
 * servers send and costs a few microseconds a call, so that the generator is never what is measured.
 */
export class BenchConnection {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #onAnswer: OnAnswer | null = null

  constructor(port: number, onConnect: () => void) {
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true }, onConnect)
    this.#socket.on('data', (chunk) => this.#take(chunk))
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => this.#finish(0, this.#received))
  }

  send(request: Buffer, onAnswer: OnAnswer): void {
    this.#onAnswer = onAnswer
    if (this.#socket.destroyed) setImmediate(() => this.#finish(0, this.#received))
    else this.#socket.write(request)
  }

  /** Sends `request` and waits for the first bytes of an answer that never ends; the rest is thrown away. */
  open(request: Buffer): Promise<readonly [status: number, head: string]> {
    return new Promise((resolve) => {
      this.#socket.removeAllListeners('data').once('data', (chunk) => {
        this.#socket.resume()
        resolve([Number(chunk.toString('latin1', 9, 12)), chunk.toString('latin1', 0, 600)])
      })
      this.#socket.once('close', () => resolve([0, 'closed']))
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#onAnswer = null
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const headEnd = this.#received.indexOf(HEAD_END)
    if (headEnd < 0) return
    const head = this.#received.toString('latin1', 0, headEnd).toLowerCase()
    const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1]
    const bodyStart = headEnd + HEAD_END.length
    const isWhole =
      length === undefined
        ? this.#received.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)
        : this.#received.length >= bodyStart + Number(length)
    if (isWhole) this.#finish(Number(head.slice(9, 12)), this.#received.subarray(bodyStart))
  }

  #finish(status: number, answer: Buffer): void {
    const onAnswer = this.#onAnswer
    this.#onAnswer = null
    this.#received = Buffer.alloc(0)
    onAnswer?.(status, answer)
  }
}

/** The bytes of one POST of `body` to `path`. */
export function postBytes(port: number, path: string, headers: Readonly<Record<string, string>>, body: string): Buffer {
  const all = {
    host: `127.0.0.1:${port}`,
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}
