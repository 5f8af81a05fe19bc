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

export function createInFlight(): InFlight {
  const perCaller = new Map<string, number>()
  const cancels = new Map<string, () => void>()
  const calls = new Set<InspectedCall>()
  let count = 0
  return {
    enter(call) {
      const callerKey = callerKeyOf(call)
      const mine = perCaller.get(callerKey) ?? 0
      if (count >= LIMITS.callsInFlightMax) throw tooMany('This server', LIMITS.callsInFlightMax)
      if (mine >= LIMITS.callsInFlightPerCallerMax) throw tooMany('This caller', LIMITS.callsInFlightPerCallerMax)
      count++
      calls.add(call)
      perCaller.set(callerKey, mine + 1)
      let isOver = false
      return () => {
        if (isOver) return
        isOver = true
        count--
        calls.delete(call)
        const left = (perCaller.get(callerKey) ?? 1) - 1
        if (left === 0) perCaller.delete(callerKey)
        else perCaller.set(callerKey, left)
      }
    },
    sweep(mayStay) {
      for (const call of calls) if (!mayStay(call)) call.cancel?.()
    },
    register(key, cancel) {
      cancels.set(key, cancel)
      return () => {
        if (cancels.get(key) === cancel) cancels.delete(key)
      }
    },
    cancel(key) {
      const cancel = cancels.get(key)
      cancel?.()
      return cancel !== undefined
    },
    get count() {
      return count
    },
  }
}

function tooMany(who: string, max: number): Problem {
  return new Problem('overloaded', `${who} has ${max} calls under way.`, {
    remedy: 'Wait for some of them to end.',
    extensions: { retryAfterSeconds: 1 },
  })
}
