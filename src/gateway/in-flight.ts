import { LIMITS, Problem } from '#std/index.ts'
import { callerKeyOf, type InspectedCall, type ReceivedCall } from './call.ts'

/** Counts the calls that are under way and finds them again for cancellation. */
export interface InFlight {
  /** Throws `overloaded` at the limit of the process or of the caller. The result ends the count. */
  enter(call: InspectedCall): () => void
  /** Ends the calls under way for which `mayStay` says no: a revoked credential gets nothing more. */
  sweep(mayStay: (call: ReceivedCall) => boolean): void
  /** Makes a call cancellable by a key such as session and request id; returns the way to forget it. */
  register(key: string, cancel: () => void): () => void
  cancel(key: string): boolean
  readonly count: number
}

/** A call under way. Emptied when it ends, so that whatever still points here keeps nothing of it. */
interface Seat {
  call: InspectedCall | null
  place: number
  readonly mine: { count: number }
}

/**
 * No Set and no Map that grows and shrinks with each call: when such a table is made anew, the old one points to the new
 * one, and once the first of them is in the old generation, all that follow are kept with what they held until the next
 * full collection. That was a quarter of each call.
 */
export function createInFlight(): InFlight {
  const perCaller = new Map<string, { count: number }>()
  const cancels = new Map<string, { cancel: (() => void) | null }>()
  const seats: Seat[] = []

  function counterOf(callerKey: string): { count: number } {
    const known = perCaller.get(callerKey)
    if (known !== undefined) return known
    if (perCaller.size >= LIMITS.callersCountedMax) for (const [key, { count }] of perCaller) if (count === 0) perCaller.delete(key)
    const made = { count: 0 }
    perCaller.set(callerKey, made)
    return made
  }

  function leave(seat: Seat): void {
    if (seat.call === null) return
    seat.call = null
    seat.mine.count--
    const last = seats.pop()!
    if (last === seat) return
    seats[seat.place] = last
    last.place = seat.place
  }

  return {
    enter(call) {
      const mine = counterOf(callerKeyOf(call))
      if (seats.length >= LIMITS.callsInFlightMax) throw tooMany('This server', LIMITS.callsInFlightMax)
      if (mine.count >= LIMITS.callsInFlightPerCallerMax) throw tooMany('This caller', LIMITS.callsInFlightPerCallerMax)
      mine.count++
      const seat = { call, place: seats.length, mine }
      seats.push(seat)
      return () => leave(seat)
    },
    sweep(mayStay) {
      // A call that is ended leaves at once, and another takes its place.
      for (const { call } of seats.slice()) if (call !== null && !mayStay(call)) call.running?.cancel()
    },
    register(key, cancel) {
      const entry: { cancel: (() => void) | null } = { cancel }
      cancels.set(key, entry)
      return () => {
        entry.cancel = null
        if (cancels.get(key) === entry) cancels.delete(key)
      }
    },
    cancel(key) {
      const entry = cancels.get(key)
      entry?.cancel?.()
      return entry !== undefined
    },
    get count() {
      return seats.length
    },
  }
}

function tooMany(who: string, max: number): Problem {
  return new Problem('overloaded', `${who} has ${max} calls under way.`, {
    remedy: 'Wait for some of them to end.',
    extensions: { retryAfterSeconds: 1 },
  })
}
