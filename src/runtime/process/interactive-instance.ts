import { LIMITS, Problem } from '#std/index.ts'
import type { PendingAnswer, UpstreamAnswer, UpstreamRequest } from '../model.ts'
import { InteractiveCall, type InteractiveCallOptions } from './interactive-call.ts'
import type { StdioPeer } from './stdio-peer.ts'
import type { ServerRequest } from './stdio-receiver.ts'

/** A process that was started, introduced to what its caller can be asked, and is ready. */
export interface OpenedInstance {
  readonly peer: StdioPeer
  /** Ends it; resolves once nothing of it is left. */
  stop(): Promise<void>
}

export interface OpenOptions {
  readonly capabilities: Record<string, unknown>
  readonly onRequest: (request: ServerRequest) => boolean
  readonly onNotification: (method: string, params: Record<string, unknown>) => void
  /** The process has ended; everything that waited at its peer is rejected by then. */
  readonly onEnded: (problem: Problem) => void
  /** Nobody wants it any more while it starts. */
  readonly signal: AbortSignal
}

/** Starts one process. Rejects with a `Problem`, and then leaves nothing behind. */
export type OpenInstance = (options: OpenOptions) => Promise<OpenedInstance>

export interface InteractiveInstanceOptions extends Pick<InteractiveCallOptions, 'name' | 'now' | 'park' | 'unpark' | 'capabilities'> {
  readonly open: OpenInstance
  /** Before this, others that make room for it still run. */
  readonly after: Promise<unknown>
  /** A call is over at the server. */
  readonly onCall: (call: InteractiveCall) => void
  /** It takes no call any more, and is to be stopped where it still runs. Null: because it was told to, or idled. */
  readonly onEnded: (problem: Problem | null) => void
}

interface Waiter {
  readonly request: UpstreamRequest
  readonly resolve: (answer: UpstreamAnswer | Promise<UpstreamAnswer>) => void
  readonly reject: (problem: unknown) => void
  readonly timer: NodeJS.Timeout
  /** Once it runs. */
  turn: PendingAnswer | null
}

/** Longer waits than this overflow a timer. */
const TIMER_MS_MAX = 2 ** 31 - 1

/** An instance that one principal with one set of capabilities has for itself. It does one call after the other. */
export class InteractiveInstance {
  readonly #options: InteractiveInstanceOptions
  readonly #queue: Waiter[] = []
  #active: InteractiveCall | null = null
  #opened: OpenedInstance | null = null
  #idleTimer: NodeJS.Timeout | null = null
  #idleSinceMs: number | null = null
  readonly #stopping = new AbortController()
  #hasEnded = false
  readonly #starting: Promise<void>

  constructor(options: InteractiveInstanceOptions) {
    this.#options = options
    this.#starting = this.#start()
  }

  /** Since when nothing was asked of it; null while something is. */
  idleSinceMs(): number | null {
    return this.#idleSinceMs
  }

