import { LIMITS, Problem } from '#std/index.ts'
import { callerKeyOf, type ReceivedCall } from './call.ts'

/** The event streams that are open: counted, and ended when the right to them ends. */
export interface StreamRegistry {
  /** Throws `overloaded` at the limit. The result forgets the stream. */
  enter(call: ReceivedCall, end: () => void): () => void
  /** Ends every stream for which `mayStay` says no. */
  sweep(mayStay: (call: ReceivedCall) => boolean): void
  closeAll(): void
  readonly count: number
}

export function createStreamRegistry(): StreamRegistry {
  const open = new Map<ReceivedCall, () => void>()
  const perCaller = new Map<string, number>()
  return {
    enter(call, end) {
      const callerId = callerKeyOf(call)
      const mine = perCaller.get(callerId) ?? 0
      if (open.size >= LIMITS.eventStreamsMax || mine >= LIMITS.eventStreamsPerCallerMax) {
        throw new Problem('overloaded', 'There are too many open event streams.', {
          remedy: 'Close some of them.',
          extensions: { retryAfterSeconds: 5 },
        })
      }
      open.set(call, end)
      perCaller.set(callerId, mine + 1)
      return () => {
        if (!open.delete(call)) return
        const left = (perCaller.get(callerId) ?? 1) - 1
        if (left === 0) perCaller.delete(callerId)
        else perCaller.set(callerId, left)
      }
    },
    sweep(mayStay) {
      for (const [call, end] of open) if (!mayStay(call)) end()
    },
    closeAll() {
      for (const end of open.values()) end()
    },
    get count() {
      return open.size
    },
  }
}
