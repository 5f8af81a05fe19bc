import type { IncomingHttpHeaders } from 'node:http'
import { LIMITS, Problem } from '#std/index.ts'
import type { EdgeHandlers, EdgeInbound } from './edge.ts'
import {
  headersOf,
  learnParamHeaders,
  mentionsParamHeaders,
  outlineOf,
  parseJson,
  asRecord,
  type Outline,
  type ParamHeaders,
} from './message-outline.ts'
import { MessageReply, type Ended } from './message-reply.ts'
import { isMissingParamHeader, rpcErrorOf } from './rpc-error.ts'

/** Why the line to a client is ended by us. */
export type EndReason = 'unauthenticated' | 'session-ended' | 'overloaded' | 'stopping'

/** The line to the client: a WebSocket, or an event stream. */
export interface Outlet {
  /** Sends one JSON-RPC message. False asks to pause until the conversation hears `drained`. */
  send(json: string): boolean
  end(reason: EndReason): void
}

export interface ConversationOptions {
  /** Whose it is and which endpoint it is about: the request that opened it, its path that of the endpoint. */
  readonly head: Omit<EdgeInbound, 'body'>
  readonly gateway: EdgeHandlers['gateway']
  readonly outlet: Outlet
}

/**
 * A client that says one message after the other on one line. Each goes the way of a POST, with the credential that
 * opened the line, so that nothing is decided here; answers, notifications and questions come back as messages.
 */
export interface Conversation {
  take(body: Buffer): void
  drained(): void
  /** Takes no request more, and ends the line when those under way are answered. */
  drain(): void
  /** The line is gone: what is under way is cancelled, and the session ends. */
  close(): void
}

/** A message under way. */
interface Pending {
  readonly body: Buffer
  readonly outline: Outline
  /** What it waits for; null between two tries. */
  reply: MessageReply | null
  resumes: number
  hasLearned: boolean
  /** The client has taken it back: no answer is owed. */
  isCancelled: boolean
}

const JSON_AND_EVENTS = 'application/json, text/event-stream'

export function createConversation({ head, gateway, outlet }: ConversationOptions): Conversation {
  return new OpenConversation(head, gateway, outlet)
}

class OpenConversation implements Conversation {
  readonly #head: Omit<EdgeInbound, 'body'>
  readonly #gateway: EdgeHandlers['gateway']
  readonly #outlet: Outlet
  readonly #headers: IncomingHttpHeaders
  readonly #pending = new Set<Pending>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #paramHeaders: ParamHeaders = new Map()
  #requests = 0
  #notices = 0
  /** What `initialize` brought: the session as its header says it, and the revision agreed on. */
  #session: string | null = null
  #version: string | null = null
  #listening: MessageReply | null = null
  #listenFailures = 0
  #lastEventId: string | null = null
  #isStopping = false
  #isOver = false

  constructor(head: Omit<EdgeInbound, 'body'>, gateway: EdgeHandlers['gateway'], outlet: Outlet) {
    this.#head = head
    this.#gateway = gateway
    this.#outlet = outlet
    const { authorization } = head.headers
    this.#headers = authorization === undefined ? {} : { authorization }
  }

