import type { Readable, Writable } from 'node:stream'
import { MODERN_VERSIONS } from '#protocol/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import type { Era, PendingAnswer, UpstreamAnswer, UpstreamInfo, UpstreamRequest } from '../model.ts'
import { isObject } from './declared-input.ts'
import { createLineReader } from './line-reader.ts'
import { type CallTerms, createReceiver, type Receive, type RpcId, type ServerRequest } from './stdio-receiver.ts'
import { readAnswer, wireParams } from './stdio-wire.ts'

type Json = Record<string, unknown>

export interface StdioPeerOptions {
  /** For the words of problems. */
  readonly name: string
  readonly stdin: Writable
  readonly stdout: Readable
  readonly now: () => number
  readonly clientInfo: Json
  /** A line on stdout that is no JSON-RPC message. */
  readonly onNoise: (line: string) => void
  /** A notification that belongs to no call. */
  readonly onNotification: (method: string, params: Json) => void
  /** A request of a legacy server; true when it will be responded to. Otherwise the server is told that it is not offered. */
  readonly onRequest?: (request: ServerRequest) => boolean
  /** The server broke the transport beyond repair; it must be stopped. */
  readonly onFatal: (problem: Problem) => void
}

export interface StdioCall extends PendingAnswer {
  /** Somebody else waits from now on. A call that is over is left as it is. */
  takeOver(terms: CallTerms): void
}

interface Pending {
  readonly request: UpstreamRequest
  readonly resolve: (answer: UpstreamAnswer) => void
  readonly reject: (problem: unknown) => void
  terms: CallTerms
  timer: NodeJS.Timeout
}

/** Stays open as long as the process lives (2026-07-28, subscriptions). */
export const LISTEN = 'subscriptions/listen'
/** Longer waits than this overflow a timer. */
const TIMER_MS_MAX = 2 ** 31 - 1

/** JSON-RPC over the standard streams of one process: many callers, one id space of ours. */
export class StdioPeer {
  readonly #options: StdioPeerOptions
  readonly #pending = new Map<number, Pending>()
  readonly #receive: Receive
  #lastId = 0
  #era: Era = 'modern'
  #protocolVersion: string = MODERN_VERSIONS[0]
  /** Whether the era is known, not only presumed. */
  #hasSpoken = false
  #hasLogging = false
  #logLevel: string | undefined
  #closed: Problem | null = null

