import { backoffMs, LIMITS, Problem } from '#std/index.ts'
import type { PendingAnswer, UpstreamAnswer, UpstreamInfo, UpstreamRequest } from '../model.ts'
import { createParkedCalls } from '../parked-calls.ts'
import { createAsking } from './asking.ts'
import { INPUT_CALLS, interactiveCapabilities } from './declared-input.ts'
import type { InstancePlaces, PlaceHolder } from './instance-places.ts'
import type { InteractiveCall } from './interactive-call.ts'
import { InteractiveInstance, type OpenInstance } from './interactive-instance.ts'
import type { StdioPeer } from './stdio-peer.ts'

export interface InteractiveInstancesOptions {
  /** Of the deployment. */
  readonly name: string
  readonly now: () => number
  readonly open: OpenInstance
  readonly places: InstancePlaces
  /** The server is known never to ask. */
  readonly isKnownSilent: boolean
  /** Another number of them runs. `isFailure`: one ended, or did not start, although nobody had wanted that. */
  readonly onCount: (isFailure: boolean) => void
  readonly warn: (error: unknown) => void
}

interface Wish {
  readonly key: string
  readonly principal: string
  readonly capabilities: Record<string, unknown>
}

/**
 * What a legacy stdio server that asks its client for something needs: its requests name no call, and its process was told
 * once what its client can do. So calls of clients that can be asked run in instances that one principal with one set of
 * capabilities has for itself, one call after the other; what is asked belongs to the call that runs. A call is parked
 * while its client answers, and its instance works on nothing else meanwhile.
 *
 * An instance starts with the first such call, as far as the server is thought to ask at all (`createAsking`), and ends when
 * nothing was asked of it for `interactiveInstanceIdleMs`, or to make room. When all places are taken by busy ones, the call
 * is refused: a process that was told of no capability would do something else. What a server remembers in memory differs
 * from instance to instance.
 */
export class InteractiveInstances {
  readonly #options: InteractiveInstancesOptions
  readonly #instances = new Map<string, InteractiveInstance>()
  readonly #parked = createParkedCalls<InteractiveCall>()
  readonly #asking: ReturnType<typeof createAsking>
  readonly #stopping = new Set<Promise<void>>()
  #isClosed = false
  #failures = 0
  #notBeforeMs = 0
  #lastProblem: Problem | null = null

  constructor(options: InteractiveInstancesOptions) {
    this.#options = options
    this.#asking = createAsking(options.isKnownSilent)
  }

  /** How many run. */
  count(): number {
    return this.#instances.size
  }

  /** Sends a call of a server with this introduction where it belongs. `shared`: the instance of everybody. */
  request(info: UpstreamInfo, shared: StdioPeer, request: UpstreamRequest): PendingAnswer {
    if (info.era === 'modern') return shared.request(request)
    if (isRetry(request)) return this.resume(request)
    const wish = wishOf(request)
    if (wish === null) return shared.request(request)
    const running = this.#instances.get(wish.key)
    // Whoever has one keeps it while it is used: what the server remembers of its calls is there.
    if (running !== undefined) return running.request(request)
    if (this.#asking.mayAsk()) return this.#startFor(wish, request)
    const pending = shared.request(request)
    pending.answer.then(
      (answer) => this.#asking.noteShared(answer),
      () => {},
    )
    return pending
  }

  /** Takes up a parked call. */
  resume(request: UpstreamRequest): PendingAnswer {
    try {
      const call = this.#parked.take(request.given?.state ?? '', request, this.#options.now())
      return call.resume(request, request.given!)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return refused(error)
    }
  }

  /** The shared instance asked during a call, and was refused because it had been told that nobody can be asked. */
  noteAskedShared(): void {
    this.#asking.noteAsked()
  }

  /** Ends all of them; resolves once their processes are gone. New ones may be started at once. */
  async stopAll(): Promise<void> {
    for (const instance of this.#instances.values()) void this.#stop(instance)
    await Promise.all(this.#stopping)
  }

  /** As `stopAll`, and none is started any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.stopAll()
  }

  #stop(instance: InteractiveInstance): Promise<void> {
    const stopped = instance
      .stop()
      .catch((error: unknown) => this.#options.warn(error))
      .finally(() => this.#stopping.delete(stopped))
    this.#stopping.add(stopped)
    return stopped
  }

  #startFor(wish: Wish, request: UpstreamRequest): PendingAnswer {
    const { name, now, open, places, onCount } = this.#options
    if (this.#isClosed) return refused(new Problem('upstream-down', `${name} is stopped.`))
    const waitMs = this.#notBeforeMs - now()
    if (this.#lastProblem !== null && waitMs > 0) {
      const { message, remedy } = this.#lastProblem
      return refused(
        new Problem('upstream-down', `${message} It is started again in ${waitMs} ms.`, remedy === undefined ? {} : { remedy }),
      )
    }
    const holder = {
      owner: this,
      principal: wish.principal,
      idleSinceMs: () => instance.idleSinceMs(),
      stop: () => this.#stop(instance),
    }
    const place = places.take(holder)
    if (place === false) {
      return refused(
        new Problem('overloaded', `${name} has no process left for a call whose client can be asked.`, {
          remedy: `Try again in a moment. At most ${LIMITS.interactiveInstancesMax} such calls run at once, and those that wait for an answer count.`,
        }),
      )
    }
    const startedAtMs = now()
    const instance: InteractiveInstance = new InteractiveInstance({
      name,
      now,
      open,
      capabilities: wish.capabilities,
      after: place.after,
      park: (call, parked, expiresAtMs) => this.#parked.park(call, parked, expiresAtMs, now()),
      unpark: (state) => void this.#parked.drop(state),
      onCall: (call) => this.#learn(call),
      onEnded: (problem) => {
        if (this.#instances.get(wish.key) === instance) this.#instances.delete(wish.key)
        // Its place is free once nothing of it is left.
        void this.#release(holder)
        if (problem !== null) this.#noteFailure(problem, startedAtMs)
        onCount(problem !== null)
      },
    })
    this.#instances.set(wish.key, instance)
    onCount(false)
    return instance.request(request)
  }

  async #release(holder: PlaceHolder): Promise<void> {
    await holder.stop()
    this.#options.places.release(holder)
  }

  #learn(call: InteractiveCall): void {
    this.#parked.expire(this.#options.now())
    if (call.hasAsked) this.#asking.noteAsked()
    else if (call.answer !== null) this.#asking.noteSilent(call.answer)
  }

  #noteFailure(problem: Problem, startedAtMs: number): void {
    const { now, warn } = this.#options
    if (problem.type === 'internal-error') warn(problem.cause)
    if (now() - startedAtMs > LIMITS.instanceStableMs) this.#failures = 0
    this.#lastProblem = problem
    this.#notBeforeMs = now() + backoffMs(this.#failures++, LIMITS.restartBackoffMsMin, LIMITS.restartBackoffMsMax)
  }
}

/** A retry that brings back a name of ours. One without is a call like any other. */
export const isRetry = ({ given }: UpstreamRequest): boolean => given !== undefined && given.state !== null

/** Whose instance a call needs; null when its client cannot be asked, or not during such a call. */
function wishOf({ method, principal, clientCapabilities }: UpstreamRequest): Wish | null {
  if (principal === undefined || !INPUT_CALLS.has(method)) return null
  const capabilities = interactiveCapabilities(clientCapabilities)
  return capabilities === null ? null : { key: JSON.stringify([principal, capabilities]), principal, capabilities }
}

const refused = (problem: Problem): PendingAnswer => ({ answer: Promise.reject<UpstreamAnswer>(problem), cancel: () => {} })
