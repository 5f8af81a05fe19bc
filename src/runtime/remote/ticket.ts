import { Problem } from '#std/index.ts'
import type { PendingAnswer, UpstreamAnswer } from '../model.ts'

/** A call that is under way: lets it be stopped wherever it is. */
export interface Ticket {
  /** Stops what is happening for the call right now. */
  running: { stop(reason: string): void } | null
  /** Throws when the call has been cancelled. */
  assertWanted(): void
}

/** Runs a call of this deployment that can be given up at any moment. */
export function startCall(name: string, work: (ticket: Ticket) => Promise<UpstreamAnswer>): PendingAnswer {
  let cancelled: Problem | null = null
  let isOver = false
  const { promise, resolve, reject } = Promise.withResolvers<UpstreamAnswer>()
  const ticket: Ticket = {
    running: null,
    assertWanted() {
      if (cancelled !== null) throw cancelled
    },
  }
  work(ticket)
    .finally(() => {
      isOver = true
    })
    .then(resolve, reject)
  // Whoever cancels may no longer wait for the answer.
  promise.catch(() => undefined)
  return {
    answer: promise,
    cancel(reason) {
      if (isOver || cancelled !== null) return
      cancelled = new Problem('upstream-failed', `The call to ${name} was cancelled.`)
      ticket.running?.stop(reason)
      reject(cancelled)
    },
  }
}
