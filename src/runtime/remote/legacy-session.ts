import { LIMITS } from '#std/index.ts'
import type { InputRequest, UpstreamInfo, UpstreamRequest } from '../model.ts'
import { isDeclared, isInputMethod } from '../process/declared-input.ts'
import { legacyInput } from '../process/stdio-wire.ts'
import { tell, type Carrier } from './carrier.ts'
import type { Link } from './link.ts'
import { dispatchToCall } from './peer.ts'
import type { InboundMessage } from './rpc-exchange.ts'
import { SessionStream } from './session-stream.ts'

const METHOD_NOT_FOUND = -32601
const INTERNAL_ERROR = -32603

/** A request of a server to a client. */
export interface ServerRequest {
  /** As the server chose it. */
  readonly id: string | number
  readonly input: InputRequest
  readonly bytes: number
}

/** A call as its session sees it. */
export interface SessionCall {
  /** Of the request to the server. */
  readonly id: number
  readonly request: UpstreamRequest
  /** Takes what the server asks its client; false when it cannot be asked that much. */
  ask(question: ServerRequest): boolean
  /** The server no longer wants to know. */
  withdraw(id: unknown): void
}

export interface LegacySessionOptions {
  readonly link: Link
  readonly carrier: Carrier
  readonly info: UpstreamInfo
  /** The client capabilities that the server was told of. */
  readonly declared: Readonly<Record<string, unknown>>
  /** It is nobody's in particular: what the server says in it may be told to everybody. */
  readonly isShared: boolean
}

/** Notifications from the session of one client that say nothing about it. */
const PASSED_ON: ReadonlySet<string> = new Set([
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
  'notifications/resources/updated',
  'notifications/elicitation/complete',
])

/** What `initialize` established, and the calls in it. */
export class LegacySession {
  readonly carrier: Carrier
  readonly info: UpstreamInfo
  readonly calls = new Set<SessionCall>()
  /** The least severe level that the server was told to send here. */
  logLevel: string | null = null
  readonly #options: LegacySessionOptions
  readonly #stream: SessionStream | null
  /** Asked before the first call, in which somebody can be asked. */
  #early: ServerRequest[] | null

  constructor(options: LegacySessionOptions) {
    const { carrier, info, declared } = options
    this.carrier = carrier
    this.info = info
    this.#options = options
    this.#early = this.isInteractive ? [] : null
    carrier.onMessage = (inbound) => this.hear(inbound, null)
    const hasStream = Object.keys(declared).length > 0 && carrier.hasSession && !carrier.hasOneStream
    this.#stream = hasStream ? new SessionStream(carrier, () => this.calls.size > 0) : null
  }

  /** The client of this session can be asked something. */
  get isInteractive(): boolean {
    return Object.keys(this.#options.declared).length > 0
  }

  /** Resolves when the server can ask, as far as it wants to be able to; never rejects. */
  async ready(): Promise<void> {
    await this.#stream?.ready()
  }

  /** A call begins; what was asked before there was one is asked in it. */
  begin(call: SessionCall): void {
    this.calls.add(call)
    for (const question of this.#early ?? []) if (!call.ask(question)) this.#refuse(question.id, 'The client is asked too much already')
    this.#early = null
  }

  /** Takes what the server says: on the stream of a call, or (null) on that of the session. */
  hear(inbound: InboundMessage, own: SessionCall | null): void {
    if (inbound.id !== null) return this.#answer(inbound, inbound.id, own)
    const { method, params } = inbound
    if (method === 'notifications/progress') {
      for (const call of own === null ? this.calls : [own]) dispatchToCall(call.request, call.id, inbound)
    } else if (method === 'notifications/message') {
      // A message names no call: beside another one it could show somebody what that is about.
      const call = own ?? (this.carrier.hasOneStream ? this.#onlyCall() : null)
      if (call !== null) dispatchToCall(call.request, call.id, inbound)
    } else if (method === 'notifications/cancelled') {
      for (const call of own === null ? this.calls : [own]) call.withdraw(params['requestId'])
      this.#early = this.#early?.filter(({ id }) => id !== params['requestId']) ?? null
    } else if (this.#options.isShared || PASSED_ON.has(method)) this.#options.link.emit(method, params)
  }

  /** The server has ended it already. */
  abandon(): void {
    this.#stream?.end()
  }

  /** Ends the session at the server; never rejects. */
  async end(): Promise<void> {
    this.#stream?.end()
    await this.carrier.end()
  }

  /** A request of the server is passed to the client of the call that it belongs to, and never left without an answer. */
  #answer({ method, params, bytes }: InboundMessage, id: string | number, own: SessionCall | null): void {
    if (method === 'ping') return tell(this.carrier, { id, result: {} })
    const input = isInputMethod(method) ? legacyInput(method, params) : null
    if (input === null || !isDeclared(this.#options.declared, input))
      return tell(this.carrier, {
        id,
        error: { code: METHOD_NOT_FOUND, message: `This client does not support ${method.slice(0, LIMITS.nameLengthMax)}` },
      })
    const question: ServerRequest = { id, input, bytes }
    if (own === null && this.#early !== null && this.#early.length < LIMITS.serverRequestsMax) {
      this.#early.push(question)
      return
    }
    const call = own ?? this.#onlyCall()
    if (call === null)
      this.#refuse(id, this.calls.size === 0 ? 'No call is under way that this belongs to' : 'This does not say to which call it belongs')
    else if (!call.ask(question)) this.#refuse(id, 'The client is asked too much already')
  }

  #refuse(id: string | number, message: string): void {
    tell(this.carrier, { id, error: { code: INTERNAL_ERROR, message } })
  }

  #onlyCall(): SessionCall | null {
    if (this.calls.size !== 1) return null
    const [only = null] = this.calls
    return only
  }
}