  constructor(options: StdioPeerOptions) {
    this.#options = options
    const { name, stdin, stdout } = options
    this.#receive = createReceiver({
      answer: (id, message) => this.#answer(id, message),
      callOf: (id) => this.#pending.get(id)?.terms,
      onlyCall: () => this.#onlyCall(),
      mayRequest: () => !this.#hasSpoken || this.#era === 'legacy',
      onRequest: options.onRequest ?? (() => false),
      respond: (id, body) => this.respond(id, body),
      onNotification: options.onNotification,
    })
    const tooLong = (): void =>
      options.onFatal(new Problem('upstream-failed', `${name} wrote a line of more than ${LIMITS.lineBytesMax} bytes.`))
    stdout.on(
      'data',
      createLineReader(LIMITS.lineBytesMax, (line) => this.#readLine(line), tooLong),
    )
    // A server that died while we wrote is reported by its exit, which says more than EPIPE.
    stdin.on('error', () => {})
  }

  /** Sends a request with the era's envelope and an id of ours. */
  request(request: UpstreamRequest): StdioCall {
    const { name, clientInfo } = this.#options
    if (this.#closed !== null) return refuse(this.#closed)
    if (this.#pending.size >= LIMITS.upstreamQueueMax || this.#isBehind()) {
      return refuse(new Problem('overloaded', `${name} does not read its requests fast enough.`))
    }
    if (this.#era === 'legacy' && request.logLevel !== undefined) this.#setLogLevel(request.logLevel)
    const id = ++this.#lastId
    const answer = new Promise<UpstreamAnswer>((resolve, reject) => {
      this.#pending.set(id, { request, terms: request, resolve, reject, timer: this.#startTimer(id, request) })
    })
    this.#write({ id, method: request.method, params: wireParams(request, id, this.#era, this.#protocolVersion, clientInfo) })
    return {
      answer,
      cancel: (reason) => this.#abandon(id, reason, new Problem('upstream-failed', `The call was cancelled: ${reason}.`)),
      takeOver: (terms) => {
        const entry = this.#pending.get(id)
        if (entry === undefined) return
        clearTimeout(entry.timer)
        entry.terms = terms
        entry.timer = this.#startTimer(id, { ...terms, method: entry.request.method })
        if (this.#era === 'legacy' && terms.logLevel !== undefined) this.#setLogLevel(terms.logLevel)
      },
    }
  }

  notify(method: string, params: Json): void {
    this.#write({ method, params })
  }

  /** Answers a request of the server. One that asks without ever reading fills our memory, so it is stopped. */
  respond(id: RpcId, body: { readonly result: Json } | { readonly error: { readonly code: number; readonly message: string } }): void {
    if (this.#isBehind()) this.fail(new Problem('upstream-failed', `${this.#options.name} asks and does not read what it is answered.`))
    else this.#write({ id, ...body })
  }

  /** Has the server stopped, and believes nothing more of what it says. */
  fail(problem: Problem): void {
    this.close(problem)
    this.#options.onFatal(problem)
  }

  /** Whether calls are under way that a server could ask for something. */
  isCalled(methods: ReadonlySet<string>): boolean {
    for (const { request } of this.#pending.values()) if (methods.has(request.method)) return true
    return false
  }

  /** From now on requests are written as this era wants them. */
  speak(info: Pick<UpstreamInfo, 'era' | 'protocolVersion' | 'capabilities'>): void {
    this.#era = info.era
    this.#protocolVersion = info.protocolVersion
    this.#hasSpoken = true
    this.#hasLogging = info.capabilities['logging'] !== undefined
  }

  /** Rejects everything that waits; nothing is sent after it. */
  close(problem: Problem): void {
    this.#closed ??= problem
    for (const id of this.#pending.keys()) this.#settle(id)?.reject(problem)
  }

  #isBehind(): boolean {
    return this.#options.stdin.writableLength > LIMITS.stdinBufferBytesMax
  }

  #write(message: Json): void {
    const { stdin } = this.#options
    if (this.#closed === null && stdin.writable) stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  }

  #startTimer(id: number, { deadlineAtMs, method }: Pick<UpstreamRequest, 'deadlineAtMs' | 'method'>): NodeJS.Timeout {
    const waitMs = Math.min(TIMER_MS_MAX, Math.max(0, deadlineAtMs - this.#options.now()))
    return setTimeout(() => this.#abandon(id, 'deadline', tooLate(this.#options.name, method, waitMs)), waitMs)
  }

  #settle(id: number): Pending | undefined {
    const entry = this.#pending.get(id)
    if (entry === undefined) return undefined
    this.#pending.delete(id)
    clearTimeout(entry.timer)
    return entry
  }

  #answer(id: number, message: Json): void {
    const entry = this.#settle(id)
    if (entry === undefined) return
    try {
      entry.resolve(readAnswer(this.#options.name, message, entry.request, this.#era))
    } catch (error) {
      entry.reject(error)
    }
  }

  #abandon(id: number, reason: string, problem: Problem): void {
    const entry = this.#settle(id)
    if (entry === undefined) return
    // The handshake must not be cancelled (2025-11-25, cancellation).
    if (entry.request.method !== 'initialize') this.#write({ method: 'notifications/cancelled', params: { requestId: id, reason } })
    entry.reject(problem)
  }

  #onlyCall(): CallTerms | undefined {
    let only: CallTerms | undefined
    for (const { request, terms } of this.#pending.values()) {
      if (request.method === LISTEN) continue
      if (only !== undefined) return undefined
      only = terms
    }
    return only
  }

  #readLine(line: string): void {
    if (this.#closed !== null || line.trim() === '') return
    let parsed: unknown
    try {
      parsed = JSON.parse(line)
    } catch {
      // No JSON: noise like any other line that is no message.
      parsed = undefined
    }
    for (const message of Array.isArray(parsed) ? (parsed as unknown[]) : [parsed]) {
      if (!isObject(message) || message['jsonrpc'] !== '2.0' || !this.#receive(message, line.length)) this.#options.onNoise(line)
    }
  }

  #setLogLevel(level: string): void {
    if (!this.#hasLogging || level === this.#logLevel) return
    this.#logLevel = level
    this.#write({ id: ++this.#lastId, method: 'logging/setLevel', params: { level } })
  }
}

function tooLate(name: string, method: string, waitMs: number): Problem {
  return new Problem('upstream-timeout', `${name} did not answer ${method} within ${waitMs} ms.`, {
    remedy: 'Try again, or raise deadlineMs of the deployment.',
  })
}

const refuse = (problem: Problem): StdioCall => ({ answer: Promise.reject(problem), cancel: () => {}, takeOver: () => {} })
