import { hash } from 'node:crypto'
import { LIMITS, Problem } from '#std/index.ts'
import type { EdgeInbound } from './edge.ts'

/** Counts the conversations that are open: all together, and of each caller. */
export interface Seats {
  /** Throws `overloaded` at a limit. The result gives the seat back. */
  take(callerKey: string): () => void
}

export function createSeats(): Seats {
  const perCaller = new Map<string, number>()
  let count = 0
  return {
    take(callerKey) {
      const mine = perCaller.get(callerKey) ?? 0
      if (count >= LIMITS.conversationsMax || mine >= LIMITS.conversationsPerCallerMax) {
        throw new Problem('overloaded', 'There are too many open connections of this kind.', {
          remedy: 'Close some of them.',
          extensions: { retryAfterSeconds: 5 },
        })
      }
      count++
      perCaller.set(callerKey, mine + 1)
      let isTaken = true
      return () => {
        if (!isTaken) return
        isTaken = false
        count--
        const left = (perCaller.get(callerKey) ?? 1) - 1
        if (left === 0) perCaller.delete(callerKey)
        else perCaller.set(callerKey, left)
      }
    },
  }
}

/** Tells credentials apart without keeping them: who shows none is known by address. */
export function callerKeyOf({ headers, remoteAddress }: Pick<EdgeInbound, 'headers' | 'remoteAddress'>): string {
  const { authorization } = headers
  return authorization === undefined ? `address ${remoteAddress}` : hash('sha256', authorization, 'hex')
}
