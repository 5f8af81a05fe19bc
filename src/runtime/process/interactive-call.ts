import { LIMITS, Problem } from '#std/index.ts'
import type { InputGiven, InputRequest, PendingAnswer, UpstreamAnswer, UpstreamRequest } from '../model.ts'
import { isDeclared, isInputMethod, isObject } from './declared-input.ts'
import type { StdioCall, StdioPeer } from './stdio-peer.ts'
import { METHOD_NOT_FOUND, type RpcId, type ServerRequest } from './stdio-receiver.ts'
import { legacyInput } from './stdio-wire.ts'

const INVALID_PARAMS = -32602
const INTERNAL_CODE = -32603
const NOT_DECLARED = 'This client did not declare that it can be asked this'

export interface InteractiveCallOptions {
  /** Of the deployment. */
  readonly name: string
  readonly peer: StdioPeer
  readonly request: UpstreamRequest
  /** What this instance was told that it may ask for. */
  readonly capabilities: Record<string, unknown>
  readonly now: () => number
  /** Keeps the call for its retry; returns the name. Throws `overloaded`. */
  readonly park: (call: InteractiveCall, request: UpstreamRequest, expiresAtMs: number) => string
  /** Keeps it no longer. */
  readonly unpark: (name: string) => void
  /** The call is over at the server. */
  readonly onSettled: (call: InteractiveCall) => void
}

interface Open {
  readonly key: string
  readonly request: InputRequest
  readonly length: number
}

interface Turn {
  readonly resolve: (answer: UpstreamAnswer) => void
  readonly reject: (problem: unknown) => void
}

/** How a call ended at the server. */
type Outcome = { readonly answer: UpstreamAnswer } | { readonly problem: unknown }

/**
 * One call at an instance that serves nobody else, and all that its server asks meanwhile. It is waited for in turns: a turn
 * ends with the answer or with what is asked, and then the call is parked until a retry with responses begins the next one.
 */
export class InteractiveCall {
  readonly #options: InteractiveCallOptions
  /** What the server has asked and was not told yet. */
  readonly #open = new Map<RpcId, Open>()
  readonly #running: StdioCall
  /** Whoever waits; null while the call is parked or over. */
  #turn: Turn | null = null
  #outcome: Outcome | null = null
  #parkedAs: string | null = null
  /** Until when the questions of this turn may be answered; kept while they are asked again. */
  #expiresAtMs: number | null = null
  /** Why we end the call, whatever the server still says. */
  #failure: unknown = null
  /** What the client of this turn can be asked for. */
  #declared: Record<string, unknown>
  /** Whether the server has asked for anything, be it in vain. */
  hasAsked = false
  #asked = 0
  #isAskDue = false