  /** Runs the call as soon as the one before is over, or fails it at its deadline. */
  request(request: UpstreamRequest): PendingAnswer {
    const { name, now } = this.#options
    const { promise: answer, resolve, reject } = Promise.withResolvers<UpstreamAnswer>()
    if (this.#queue.length >= LIMITS.interactiveQueueMax) {
      reject(
        new Problem('overloaded', `${name} works on another call of yours, and ${this.#queue.length} more wait for it.`, {
          remedy: 'Answer what it asks, or cancel that call.',
        }),
      )
      return { answer, cancel: () => {} }
    }
    const timer = setTimeout(
      () => {
        this.#leave(waiter)
        reject(this.#tooLate())
      },
      Math.min(TIMER_MS_MAX, Math.max(0, request.deadlineAtMs - now())),
    )
    const waiter: Waiter = { request, resolve, reject, timer, turn: null }
    this.#queue.push(waiter)
    this.#advance()
    return {
      answer,
      cancel: (reason) => {
        if (waiter.turn !== null) waiter.turn.cancel(reason)
        else if (this.#leave(waiter)) reject(new Problem('upstream-failed', `The call was cancelled: ${reason}.`))
      },
    }
  }

  /** Ends it; whatever waits is rejected. Resolves once the process is gone. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#end(null)
    await this.#starting
    await this.#opened?.stop()
  }

  async #start(): Promise<void> {
    const { open, after, capabilities } = this.#options
    try {
      await after
      this.#opened = await open({
        capabilities,
        signal: this.#stopping.signal,
        onRequest: (request) => this.#hearRequest(request),
        onNotification: (method, params) => {
          if (method === 'notifications/cancelled') this.#active?.withdraw(params['requestId'])
        },
        onEnded: (problem) => this.#end(problem),
      })
      this.#advance()
    } catch (error) {
      this.#end(error instanceof Problem ? error : new Problem('internal-error', 'Starting a process failed.', { cause: error }))
    }
  }

  /** A request while no call is under way belongs to nobody. */
  #hearRequest(request: ServerRequest): boolean {
    if (this.#active === null || this.#active.isOver) return false
    this.#active.ask(request)
    return true
  }

  #advance(): void {
    if (this.#opened === null || this.#hasEnded) return
    if (this.#active?.isOver === true) {
      // What nobody has come for yet gives way only to a call that needs its place.
      if (this.#active.isParked && this.#queue.length === 0) return this.#rest()
      if (this.#active.isParked) this.#active.forget()
      this.#active = null
    }
    if (this.#active !== null) return
    const waiter = this.#queue.shift()
    if (waiter === undefined) this.#rest()
    else this.#run(waiter, this.#opened.peer)
  }

  #run(waiter: Waiter, peer: StdioPeer): void {
    clearTimeout(waiter.timer)
    this.#wake()
    const { name, now, park, unpark, capabilities, onCall } = this.#options
    const { request } = waiter
    this.#active = new InteractiveCall({
      name,
      now,
      park,
      unpark,
      capabilities,
      request,
      peer,
      onSettled: (call) => {
        onCall(call)
        this.#advance()
      },
    })
    waiter.turn = this.#active.wait()
    waiter.resolve(waiter.turn.answer)
  }

  #tooLate(): Problem {
    const { name } = this.#options
    return this.#opened === null
      ? new Problem('upstream-timeout', `${name} is still starting a process for calls of yours.`, { remedy: 'Try again in a moment.' })
      : new Problem('upstream-timeout', `${name} works on another call of yours.`, { remedy: 'Answer what it asks, or cancel that call.' })
  }

  #leave(waiter: Waiter): boolean {
    const index = this.#queue.indexOf(waiter)
    if (index < 0) return false
    clearTimeout(waiter.timer)
    this.#queue.splice(index, 1)
    return true
  }

  /** Nothing to do: it is kept for a while, because starting is slow and servers remember. */
  #rest(): void {
    const { now } = this.#options
    this.#idleSinceMs ??= now()
    this.#idleTimer ??= setTimeout(() => this.#end(null), LIMITS.interactiveInstanceIdleMs).unref()
  }

  #wake(): void {
    this.#idleSinceMs = null
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer)
    this.#idleTimer = null
  }

  /** Takes no call any more. */
  #end(problem: Problem | null): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#wake()
    const { name, onEnded } = this.#options
    const told = refusalOf(name, problem)
    for (const waiter of this.#queue.splice(0)) {
      clearTimeout(waiter.timer)
      waiter.reject(told)
    }
    if (this.#active?.isOver === true && this.#active.isParked) this.#active.forget()
    onEnded(this.#stopping.signal.aborted ? null : problem)
  }
}

/** Why there is nothing to call, as a caller is told. */
function refusalOf(name: string, problem: Problem | null): Problem {
  if (problem === null) return new Problem('upstream-down', `${name} was stopped.`, { remedy: 'Try again.' })
  if (problem.type === 'upstream-down' || problem.type === 'upstream-failed') return problem
  const { message, remedy } = problem
  return new Problem('upstream-down', message.includes(name) ? message : `${name}: ${message}`, {
    ...(remedy === undefined ? {} : { remedy }),
    cause: problem,
  })
}
