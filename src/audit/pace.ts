import { setImmediate as nextTurn } from 'node:timers/promises'
import { LIMITS } from '#std/index.ts'

/**
 * Gives other work its turn, after `drainSliceMax` events at the latest: told before each piece of work how many events it
 * is about. What is read and what SQLite does happens in the thread that answers calls.
 */
export function createPace(): (events: number) => Promise<void> {
  let worked = 0
  return async (events) => {
    if (worked >= LIMITS.drainSliceMax) {
      worked = 0
      await nextTurn()
    }
    worked += events
  }
}