  take(body: Buffer): void {
    if (this.#isOver) return
    const outline = outlineOf(body.toString('utf8'))
    const isRequest = outline.kind === 'request'
    if (isRequest && this.#isStopping) return this.#refuse(outline, STOPPING)
    if (isRequest && this.#requests >= LIMITS.conversationRequestsMax) return this.#refuse(outline, TOO_MANY)
    // A notice has no answer that could refuse it.
    if (!isRequest && this.#notices >= LIMITS.conversationNoticesMax) return this.#outlet.end('overloaded')
    if (outline.method === 'notifications/cancelled') this.#cancel(outline)
    // A connection of the stateless era cancels by closing its stream: there is nothing to pass on.
    if (outline.method === 'notifications/cancelled' && outline.version !== null) return
    this.#start({ body, outline, reply: null, resumes: 0, hasLearned: false, isCancelled: false })
  }

  drained(): void {
    for (const { reply } of this.#pending) reply?.drained()
    this.#listening?.drained()
  }

  drain(): void {
    this.#isStopping = true
    this.#endIfIdle()
  }

  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const timer of this.#timers) clearTimeout(timer)
    for (const { reply, outline } of this.#pending) {
      // Within a session a client that goes may come back for its answer: this one does not.
      if (this.#session !== null && outline.kind === 'request' && outline.version === null) this.#sayCancelled(outline)
      reply?.leave()
    }
    this.#pending.clear()
    this.#listening?.leave()
    this.#endSession()
  }

  #start(pending: Pending): void {
    if (!this.#pending.has(pending)) this.#enter(pending)
    const { outline, body } = pending
    this.#ask(pending, 'POST', { ...this.#legacyHeaders(outline), ...headersOf(outline, this.#paramHeaders) }, body)
  }

  #ask(pending: Pending, method: 'POST' | 'GET', headers: IncomingHttpHeaders, body: Buffer): void {
    pending.reply = new MessageReply(
      (json) => this.#outlet.send(json),
      (ended) => this.#finish(pending, ended),
    )
    this.#hand(method, headers, body, pending.reply)
  }

  #hand(method: string, headers: IncomingHttpHeaders, body: Buffer, reply: MessageReply): void {
    const { path, remoteAddress } = this.#head
    const basic = method === 'POST' ? { 'content-type': 'application/json', accept: JSON_AND_EVENTS } : { accept: 'text/event-stream' }
    void this.#gateway({ method, path, query: '', remoteAddress, body, headers: { ...this.#headers, ...basic, ...headers } }, reply)
  }

  /** A message of the older era, other than the first, belongs to a session. */
  #legacyHeaders({ version, method }: Pick<Outline, 'version' | 'method'>): IncomingHttpHeaders {
    if (version !== null || method === 'initialize') return {}
    return {
      ...(this.#session === null ? {} : { 'mcp-session-id': this.#session }),
      ...(this.#version === null ? {} : { 'mcp-protocol-version': this.#version }),
    }
  }

  #finish(pending: Pending, ended: Ended): void {
    if (this.#isOver) return
    pending.reply = null
    if (this.#goesOn(pending, ended)) return
    this.#leave(pending)
    this.#answer(pending, ended)
    this.#endIfIdle()
  }

  /** Whether the same message is asked once more: where its stream ended early, or with headers that were not known. */
  #goesOn(pending: Pending, ended: Ended): boolean {
    const { outline } = pending
    if (outline.kind !== 'request' || pending.isCancelled) return false
    if (!pending.hasLearned && isMissingParamHeader(ended) && outline.version !== null) {
      pending.hasLearned = true
      this.#learn(pending, null, 0)
      return true
    }
    const isEarly = ended.isStream && outline.version === null && !isAnswer(ended.lastMessage, outline.id)
    if (!isEarly || ended.lastEventId === null || pending.resumes >= LIMITS.streamResumesMax) return false
    pending.resumes++
    const headers = { ...this.#legacyHeaders(outline), 'last-event-id': ended.lastEventId }
    this.#later(ended.retryMs ?? LIMITS.streamResumeMsDefault, () => {
      if (this.#pending.has(pending)) this.#ask(pending, 'GET', headers, NO_BODY)
    })
    return true
  }

  #answer({ outline, isCancelled }: Pending, ended: Ended): void {
    const { status, body, isStream, lastMessage } = ended
    if (outline.method === 'initialize' && status === 200) this.#adopt(ended)
    if (outline.method === 'notifications/initialized' && status > 0 && status < 300) this.#listen()
    if (outline.method === 'tools/list' && mentionsParamHeaders(isStream ? lastMessage : body))
      learnParamHeaders(isStream ? lastMessage : body, this.#paramHeaders)
    const isOwed = outline.kind === 'request' && !isCancelled
    if (isStream) {
      if (isOwed && !isAnswer(lastMessage, outline.id)) this.#refuse(outline, NO_ANSWER)
      return
    }
    if (isOwed && status < 300 && body !== '') return void this.#outlet.send(body)
    // Of a message that could not be read nobody knows whether it wanted an answer (JSON-RPC 2.0 §5).
    if (isOwed || outline.kind === 'unreadable') this.#outlet.send(rpcErrorOf(outline.id, ended))
    if (status === 401) this.#outlet.end('unauthenticated')
    else if (status === 404 && outline.version === null && this.#session !== null) this.#outlet.end('session-ended')
  }

  /** Takes over the session that an answer to `initialize` opened; one before it ends. */
  #adopt({ headers, body, lastMessage, isStream }: Ended): void {
    const result = asRecord(asRecord(parseJson(isStream ? lastMessage : body))?.['result'])
    if (result === null) return
    this.#listening?.leave()
    this.#listening = null
    this.#endSession()
    const place = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'mcp-session-id')
    this.#session = place < 0 ? null : headers[place + 1]!
    const version = result['protocolVersion']
    this.#version = typeof version === 'string' ? version : null
    this.#lastEventId = null
  }

  /** Opens the stream on which a session hears what belongs to no request. */
  #listen(): void {
    if (this.#session === null || this.#listening !== null || this.#isStopping) return
    const reply = new MessageReply(
      (json) => {
        this.#listenFailures = 0
        return this.#outlet.send(json)
      },
      (ended) => {
        this.#listening = null
        this.#lastEventId = ended.lastEventId ?? this.#lastEventId
        this.#listenAgain(ended)
      },
    )
    this.#listening = reply
    const resume: IncomingHttpHeaders = this.#lastEventId === null ? {} : { 'last-event-id': this.#lastEventId }
    this.#hand('GET', { ...this.#legacyHeaders({ version: null, method: '' }), ...resume }, NO_BODY, reply)
  }

  #listenAgain({ status, isStream, retryMs }: Ended): void {
    if (this.#isOver || this.#isStopping) return
    // A server may have no such stream (405); a session that is unknown by now has ended.
    if (!isStream && status >= 400 && status < 500) return status === 404 ? this.#outlet.end('session-ended') : undefined
    if (!isStream && ++this.#listenFailures > LIMITS.streamFailuresMax) return
    this.#later((retryMs ?? LIMITS.streamResumeMsDefault) * 2 ** this.#listenFailures, () => this.#listen())
  }

  /** Asks for the tools, page by page, to know which arguments are headers; then asks again what was refused for it. */
  #learn(pending: Pending, cursor: string | null, page: number): void {
    const params = { _meta: pending.outline.params['_meta'], ...(cursor === null ? {} : { cursor }) }
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 'param-headers', method: 'tools/list', params }))
    const outline: Outline = { ...pending.outline, method: 'tools/list', params }
    pending.reply = new MessageReply(
      () => true,
      (ended) => {
        if (this.#isOver) return
        const next = learnParamHeaders(ended.isStream ? ended.lastMessage : ended.body, this.#paramHeaders)
        if (next !== null && page + 1 < LIMITS.listPagesMax) this.#learn(pending, next, page + 1)
        else this.#start(pending)
      },
    )
    this.#hand('POST', headersOf(outline, this.#paramHeaders), body, pending.reply)
  }

  #cancel({ params, version }: Outline): void {
    for (const pending of this.#pending) {
      if (pending.outline.kind !== 'request' || pending.outline.id !== params['requestId']) continue
      pending.isCancelled = true
      // Within a session the endpoint is told; where there is none, only by our going does it hear of it.
      if (version === null && this.#session !== null) continue
      pending.reply?.leave()
      this.#leave(pending)
      this.#endIfIdle()
    }
  }

  #sayCancelled({ id }: Outline): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } }))
    this.#hand('POST', this.#legacyHeaders({ version: null, method: '' }), body, new MessageReply(() => true, ignore))
  }

  #endSession(): void {
    if (this.#session === null) return
    const headers = this.#legacyHeaders({ version: null, method: '' })
    this.#session = null
    this.#hand('DELETE', headers, NO_BODY, new MessageReply(() => true, ignore))
  }

  #refuse({ id }: Outline, problem: Problem): void {
    this.#outlet.send(JSON.stringify({ jsonrpc: '2.0', id, error: problem.toRpcError() }))
  }

