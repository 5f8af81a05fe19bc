import type { IncomingMessage } from 'node:http'
import { LIMITS } from '#std/index.ts'
import { parseJson } from './api-client.ts'
import {
  errorLine,
  headersOfMessage,
  isAnswerTo,
  isMissingHeader,
  learnTools,
  mentionsHeaders,
  readBridgeMessage,
  TRANSPORT_CODE,
  type AnnotatedTools,
  type BridgeMessage,
} from './bridge-message.ts'
import { EXIT, Failure } from './failure.ts'
import { readEvents, readText, send, type PlacedEvent } from './http-client.ts'
import { asRecord } from './mcp-client.ts'

export interface BridgeOptions {
  /** Address of the endpoint. */
  readonly url: URL
  /** Undefined: anonymous. */
  readonly key: string | undefined
  /** Writes one line to the client; resolves when there is room for the next. */
  write(line: string): Promise<void>
  /** Says something to whoever reads the log of the client. */
  say(text: string): void
}

/** A message under way. */
interface Pending {
  readonly message: BridgeMessage
  readonly abort: AbortController
  isCancelled: boolean
}

/** A session of the handshake era: what it was opened with, and what names it. */
interface Session {
  readonly id: string | undefined
  readonly version: string
}

/** What came of one POST or GET, read to its end. */
interface Exchange {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** The message that answers the request; undefined when there was none. */
  readonly answer: string | undefined
  /** The body where it is no message. */
  readonly text: string
  readonly lastId: string | undefined
  readonly retryMs: number | undefined
}

const BASIC = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

/**
 * One MCP client on lines, one endpoint over Streamable HTTP. Messages go on as they are; what HTTP needs beside them is
 * made here: headers from the body, the session and its stream, and a new session when the server has forgotten it.
 */
export class StdioBridge {
  readonly #options: BridgeOptions
  readonly #pending = new Set<Pending>()
  readonly #tools: AnnotatedTools = new Map()
  readonly #closing = new AbortController()
  readonly #failed = Promise.withResolvers<never>()
  #session: Session | null = null
  #initialize: BridgeMessage | null = null
  #renewal: Promise<boolean> | null = null
  #listening: AbortController | null = null
  #isProven = false

  constructor(options: BridgeOptions) {
    this.#options = options
    this.#failed.promise.catch(() => {})
  }

  /** Rejects with a `Failure` when nothing can be had from this server with this key: before anything has. */
  get failed(): Promise<never> {
    return this.#failed.promise
  }

