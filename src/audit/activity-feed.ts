import { LIMITS } from '#std/index.ts'
import type { AuditRecord } from './model.ts'

/** What a listener gets: an event, or how many it missed because it read too slowly. */
export type ActivityItem = { readonly kind: 'event'; readonly record: AuditRecord } | { readonly kind: 'dropped'; readonly count: number }

export interface ActivitySubscription extends AsyncIterable<ActivityItem> {
  /** Ends the iteration. */
  close(): void
}

/** The live tail: what the drain has just put into the database, to whoever listens. */
export interface ActivityFeed {
  /** Give this to the drain as `onBatch`. Never waits for a listener. */
  publish(records: readonly AuditRecord[]): void
  /** Events of one tenant from now on. A listener that does not keep up loses the oldest and is told how many. */
  subscribe(tenant: string, queueMax?: number): ActivitySubscription
  /** Ends all subscriptions. */
  close(): void
}

export function createActivityFeed(): ActivityFeed {
  const listeners = new Set<Listener>()
  return {
    publish(records) {
      for (const listener of listeners) listener.push(records)
    },
    subscribe(tenant, queueMax = LIMITS.activityQueueMax) {
      const listener = new Listener(tenant, queueMax, () => listeners.delete(listener))
      listeners.add(listener)
      return listener
    },
    close() {
      for (const listener of listeners) listener.close()
    },
  }
}

class Listener implements ActivitySubscription {
  readonly #tenant: string
  readonly #queueMax: number
  readonly #onClose: () => void
  #queue: AuditRecord[] = []
  #dropped = 0
  #isClosed = false
  #wake: () => void = () => {}

  constructor(tenant: string, queueMax: number, onClose: () => void) {
    this.#tenant = tenant
    this.#queueMax = queueMax
    this.#onClose = onClose
  }

  push(records: readonly AuditRecord[]): void {
    for (const record of records) if (record.event.tenant === this.#tenant) this.#queue.push(record)
    const surplus = this.#queue.length - this.#queueMax
    if (surplus > 0) {
      this.#queue.splice(0, surplus)
      this.#dropped += surplus
    }
    this.#wake()
  }

  close(): void {
    this.#isClosed = true
    this.#onClose()
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ActivityItem, void> {
    try {
      while (!this.#isClosed) {
        if (this.#dropped > 0) {
          const count = this.#dropped
          this.#dropped = 0
          yield { kind: 'dropped', count }
        }
        const record = this.#queue.shift()
        if (record !== undefined) yield { kind: 'event', record }
        else await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      this.close()
    }
  }
}
