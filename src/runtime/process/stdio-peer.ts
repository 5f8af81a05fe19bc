import type { Readable, Writable } from 'node:stream'
import { META, MODERN_VERSIONS } from '#protocol/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import type { Era, PendingAnswer, UpstreamAnswer, UpstreamInfo, UpstreamRequest } from '../model.ts'
import { createLineReader } from './line-reader.ts'

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
  /** The server broke the transport beyond repair; it must be stopped. */
  readonly onFatal: (problem: Problem) => void
}

interface Pending {
  readonly request: UpstreamRequest
  readonly timer: NodeJS.Timeout
  readonly resolve: (answer: UpstreamAnswer) => void
  readonly reject: (problem: Problem) => void
}

/** Stays open as long as the process lives (2026-07-28, subscriptions). */
export const LISTEN = 'subscriptions/listen'
/** Longer waits than this overflow a timer. */
const TIMER_MS_MAX = 2 ** 31 - 1
const METHOD_NOT_FOUND = -32601
const INTERNAL_CODE = -32603

/** JSON-RPC over the standard streams of one process: many callers, one id space of ours. */
export class StdioPeer {
  readonly #options: StdioPeerOptions
  readonly #pending = new Map<number, Pending>()
  readonly #receive: (message: Json) => boolean
  #lastId = 0
  #era: Era = 'modern'
  #protocolVersion: string = MODERN_VERSIONS[0]
  #hasLogging = false
  #logLevel: string | undefined
  #closed: Problem | null = null

