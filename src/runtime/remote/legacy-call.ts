import { LIMITS, Problem } from '#std/index.ts'
import type { InputRequest, UpstreamAnswer, UpstreamRequest } from '../model.ts'
import { tell } from './carrier.ts'
import type { LegacySession, ServerRequest, SessionCall } from './legacy-session.ts'
import type { Link } from './link.ts'
import type { WaitingCall } from './parking.ts'
import { EraDoubt, problemOfStatus, remainingMs } from './peer.ts'
import { readAnswer } from './read-answer.ts'
import { isObject, type RpcExchange, type RpcReply } from './rpc-exchange.ts'
import type { Ticket } from './ticket.ts'

const INTERNAL_ERROR = -32603

interface Question extends ServerRequest {
  /** The client has been told of it. */
  isAsked: boolean
}

/** The session of a call had ended before the call began: it may be made again in another one. */
export class SessionLost extends Error {
  readonly session: LegacySession

  constructor(session: LegacySession) {
    super('the session has ended')
    this.session = session
  }
}

export interface LegacyCallOptions {
  /** Where the session turns out to have ended, the call is to fail with `SessionLost`. */
  readonly isRepeatable: boolean
  readonly onEnd: () => void
}

/**
 * One call of a legacy server. When the server asks its client something, the call is parked: who made it gets the questions
 * as its answer, and whoever comes back with the answers goes on with it. It ends once, whatever the server says after.
 */
export class LegacyCall implements SessionCall, WaitingCall {
  readonly id: number
  /** Whose progress and log this is: of who waits now. */
  request: UpstreamRequest
  readonly #link: Link
  readonly #session: LegacySession
  readonly #exchange: RpcExchange
  readonly #onEnd: () => void
  readonly #isRepeatable: boolean
  readonly #questions = new Map<string, Question>()
  /** Ids of requests of the server that were taken: one that comes again is the same one. */
  readonly #taken = new Set<string>()
  #outcome: { readonly reply: RpcReply } | { readonly error: unknown } | null = null
  #heldBytes = 0
  #isParked = false
  #wasParked = false
  #wake: () => void = () => undefined
  #isWaking = false

