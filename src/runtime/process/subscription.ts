import { backoffMs, LIMITS } from '#std/index.ts'
import type { PendingAnswer } from '../model.ts'
import { LISTEN, type StdioPeer } from './stdio-peer.ts'

/** What a client may want to hear of (2026-07-28, basic/patterns/subscriptions; Tasks extension for `taskIds`). */
export interface Filter {
  readonly notifications: Record<string, unknown>
  readonly clientCapabilities: Record<string, unknown>
}

/** Keeps one `subscriptions/listen` open at a modern server, with the filter of the moment. */
export interface Subscription {
  /** From now on this filter, or none. */
  listen(filter: Filter | null): void
  /** Its process is gone, or nobody wants to hear any more. */
  close(): void
}

export function createSubscription(peer: StdioPeer, now: () => number): Subscription {
  let current: PendingAnswer | null = null
  let timer: NodeJS.Timeout | undefined
  let failures = 0

  const open = (filter: Filter): void => {
    const former = current
    const openedAtMs = now()
    // Answered when the server ends the subscription; until then there is nothing to wait for.
    const opened = peer.request({
      method: LISTEN,
      params: { notifications: filter.notifications },
      clientCapabilities: filter.clientCapabilities,
      deadlineAtMs: Infinity,
    })
    current = opened
    // The new one first, so that nothing falls between the two.
    former?.cancel('another filter')
    const again = (): void => {
      if (current !== opened) return
      current = null
      if (now() - openedAtMs > LIMITS.instanceStableMs) failures = 0
      timer = setTimeout(() => open(filter), backoffMs(failures++, LIMITS.restartBackoffMsMin, LIMITS.restartBackoffMsMax)).unref()
    }
    opened.answer.then(
      // A server that refuses does not tell; one that ends it may be asked again.
      (answer) => answer.ok === true && again(),
      again,
    )
  }
  const stop = (reason: string): void => {
    clearTimeout(timer)
    const former = current
    current = null
    former?.cancel(reason)
  }
  return {
    listen(filter) {
      clearTimeout(timer)
      if (filter === null) stop('nobody listens')
      else open(filter)
    },
    close: () => stop('the end'),
  }
}