  #enter(pending: Pending): void {
    this.#pending.add(pending)
    if (pending.outline.kind === 'request') this.#requests++
    else this.#notices++
  }

  #leave(pending: Pending): void {
    if (!this.#pending.delete(pending)) return
    if (pending.outline.kind === 'request') this.#requests--
    else this.#notices--
  }

  #endIfIdle(): void {
    if (this.#isStopping && !this.#isOver && this.#pending.size === 0) this.#outlet.end('stopping')
  }

  #later(ms: number, run: () => void): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer)
        if (!this.#isOver) run()
      },
      Math.min(Math.max(ms, LIMITS.streamResumeMsMin), LIMITS.streamResumeMsMax),
    )
    timer.unref()
    this.#timers.add(timer)
  }
}

const NO_BODY = Buffer.alloc(0)
const ignore = (): void => {}

const STOPPING = new Problem('overloaded', 'This server is stopping.', {
  remedy: 'Connect again in a moment.',
  extensions: { retryAfterSeconds: 1 },
})
const TOO_MANY = new Problem('overloaded', `This connection has ${LIMITS.conversationRequestsMax} requests under way.`, {
  remedy: 'Wait for some of them to end.',
  extensions: { retryAfterSeconds: 1 },
})
const NO_ANSWER = new Problem('upstream-failed', 'The stream of this request ended without an answer.')

function isAnswer(json: string, id: Outline['id']): boolean {
  const message = json === '' ? null : asRecord(parseJson(json))
  return message !== null && message['method'] === undefined && message['id'] === id
}