  /** Sends the request. `onEnd` is called once, when the server has nothing to do for it any more. Throws `upstream-timeout` when it is too late. */
  constructor(link: Link, session: LegacySession, request: UpstreamRequest, { isRepeatable, onEnd }: LegacyCallOptions) {
    this.id = link.nextId()
    this.request = request
    this.#link = link
    this.#session = session
    this.#isRepeatable = isRepeatable
    this.#onEnd = onEnd
    const deadlineMs = remainingMs(link, request.deadlineAtMs)
    session.begin(this)
    const params =
      request.onProgress === undefined
        ? request.params
        : { ...request.params, _meta: { ...(request.params['_meta'] as object | undefined), progressToken: this.id } }
    this.#exchange = session.carrier.call({
      message: { jsonrpc: '2.0', id: this.id, method: request.method, params },
      id: this.id,
      deadlineMs,
      headers: request.traceparent === undefined ? [] : ['traceparent', request.traceparent],
      isTalk: session.isInteractive,
      onMessage: (inbound) => {
        if (this.#outcome === null) session.hear(inbound, this)
      },
    })
    this.#exchange.reply.then(
      (reply) => this.#end({ reply }),
      (error: unknown) => this.#end({ error }),
    )
  }

  /** Waits for what comes next: the answer, or questions of the server. */
  async follow(ticket: Ticket): Promise<UpstreamAnswer> {
    ticket.running = this
    while (this.#outcome === null && this.#questions.size === 0)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    const outcome = this.#outcome
    if (outcome === null) return this.#park()
    this.#leave()
    if ('error' in outcome) throw outcome.error
    if (this.#isRepeatable && !this.#wasParked && this.#session.carrier.isLostBy(outcome.reply)) throw new SessionLost(this.#session)
    return this.#read(outcome.reply)
  }

  ask(question: ServerRequest): boolean {
    const name = `${typeof question.id} ${question.id}`
    if (this.#taken.has(name)) return true
    if (this.#taken.size >= LIMITS.serverRequestsMax * LIMITS.inputRoundsMax || this.#questions.size >= LIMITS.serverRequestsMax)
      return false
    if (!this.#hold(question.bytes)) return false
    this.#taken.add(name)
    this.#questions.set(`input-${this.#taken.size}`, { ...question, isAsked: false })
    // What the server asks in one breath is asked together.
    if (!this.#isWaking) setImmediate(() => this.#wakeUp())
    this.#isWaking = true
    return true
  }

  withdraw(id: unknown): void {
    for (const [key, question] of this.#questions) if (question.id === id) this.#questions.delete(key)
  }

  questions(): Record<string, InputRequest> {
    const asked: Record<string, InputRequest> = {}
    for (const [key, question] of this.#questions) {
      question.isAsked = true
      asked[key] = question.input
    }
    return asked
  }

  give({ given, deadlineAtMs }: UpstreamRequest): boolean {
    const { responses = {} } = given ?? {}
    for (const [key, { id, isAsked }] of this.#questions) {
      const result = isAsked && Object.hasOwn(responses, key) ? responses[key] : undefined
      if (!isObject(result)) continue
      this.#questions.delete(key)
      this.#session.carrier.deliver({ jsonrpc: '2.0', id, result }, Math.max(1, deadlineAtMs - this.#link.now())).then(
        (reply) => (reply.status >= 400 ? this.#fail(problemOfStatus(this.#link, reply)) : undefined),
        (error: unknown) => this.#fail(error),
      )
    }
    return this.#outcome !== null || ![...this.#questions.values()].some(({ isAsked }) => isAsked)
  }

  async goOn(request: UpstreamRequest, ticket: Ticket): Promise<UpstreamAnswer> {
    this.request = request
    this.#isParked = false
    try {
      ticket.assertWanted()
      this.#exchange.endWithin(remainingMs(this.#link, request.deadlineAtMs))
    } catch (error) {
      this.stop('Nobody waits for it any more.')
      throw error
    }
    return this.follow(ticket)
  }

  /** Losing the connection does not cancel anything in this era; only saying so does. */
  stop(reason: string): void {
    if (this.#outcome === null) this.#sayCancelled(reason)
    this.#exchange.abort()
    this.#fail(new Problem('upstream-failed', `The call to ${this.#link.name} was given up: ${reason}`))
    this.#leave()
  }

  #park(): UpstreamAnswer {
    try {
      const answer = this.#link.parking.park(this, this.request)
      this.#isParked = true
      this.#wasParked = true
      // Who made the call has its answer; nothing more is told until somebody waits again.
      const { onProgress: _progress, onLog: _log, ...silent } = this.request
      this.request = silent
      this.#exchange.endWithin(LIMITS.parkedCallMsMax + 2 * LIMITS.upstreamSweepMs)
      return answer
    } catch (error) {
      this.stop('Too many calls wait for their clients.')
      throw error
    }
  }

  #read(reply: RpcReply): UpstreamAnswer {
    const { answer, status } = reply
    if (answer !== null && status !== 401 && status !== 403) return readAnswer(this.#link.name, answer, this.request, 'legacy')
    const problem = problemOfStatus(this.#link, reply)
    throw status === 404 || status === 405 ? new EraDoubt(problem) : problem
  }

  #end(outcome: { readonly reply: RpcReply } | { readonly error: unknown }): void {
    if (this.#outcome !== null) return
    const isTooMuch = this.#isParked && 'reply' in outcome && !this.#hold(outcome.reply.bytes)
    const error = isTooMuch ? new Problem('overloaded', `${this.#link.name} has answered too much that nobody has fetched.`) : null
    this.#outcome = error === null ? outcome : { error }
    if ('error' in outcome && outcome.error instanceof Problem && outcome.error.type === 'upstream-timeout')
      this.#sayCancelled('The deadline has passed.')
    this.#session.calls.delete(this)
    this.#onEnd()
    this.#wake()
  }

  #fail(error: unknown): void {
    this.#exchange.abort()
    this.#end({ error })
  }

  #wakeUp(): void {
    this.#isWaking = false
    this.#wake()
  }

  #sayCancelled(reason: string): void {
    tell(this.#session.carrier, { method: 'notifications/cancelled', params: { requestId: this.id, reason } })
  }

  #hold(bytes: number): boolean {
    const mayHold = this.#link.parking.hold(bytes)
    if (mayHold) this.#heldBytes += bytes
    return mayHold
  }

  /** Nobody is asked any more; the server is not left waiting. */
  #leave(): void {
    for (const { id } of this.#questions.values())
      tell(this.#session.carrier, { id, error: { code: INTERNAL_ERROR, message: 'The call that this belongs to is over' } })
    this.#questions.clear()
    this.#link.parking.letGo(this.#heldBytes)
    this.#heldBytes = 0
  }
}