  constructor(options: StdioPeerOptions) {
    this.#options = options
    const { name, stdin, stdout } = options
    this.#receive = createReceiver({
      settle: (id) => this.#settle(id),
      callOf: (token) => (typeof token === 'number' ? this.#pending.get(token)?.request : undefined),
      onlyCall: () => this.#onlyCall(),
      write: (message) => this.#write(message),
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
  request(request: UpstreamRequest): PendingAnswer {
    const { name, stdin, now, clientInfo } = this.#options
    if (this.#closed !== null) return refuse(this.#closed)
    if (this.#pending.size >= LIMITS.upstreamQueueMax || stdin.writableLength > LIMITS.stdinBufferBytesMax) {
      return refuse(new Problem('overloaded', `${name} does not read its requests fast enough.`))
    }
    if (this.#era === 'legacy' && request.logLevel !== undefined) this.#setLogLevel(request.logLevel)
    const id = ++this.#lastId
    const waitMs = Math.min(TIMER_MS_MAX, Math.max(0, request.deadlineAtMs - now()))
    const answer = new Promise<UpstreamAnswer>((resolve, reject) => {
      const timer = setTimeout(() => this.#abandon(id, 'deadline', tooLate(name, request.method, waitMs)), waitMs)
      this.#pending.set(id, { request, timer, resolve, reject })
    })
    this.#write({ id, method: request.method, params: wireParams(request, id, this.#era, this.#protocolVersion, clientInfo) })
    return {
      answer,
      cancel: (reason) => this.#abandon(id, reason, new Problem('upstream-failed', `The call was cancelled: ${reason}.`)),
    }
  }

  notify(method: string, params: Json): void {
    this.#write({ method, params })
  }

  /** From now on requests are written as this era wants them. */
  speak(info: Pick<UpstreamInfo, 'era' | 'protocolVersion' | 'capabilities'>): void {
    this.#era = info.era
    this.#protocolVersion = info.protocolVersion
    this.#hasLogging = info.capabilities['logging'] !== undefined
  }

  /** Rejects everything that waits; nothing is sent after it. */
  close(problem: Problem): void {
    this.#closed ??= problem
    for (const id of this.#pending.keys()) this.#settle(id)?.reject(problem)
  }

  #write(message: Json): void {
    const { stdin } = this.#options
    if (this.#closed === null && stdin.writable) stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  }

  #settle(id: number): Pending | undefined {
    const entry = this.#pending.get(id)
    if (entry === undefined) return undefined
    this.#pending.delete(id)
    clearTimeout(entry.timer)
    return entry
  }

  #abandon(id: number, reason: string, problem: Problem): void {
    const entry = this.#settle(id)
    if (entry === undefined) return
    // The handshake must not be cancelled (2025-11-25, cancellation).
    if (entry.request.method !== 'initialize') this.#write({ method: 'notifications/cancelled', params: { requestId: id, reason } })
    entry.reject(problem)
  }

  #onlyCall(): UpstreamRequest | undefined {
    let only: UpstreamRequest | undefined
    for (const { request } of this.#pending.values()) {
      if (request.method === LISTEN) continue
      if (only !== undefined) return undefined
      only = request
    }
    return only
  }

  #readLine(line: string): void {
    if (line.trim() === '') return
    let parsed: unknown
    try {
      parsed = JSON.parse(line)
    } catch {
      // No JSON: noise like any other line that is no message.
      parsed = undefined
    }
    for (const message of Array.isArray(parsed) ? (parsed as unknown[]) : [parsed]) {
      if (!isObject(message) || message['jsonrpc'] !== '2.0' || !this.#receive(message)) this.#options.onNoise(line)
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

interface ReceiverPorts {
  readonly settle: (id: number) => Pending | undefined
  readonly callOf: (progressToken: unknown) => UpstreamRequest | undefined
  /** The call in flight when there is exactly one. */
  readonly onlyCall: () => UpstreamRequest | undefined
  readonly write: (message: Json) => void
  readonly onNotification: (method: string, params: Json) => void
}

/** Sorts what a server says; returns false for what is no message at all. Answers to unknown or settled ids are dropped. */
function createReceiver(ports: ReceiverPorts): (message: Json) => boolean {
  const answerServer = (id: unknown, method: string): void => {
    if (method === 'ping') ports.write({ id, result: {} })
    // We declare no client capability, so there is nothing a server may ask for.
    else ports.write({ id, error: { code: METHOD_NOT_FOUND, message: `${method} is not offered by this client` } })
  }
  const hear = (method: string, params: Json): void => {
    if (method === 'notifications/progress') {
      const { progressToken, ...rest } = params
      ports.callOf(progressToken)?.onProgress?.(rest)
    } else if (method === 'notifications/message') {
      // A log message names no call: with several in flight it could show one caller what another one did.
      ports.onlyCall()?.onLog?.(params)
    } else ports.onNotification(method, params)
  }
  return (message) => {
    const { id, method } = message
    if (typeof method === 'string') {
      if (id === undefined) hear(method, isObject(message['params']) ? message['params'] : {})
      else answerServer(id, method)
      return true
    }
    if (message['result'] === undefined && message['error'] === undefined) return false
    if (typeof id === 'number') ports.settle(id)?.resolve(readAnswer(message))
    return true
  }
}

function readAnswer(message: Json): UpstreamAnswer {
  const { result, error } = message
  if (isObject(result)) return { ok: true, result }
  if (!isObject(error))
    return { ok: false, error: { code: INTERNAL_CODE, message: 'The server answered with something that is not an object.' } }
  const code = typeof error['code'] === 'number' ? error['code'] : INTERNAL_CODE
  const message_ = typeof error['message'] === 'string' ? error['message'] : 'The server gave no message.'
  return { ok: false, error: { code, message: message_, ...(error['data'] === undefined ? {} : { data: error['data'] }) } }
}

/** The parameters with the envelope of the era (2026-07-28, basic, _meta) and a progress token of ours. */
function wireParams(request: UpstreamRequest, id: number, era: Era, protocolVersion: string, clientInfo: Json): Json {
  const given = request.params['_meta']
  const meta: Json = isObject(given) ? { ...given } : {}
  delete meta['progressToken']
  if (request.onProgress !== undefined) meta['progressToken'] = id
  if (request.traceparent !== undefined) meta['traceparent'] = request.traceparent
  if (era === 'modern' && request.method !== 'initialize') {
    meta[META.protocolVersion] = protocolVersion
    meta[META.clientCapabilities] = {}
    meta[META.clientInfo] = request.clientInfo ?? clientInfo
    if (request.logLevel !== undefined) meta[META.logLevel] = request.logLevel
  }
  return Object.keys(meta).length === 0 ? request.params : { ...request.params, _meta: meta }
}

const refuse = (problem: Problem): PendingAnswer => ({ answer: Promise.reject(problem), cancel: () => {} })

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