  /** Takes a line of the client; null is one that was too long. Resolves when the next may follow, which is nearly always at once. */
  async take(line: string | null): Promise<void> {
    const message = line === null ? undefined : readBridgeMessage(line)
    if (message === undefined) return await this.#refuse(null, line === null ? TOO_LONG : NOT_JSON)
    if (message.method === 'notifications/cancelled' && this.#cancel(message)) return
    if (message.kind === 'request' && this.#pending.size >= LIMITS.conversationRequestsMax)
      return await this.#refuse(message.id, { code: 5033, message: 'Too many requests are under way.' })
    const done = this.#run(message).catch((error: unknown) => this.#failed.reject(error))
    // What follows the handshake must not overtake it.
    if (message.version === undefined && (message.method === 'initialize' || message.method === 'notifications/initialized')) await done
  }

  /** The client has gone: what is under way is cancelled, the session ends. */
  async close(): Promise<void> {
    const calls = [...this.#pending].filter(({ message }) => message.kind === 'request' && message.version === undefined)
    const session = this.#session
    this.#closing.abort()
    this.#listening?.abort()
    for (const { abort } of this.#pending) abort.abort()
    if (session?.id === undefined) return
    // Within a session a client that goes may come back for its answer: this one does not.
    const cancels = calls.map(({ message: { id } }) =>
      this.#last('POST', JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } })),
    )
    await Promise.all(cancels)
    await this.#last('DELETE')
  }

  async #run(message: BridgeMessage): Promise<void> {
    const pending: Pending = { message, abort: new AbortController(), isCancelled: false }
    this.#pending.add(pending)
    try {
      await this.#exchange(pending)
    } catch (error) {
      if (pending.isCancelled || this.#closing.signal.aborted) return
      if (!(error instanceof Failure)) throw error
      this.#options.say(`${error.message}: ${error.why ?? 'no reason is known'}`)
      if (message.kind === 'request')
        await this.#refuse(message.id, { code: TRANSPORT_CODE, message: `${error.message}. ${error.why ?? ''}`.trim() })
      if (!this.#isProven) this.#failed.reject(error)
    } finally {
      this.#pending.delete(pending)
    }
  }

  /** Carries a message over and its answer back; once more where the session was forgotten, or headers were missing. */
  async #exchange(pending: Pending): Promise<void> {
    const { message } = pending
    const session = this.#session
    let exchange = await this.#post(pending)
    if (exchange.status === 404 && message.version === undefined && session?.id !== undefined && message.method !== 'initialize') {
      if (await this.#renew(session)) exchange = await this.#post(pending)
    } else if (message.version !== undefined && isMissingHeader(exchange.answer ?? exchange.text)) {
      await this.#askForTools(pending)
      exchange = await this.#post(pending)
    }
    if (exchange.answer === undefined && exchange.status === 200 && message.version === undefined)
      exchange = await this.#resume(pending, exchange)
    await this.#finish(pending, exchange)
  }

  async #finish({ message, isCancelled }: Pending, { status, headers, answer, text }: Exchange): Promise<void> {
    const { id, kind, method, version } = message
    if (status < 300) this.#isProven = true
    if (answer !== undefined && method === 'initialize' && version === undefined) this.#adopt(message, headers, answer)
    if (answer !== undefined && method === 'tools/list' && mentionsHeaders(answer)) learnTools(answer, this.#tools)
    if (status < 300 && method === 'notifications/initialized' && version === undefined) this.#listen()
    if (kind !== 'request') {
      if (status >= 400) this.#options.say(`The server refused ${method === '' ? 'a response' : method}: ${errorLine(null, status, text)}`)
      return
    }
    if (isCancelled) return
    const line = answer ?? errorLine(id, status, status < 300 ? '{"title":"No answer","detail":"The answer ended before its end."}' : text)
    await this.#options.write(line)
    if (!this.#isProven) this.#failIfHopeless(status, line)
  }

  /** Without a credential that is good for this address, no message after the first would fare better. */
  #failIfHopeless(status: number, line: string): void {
    const error = asRecord(asRecord(parseJson(line))?.['error'])
    // A method that is not known says nothing about the address.
    if ((status !== 401 && status !== 403 && status !== 404) || error?.['code'] === -32601) return
    const remedy = asRecord(asRecord(error?.['data'])?.['problem'])?.['remedy']
    const why = typeof error?.['message'] === 'string' ? error['message'] : undefined
    this.#failed.reject(
      new Failure(EXIT.refused, `${this.#options.url.href} is not for this key`, {
        why,
        remedy: typeof remedy === 'string' ? remedy : 'sallyport whoami',
      }),
    )
  }

  async #post({ message, abort }: Pending): Promise<Exchange> {
    const headers = { ...this.#sessionHeaders(message), ...headersOfMessage(message, this.#tools) }
    return await this.#ask(message, abort.signal, 'POST', headers)
  }

  /** A stream that ended early is taken up again where it ended (2025-11-25, transports, resumability). */
  async #resume({ message, abort }: Pending, first: Exchange): Promise<Exchange> {
    let exchange = first
    for (let tries = 0; tries < LIMITS.streamResumesMax; tries++) {
      const { answer, status, lastId, retryMs } = exchange
      if (answer !== undefined || status !== 200 || lastId === undefined) break
      await pause(retryMs ?? LIMITS.streamResumeMsDefault, abort.signal)
      const next = await this.#ask(message, abort.signal, 'GET', { ...this.#sessionHeaders(message), 'last-event-id': lastId })
      exchange = { ...next, lastId: next.lastId ?? lastId, retryMs: next.retryMs ?? retryMs }
    }
    return exchange
  }

  async #ask(
    message: BridgeMessage,
    signal: AbortSignal,
    method: 'POST' | 'GET',
    headers: Readonly<Record<string, string>>,
  ): Promise<Exchange> {
    const body = method === 'POST' ? { body: message.text } : {}
    const incoming = await this.#send({ method, headers, silenceMsMax: LIMITS.deadlineMsMax, signal, ...body })
    const status = incoming.statusCode ?? 0
    if (!isStream(incoming)) {
      const text = await readText(incoming, this.#options.url)
      const isMessage = asRecord(parseJson(text))?.['jsonrpc'] === '2.0' && isAnswerTo(message.id, text)
      return {
        status,
        headers: incoming.headers,
        answer: isMessage ? oneLine(text) : undefined,
        text,
        lastId: undefined,
        retryMs: undefined,
      }
    }
    let last: PlacedEvent | undefined
    for await (const event of readEvents(incoming, this.#options.url)) {
      last = event
      if (event.data === '') continue
      if (isAnswerTo(message.id, event.data))
        return { status, headers: incoming.headers, answer: oneLine(event.data), text: '', lastId: event.lastId, retryMs: event.retryMs }
      await this.#options.write(oneLine(event.data))
    }
    return { status, headers: incoming.headers, answer: undefined, text: '', lastId: last?.lastId, retryMs: last?.retryMs }
  }

  /** A request that no server has taken is sent again, for a while: it may be starting. */
  async #send(
    request: Omit<Parameters<typeof send>[1], 'headers'> & { headers: Readonly<Record<string, string>> },
  ): Promise<IncomingMessage> {
    const { key, url } = this.#options
    const basic = request.method === 'POST' ? BASIC : { accept: 'text/event-stream' }
    const headers = { ...basic, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...request.headers }
    for (let tries = 1; ; tries++) {
      try {
        return await send(url, { ...request, headers })
      } catch (error) {
        const { code } = ((error as Failure).cause ?? {}) as NodeJS.ErrnoException
        if (code !== 'ECONNREFUSED' || tries >= LIMITS.connectTriesMax) throw error
        await pause(LIMITS.connectRetryMs, request.signal)
      }
    }
  }

  #sessionHeaders({ method, version }: Pick<BridgeMessage, 'method' | 'version'>): Record<string, string> {
    if (version !== undefined || method === 'initialize' || this.#session === null) return {}
    const { id, version: agreed } = this.#session
    return { 'mcp-protocol-version': agreed, ...(id === undefined ? {} : { 'mcp-session-id': id }) }
  }

  #adopt(message: BridgeMessage, headers: IncomingMessage['headers'], answer: string): void {
    const version = asRecord(asRecord(parseJson(answer))?.['result'])?.['protocolVersion']
    if (typeof version !== 'string') return
    const id = headers['mcp-session-id']
    this.#initialize = message
    this.#session = { id: typeof id === 'string' ? id : undefined, version }
    this.#listening?.abort()
    this.#listening = null
  }

  /** Opens a session in place of one that the server has forgotten; the client hears nothing of it. True when there is a new one. */
  async #renew(before: Session): Promise<boolean> {
    if (this.#session !== before) return true
    this.#renewal ??= this.#handshake().finally(() => (this.#renewal = null))
    return await this.#renewal
  }

  async #handshake(): Promise<boolean> {
    const opening = this.#initialize
    if (opening === null) return false
    this.#options.say('The session has ended; a new one is opened')
    const opened = await this.#ask(opening, this.#closing.signal, 'POST', {})
    if (opened.answer === undefined) return false
    this.#adopt(opening, opened.headers, opened.answer)
    const confirm = readBridgeMessage('{"jsonrpc":"2.0","method":"notifications/initialized"}')!
    await this.#ask(confirm, this.#closing.signal, 'POST', this.#sessionHeaders(confirm))
    this.#listen()
    return true
  }

  /** Keeps the stream open on which a session hears what belongs to no request. */
  #listen(): void {
    if (this.#session?.id === undefined || this.#listening !== null || this.#closing.signal.aborted) return
    const listening = new AbortController()
    this.#listening = listening
    void this.#keepListening(listening.signal, this.#session).catch((error: unknown) => {
      if (!listening.signal.aborted) this.#options.say(`Notifications are not heard any more: ${(error as Error).message}`)
    })
  }

  async #keepListening(signal: AbortSignal, session: Session): Promise<void> {
    let lastId: string | undefined
    let pauseMs: number = LIMITS.streamResumeMsDefault
    for (let failures = 0; failures <= LIMITS.streamFailuresMax && !signal.aborted;) {
      try {
        const headers = {
          ...this.#sessionHeaders({ method: '', version: undefined }),
          ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
        }
        const incoming = await this.#send({ method: 'GET', headers, silenceMsMax: LIMITS.connectSilenceMs, signal })
        const status = incoming.statusCode ?? 0
        if (!isStream(incoming)) {
          incoming.resume()
          if (status === 404) return void (await this.#renew(session))
          // A server may have no such stream.
          if (status < 500) return
          failures++
        } else {
          failures = 0
          for await (const event of readEvents(incoming, this.#options.url)) {
            ;[lastId, pauseMs] = [event.lastId ?? lastId, event.retryMs ?? pauseMs]
            if (event.data !== '') await this.#options.write(oneLine(event.data))
          }
        }
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof Failure)) throw error
        failures++
      }
      await pause(Math.min(pauseMs * 2 ** failures, LIMITS.streamResumeMsMax), signal)
    }
  }

  /** Which arguments are headers stands in the list of tools, which the client may not have asked for. */
  async #askForTools({ message, abort }: Pending): Promise<void> {
    let cursor: string | undefined
    for (let page = 0; page < LIMITS.listPagesMax; page++) {
      const params = { _meta: message.params['_meta'], ...(cursor === undefined ? {} : { cursor }) }
      const asked = readBridgeMessage(JSON.stringify({ jsonrpc: '2.0', id: 'connect-tools', method: 'tools/list', params }))!
      const { answer } = await this.#ask(asked, abort.signal, 'POST', headersOfMessage(asked, this.#tools))
      cursor = answer === undefined ? undefined : learnTools(answer, this.#tools)
      if (cursor === undefined) return
    }
  }

  /** True when nothing is to be passed on: over HTTP a request of the stateless era is cancelled by closing its stream. */
  #cancel({ params, version }: BridgeMessage): boolean {
    const isTold = version === undefined && this.#session?.id !== undefined
    for (const pending of this.#pending) {
      if (pending.message.kind !== 'request' || pending.message.id !== params['requestId']) continue
      pending.isCancelled = true
      if (!isTold) pending.abort.abort()
    }
    return !isTold
  }

  /** A last word, which the end does not wait for long. */
  async #last(method: 'POST' | 'DELETE', body?: string): Promise<void> {
    const signal = AbortSignal.timeout(LIMITS.connectCloseMs)
    const headers = this.#sessionHeaders({ method: '', version: undefined })
    try {
      const { key, url } = this.#options
      const all = { ...BASIC, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...headers }
      const incoming = await send(url, {
        method,
        headers: all,
        silenceMsMax: LIMITS.connectCloseMs,
        signal,
        ...(body === undefined ? {} : { body }),
      })
      incoming.resume()
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      this.#options.say(`The session was not ended: ${error.message}`)
    }
  }

  #refuse(id: BridgeMessage['id'], error: { readonly code: number; readonly message: string }): Promise<void> {
    return this.#options.write(JSON.stringify({ jsonrpc: '2.0', id, error }))
  }
}

const TOO_LONG = { code: 4130, message: `The line is longer than ${LIMITS.lineBytesMax} bytes.` }
const NOT_JSON = { code: -32700, message: 'The line is not one JSON object.' }

const isStream = ({ headers, statusCode }: IncomingMessage): boolean =>
  statusCode === 200 && (headers['content-type'] ?? '').startsWith('text/event-stream')

/** A message must not hold the end of a line; within JSON one is a space. */
const oneLine = (json: string): string => (/[\r\n]/.test(json) ? json.replaceAll(/[\r\n]+/g, ' ') : json)

/** Rejects with a `Failure` when it is aborted. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(new Failure(EXIT.unreachable, 'It was stopped'))
    }
    if (signal?.aborted === true) return reject(new Failure(EXIT.unreachable, 'It was stopped'))
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
