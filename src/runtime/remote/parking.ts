import { LIMITS, Problem } from '#std/index.ts'
import type { InputRequest, UpstreamAnswer, UpstreamRequest } from '../model.ts'
import { createParkedCalls } from '../parked-calls.ts'
import type { Ticket } from './ticket.ts'

/** A call of a legacy server that waits for its client. */
export interface WaitingCall {
  /** What is asked and not yet answered, by key. */
  questions(): Readonly<Record<string, InputRequest>>
  /** Passes on what the client answered with this request; false while something that it was asked is missing. */
  give(request: UpstreamRequest): boolean
  /** Goes on for this request, to the next thing that happens. */
  goOn(request: UpstreamRequest, ticket: Ticket): Promise<UpstreamAnswer>
  stop(reason: string): void
}

/** The calls of one upstream that wait for their clients, whichever session they are in. */
export interface Parking {
  /** Keeps a call and returns what its client is told. Throws `overloaded` at a limit: the call is not kept then. */
  park(call: WaitingCall, request: UpstreamRequest): UpstreamAnswer
  /** Goes on with the call that this request takes up again. Rejects with `invalid-params`, never saying why it is none. */
  takeUp(name: string, request: UpstreamRequest, ticket: Ticket): Promise<UpstreamAnswer>
  /** Counts what a waiting call holds; false when it may not. */
  hold(bytes: number): boolean
  letGo(bytes: number): void
  /** Gives up every call. */
  close(): void
}

interface Parked {
  readonly call: WaitingCall
  readonly principal: string
  readonly expiresAtMs: number
}

export function createParking(name: string, now: () => number): Parking {
  const calls = createParkedCalls<Parked>()
  const perPrincipal = new Map<string, number>()
  let heldBytes = 0
  let sweep: NodeJS.Timeout | null = null

  const leave = ({ principal }: Parked): void => {
    const left = (perPrincipal.get(principal) ?? 0) - 1
    if (left > 0) perPrincipal.set(principal, left)
    else perPrincipal.delete(principal)
    if (perPrincipal.size > 0 || sweep === null) return
    clearInterval(sweep)
    sweep = null
  }
  const expire = (nowMs: number): void => {
    for (const parked of calls.expire(nowMs)) {
      leave(parked)
      parked.call.stop('Its client has not answered in time.')
    }
  }
  const keep = (call: WaitingCall, request: UpstreamRequest, expiresAtMs: number): UpstreamAnswer => {
    const principal = request.principal ?? ''
    const count = perPrincipal.get(principal) ?? 0
    if (count >= LIMITS.parkedCallsPerPrincipalMax) {
      throw new Problem('overloaded', `${count} calls of this client to ${name} wait for its answers, the most that may.`, {
        remedy: 'Answer what is open, or try again in a few minutes.',
      })
    }
    const state = calls.park({ call, principal, expiresAtMs }, request, expiresAtMs, now())
    perPrincipal.set(principal, count + 1)
    sweep ??= setInterval(() => expire(now()), LIMITS.upstreamSweepMs).unref()
    return { ok: 'input', input: { requests: call.questions(), state } }
  }
  return {
    park(call, request) {
      expire(now())
      return keep(call, request, now() + LIMITS.parkedCallMsMax)
    },
    async takeUp(state, request, ticket) {
      expire(now())
      const parked = calls.take(state, request, now())
      leave(parked)
      // A name is good once: who has answered a part is given another one, which does not live longer.
      if (!parked.call.give(request)) return keep(parked.call, request, parked.expiresAtMs)
      return parked.call.goOn(request, ticket)
    },
    hold(bytes) {
      if (heldBytes + bytes > LIMITS.parkedBytesMax) return false
      heldBytes += bytes
      return true
    },
    letGo(bytes) {
      heldBytes -= bytes
    },
    close: () => expire(Infinity),
  }
}
