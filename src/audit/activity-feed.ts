import { LIMITS } from '#std/index.ts'
import { linesOf, toRecord } from './block.ts'
import type { AuditRecord, DrainedBatch, DrainedBlock } from './model.ts'

/** What a listener gets: an event, or how many it missed because it read too slowly. */
export type ActivityItem = { readonly kind: 'event'; readonly record: AuditRecord } | { readonly kind: 'dropped'; readonly count: number }

export interface ActivitySubscription extends AsyncIterable<ActivityItem> {
  /** Ends the iteration. */
  close(): void
}

/** The live tail: what the drain has just put into the database, to whoever listens. */
export interface ActivityFeed {
  /** Give this to the drain as `onBatch`. Never waits for a listener, and costs nothing where nobody listens. */
  publish(batch: Pick<DrainedBatch, 'blocks'>): void
  /** Events of one tenant from now on. A listener that does not keep up loses the oldest and is told how many. */
  subscribe(tenant: string, queueMax?: number): ActivitySubscription
  /** Ends all subscriptions. */
  close(): void
}

export function createActivityFeed(): ActivityFeed {
  const listeners = new Set<Listener>()
  return {
    publish({ blocks }) {
      for (const block of blocks) {
        const own = [...listeners].filter(({ tenant }) => tenant === block.tenant)
        if (own.length === 0) continue
        const places = placesOf(block)
        for (const listener of own) listener.push(places)
      }
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

/** An event that nobody has read yet. */
interface Place {
  readonly seq: number
  readonly hash: string
  readonly line: string
}

function placesOf({ firstSeq, hash, body }: DrainedBlock): Place[] {
  return linesOf(body.toString()).map((line, i) => ({ seq: firstSeq + i, hash, line }))
}

class Listener implements ActivitySubscription {
  readonly tenant: string
  readonly #queueMax: number
  readonly #onClose: () => void
  #queue: Place[] = []
  #dropped = 0
  #isClosed = false
  #wake: () => void = () => {}

  constructor(tenant: string, queueMax: number, onClose: () => void) {
    this.tenant = tenant
    this.#queueMax = queueMax
    this.#onClose = onClose
  }

  push(places: readonly Place[]): void {
    this.#queue.push(...places)
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
        const place = this.#queue.shift()
        // Read one by one, so that a listener takes no longer stretch of time than it needs for an event.
        const record = place === undefined ? null : toRecord(place.line, place.seq, place.hash)
        if (record !== null) yield { kind: 'event', record }
        else if (place === undefined) await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      this.close()
    }
  }
}
