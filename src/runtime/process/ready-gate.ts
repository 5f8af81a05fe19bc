import type { Problem } from '#std/index.ts'

/** Where callers wait until something is ready, each no longer than its own deadline. */
export interface ReadyGate<T> {
  wait(deadlineAtMs: number, tooLate: () => Problem): Promise<T>
  open(value: T): void
  fail(problem: Problem): void
}

interface Waiter<T> {
  readonly resolve: (value: T) => void
  readonly reject: (problem: Problem) => void
  readonly timer: NodeJS.Timeout
}

export function createReadyGate<T>(now: () => number): ReadyGate<T> {
  const waiters = new Set<Waiter<T>>()
  const release = (settle: (waiter: Waiter<T>) => void): void => {
    for (const waiter of waiters) {
      clearTimeout(waiter.timer)
      settle(waiter)
    }
    waiters.clear()
  }
  return {
    wait: (deadlineAtMs, tooLate) =>
      new Promise((resolve, reject) => {
        const expire = (): void => {
          waiters.delete(waiter)
          reject(tooLate())
        }
        const waiter = { resolve, reject, timer: setTimeout(expire, Math.max(0, deadlineAtMs - now())) }
        waiters.add(waiter)
      }),
    open: (value) => release((waiter) => waiter.resolve(value)),
    fail: (problem) => release((waiter) => waiter.reject(problem)),
  }
}
