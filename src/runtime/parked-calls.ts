import { LIMITS, newSecret, Problem } from '#std/index.ts'
import type { UpstreamRequest } from './model.ts'

/** Whose call it is and what it asks: what a retry must match. */
export type ParkedRequest = Pick<UpstreamRequest, 'method' | 'params' | 'principal'>

/**
 * Calls that go on when their caller has answered what the server asks. Each is kept under a name that nobody can guess, for
 * one principal and one thing called, and is taken once. Keeps no time: whoever has a clock says what it is.
 */
export interface ParkedCalls<T> {
  /** Returns the name, which becomes `InputRequired.state`. Throws `overloaded` when too many are kept. */
  park(value: T, request: ParkedRequest, expiresAtMs: number, nowMs: number): string
  /**
   * The call, which is kept no longer. Throws `invalid-params` with the same words for a name that is unknown, used or expired
   * and for a call of somebody else.
   */
  take(name: string, request: ParkedRequest, nowMs: number): T
  /** Keeps it no longer; false when it was not kept. */
  drop(name: string): boolean
  /** What expired and was dropped now. */
  expire(nowMs: number): readonly T[]
  count(): number
}

interface Entry<T> {
  readonly value: T
  readonly principal: string
  readonly called: string
  readonly expiresAtMs: number
}

export function createParkedCalls<T>(callsMax: number = LIMITS.parkedCallsMax): ParkedCalls<T> {
  const entries = new Map<string, Entry<T>>()
  const expire = (nowMs: number): T[] => {
    const expired = [...entries].filter(([, entry]) => entry.expiresAtMs <= nowMs)
    for (const [name] of expired) entries.delete(name)
    return expired.map(([, entry]) => entry.value)
  }
  return {
    park(value, request, expiresAtMs, nowMs) {
      if (entries.size >= callsMax) expire(nowMs)
      if (entries.size >= callsMax) {
        throw new Problem('overloaded', `${callsMax} calls of this server wait for their clients to answer.`, {
          remedy: 'Answer what is open, or try again in a few minutes.',
        })
      }
      const name = newSecret()
      entries.set(name, { value, principal: principalOf(request), called: calledBy(request), expiresAtMs })
      return name
    },
    take(name, request, nowMs) {
      const entry = entries.get(name)
      const isTheirs = entry !== undefined && entry.principal === principalOf(request) && entry.called === calledBy(request)
      // Somebody else's attempt changes nothing for the one whose call it is.
      if (!isTheirs || entry.expiresAtMs <= nowMs) throw notKept()
      entries.delete(name)
      return entry.value
    },
    drop: (name) => entries.delete(name),
    expire,
    count: () => entries.size,
  }
}

const principalOf = ({ principal }: ParkedRequest): string => JSON.stringify(principal ?? null)

/** What an authorization was given for. The arguments of a retry are not looked at: the server has those of the first call. */
const calledBy = ({ method, params }: ParkedRequest): string => JSON.stringify([method, params['name'] ?? null, params['uri'] ?? null])

function notKept(): Problem {
  return new Problem('invalid-params', 'The call that this would take up again is not known here, or has expired.', {
    remedy: 'Make the call again from the beginning.',
  })
}