  constructor(options: InteractiveCallOptions) {
    this.#options = options
    const { peer, request } = options
    this.#declared = request.clientCapabilities ?? {}
    this.#running = peer.request(request)
    this.#running.answer.then(
      (answer) => this.#settle({ answer }),
      (problem: unknown) => this.#settle({ problem }),
    )
  }

  get isOver(): boolean {
    return this.#outcome !== null
  }

  /** What the server answered; null as long as it did not, and where the call failed. */
  get answer(): UpstreamAnswer | null {
    return this.#outcome !== null && 'answer' in this.#outcome ? this.#outcome.answer : null
  }

  /** Whether somebody may still come for it. */
  get isParked(): boolean {
    return this.#parkedAs !== null
  }

  /** Begins to wait. */
  wait(): PendingAnswer {
    const { promise: answer, resolve, reject } = Promise.withResolvers<UpstreamAnswer>()
    const turn = { resolve, reject }
    this.#turn = turn
    if (this.#outcome !== null) this.#endTurn(this.#outcome)
    else this.#askSoon()
    return {
      answer,
      cancel: (reason) => {
        if (this.#turn === turn) this.#running.cancel(reason)
      },
    }
  }

  /** Takes the parked call up again for a retry. What is not answered is asked again (2026-07-28, basic/patterns/mrtr). */
  resume(request: UpstreamRequest, { responses }: InputGiven): PendingAnswer {
    const { name, peer } = this.#options
    this.#parkedAs = null
    this.#declared = request.clientCapabilities ?? {}
    if (this.#outcome !== null && 'problem' in this.#outcome) this.#outcome = { problem: lost(name, this.#outcome.problem) }
    else this.#running.takeOver(request)
    for (const [id, { key, request: asked }] of this.#open) {
      const result = Object.hasOwn(responses, key) ? responses[key] : undefined
      if (!isObject(result) && isDeclared(this.#declared, asked)) continue
      this.#open.delete(id)
      this.#expiresAtMs = null
      peer.respond(id, isObject(result) ? { result } : refusal(INVALID_PARAMS, NOT_DECLARED))
    }
    return this.wait()
  }

  /** A request of the server while this call is the only one. */
  ask({ id, method, params, length }: ServerRequest): void {
    const { peer, capabilities, name } = this.#options
    // The same question again: answered once.
    if (this.#open.has(id)) return
    if (!isInputMethod(method)) return peer.respond(id, refusal(METHOD_NOT_FOUND, `${method} is not offered by this client`))
    this.hasAsked = true
    const request = legacyInput(method, params)
    if (!isDeclared(capabilities, request) || !isDeclared(this.#declared, request))
      return peer.respond(id, refusal(INVALID_PARAMS, NOT_DECLARED))
    const lengths = [...this.#open.values()].reduce((sum, open) => sum + open.length, length)
    if (this.#open.size >= LIMITS.serverRequestsMax || lengths > LIMITS.lineBytesMax) {
      // What it still has to ask would be taken for what the next call asks.
      return peer.fail(
        new Problem('upstream-failed', `${name} asks for more than ${LIMITS.serverRequestsMax} things at once within one call.`),
      )
    }
    if (this.#open.size === 0) this.#expiresAtMs = null
    this.#asked++
    this.#open.set(id, { key: `ask-${this.#asked}`, request, length })
    this.#askSoon()
  }

  /** The server no longer wants to know. */
  withdraw(id: unknown): void {
    this.#open.delete(id as RpcId)
  }

  /** Gives the place of a call that is over and that nobody has asked about; its retry is told that it is gone. */
  forget(): void {
    if (this.answer !== null)
      this.#outcome = { problem: new Problem('upstream-failed', `${this.#options.name} ended the call before it was answered.`) }
  }

  /** Asks for everything that comes together with the first question, unless the answer comes with it. */
  #askSoon(): void {
    if (this.#isAskDue || this.#turn === null || this.#open.size === 0) return
    this.#isAskDue = true
    setTimeout(() => {
      this.#isAskDue = false
      const turn = this.#turn
      if (turn === null || this.#outcome !== null || this.#open.size === 0) return
      try {
        this.#park(turn)
      } catch (error) {
        this.#failure = error
        this.#running.cancel('its client cannot be asked')
      }
    }, LIMITS.serverRequestGatherMs)
  }

  #park(turn: Turn): void {
    const { now, park, request } = this.#options
    const expiresAtMs = (this.#expiresAtMs ??= now() + LIMITS.parkedCallMsMax)
    const state = park(this, request, expiresAtMs)
    this.#parkedAs = state
    // Nobody listens to progress now; when the time is over, the server is told that nobody waits.
    this.#running.takeOver({ deadlineAtMs: expiresAtMs })
    this.#turn = null
    turn.resolve({
      ok: 'input',
      input: { requests: Object.fromEntries([...this.#open.values()].map(({ key, request: asked }) => [key, asked])), state },
    })
  }

  #settle(ended: Outcome): void {
    const outcome = this.#failure === null ? ended : { problem: this.#failure }
    this.#outcome = outcome
    for (const id of this.#open.keys()) this.#options.peer.respond(id, refusal(INTERNAL_CODE, 'The call that this was asked for is over'))
    this.#open.clear()
    if (this.#parkedAs !== null && 'problem' in outcome && isExpiry(outcome.problem)) {
      this.#options.unpark(this.#parkedAs)
      this.#parkedAs = null
    }
    this.#endTurn(outcome)
    this.#options.onSettled(this)
  }

  #endTurn(outcome: Outcome): void {
    const turn = this.#turn
    this.#turn = null
    if ('answer' in outcome) turn?.resolve(outcome.answer)
    else turn?.reject(outcome.problem)
  }
}

const refusal = (code: number, message: string): { error: { code: number; message: string } } => ({ error: { code, message } })

/** Only the time ends a parked call in this way. */
const isExpiry = (problem: unknown): boolean => problem instanceof Problem && problem.type === 'upstream-timeout'

function lost(name: string, cause: unknown): Problem {
  if (cause instanceof Problem && cause.type === 'upstream-failed') return cause
  const why = cause instanceof Problem ? ` ${cause.message}` : ''
  return new Problem('upstream-failed', `${name} did not wait for the answer to what it asked.${why}`, {
    remedy: 'Make the call again.',
    cause,
  })
}
