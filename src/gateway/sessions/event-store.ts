import { LRUCache } from 'lru-cache'
import { LIMITS } from '#std/index.ts'

/** What was sent on one stream, in order. */
export interface StoredEvents {
  /** JSON texts with their numbers, from 1. */
  readonly events: readonly { readonly seq: number; readonly data: string }[]
  /** Nothing more will come. */
  readonly isFinished: boolean
}

/**
 * What legacy streams have sent, for clients that come back with `Last-Event-ID` (2025-11-25, resumability). Bounded in events,
 * bytes and age; what does not fit is dropped, oldest stream first, and its client calls again.
 */
export interface EventStore {
  append(stream: string, seq: number, data: string): void
  finish(stream: string): void
  /** The events behind `afterSeq`; null when the stream is not known or some of them are gone. */
  read(stream: string, afterSeq: number): Promise<StoredEvents | null>
}

interface Stream {
  events: { seq: number; data: string }[]
  bytes: number
  /** Of the last event that was dropped. */
  droppedSeq: number
  isFinished: boolean
}

/** In the memory of this process. */
export function createEventStore(): EventStore {
  const streams = new LRUCache<string, Stream>({
    max: LIMITS.eventStoreStreamsMax,
    ttl: LIMITS.eventStoreAgeMsMax,
    maxSize: LIMITS.eventStoreBytesMax,
    sizeCalculation: ({ bytes }) => bytes + 1,
  })
  return {
    append(key, seq, data) {
      const stream = streams.get(key) ?? { events: [], bytes: 0, droppedSeq: 0, isFinished: false }
      stream.events.push({ seq, data })
      stream.bytes += data.length
      while (stream.events.length > LIMITS.eventStoreEventsMax || stream.bytes > LIMITS.eventStoreStreamBytesMax) {
        const dropped = stream.events.shift()!
        stream.bytes -= dropped.data.length
        stream.droppedSeq = dropped.seq
      }
      // Set again, so that its size is counted anew.
      streams.set(key, { ...stream })
    },
    finish(key) {
      const stream = streams.get(key)
      if (stream !== undefined) stream.isFinished = true
    },
    async read(key, afterSeq) {
      const stream = streams.get(key)
      if (stream === undefined || afterSeq < stream.droppedSeq) return null
      return { events: stream.events.filter(({ seq }) => seq > afterSeq), isFinished: stream.isFinished }
    },
  }
}
