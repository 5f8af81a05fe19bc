import { type Clock, LIMITS } from '#std/index.ts'
import {
  EVENT_LOG_BOUNDS,
  type EventId,
  eventIdText,
  type EventLog,
  type EventLogBounds,
  type EventPage,
  type EventSpan,
  hasGap,
  isAfter,
  readEventId,
} from './event-log.ts'

export interface MemoryEventLogOptions {
  readonly now: Clock
  readonly bounds?: EventLogBounds
  /** Of all streams together; the one to which nothing was appended for longest makes room. */
  readonly totalBytesMax?: number
  readonly streamsMax?: number
}

interface Entry {
  readonly id: EventId
  readonly data: string
  readonly bytes: number
}

interface Stream {
  span: EventSpan
  readonly entries: Entry[]
  bytes: number
  /** When it was written to last. */
  atMs: number
}

/** The adapter for one process. */
export function createMemoryEventLog({
  now,
  bounds = EVENT_LOG_BOUNDS,
  totalBytesMax = LIMITS.eventLogTotalBytesMax,
  streamsMax = LIMITS.eventLogStreamsMax,
}: MemoryEventLogOptions): EventLog {
  // In the order in which they were written to last.
  const streams = new Map<string, Stream>()
  let totalBytes = 0

  function forget(name: string): boolean {
    totalBytes -= streams.get(name)?.bytes ?? 0
    return streams.delete(name)
  }

  /** Forgets streams that are over, and the oldest while there is too much. */
  function sweep(nowMs: number): void {
    for (const [name, { atMs }] of streams) {
      if (atMs + bounds.ageMsMax > nowMs && totalBytes <= totalBytesMax && streams.size <= streamsMax) break
      forget(name)
    }
  }

  function change(stream: Stream, nowMs: number, entry?: Entry): void {
    totalBytes -= stream.bytes
    if (entry !== undefined) add(stream, entry, nowMs)
    trim(stream, bounds, nowMs)
    totalBytes += stream.bytes
  }

  return {
    async append(name, data) {
      const nowMs = now()
      sweep(nowMs)
      const known = streams.get(name)
      const id = nextId(known?.span.last, nowMs)
      const stream = known ?? { span: { first: id, last: id, evicted: null }, entries: [], bytes: 0, atMs: nowMs }
      streams.delete(name)
      streams.set(name, stream)
      change(stream, nowMs, { id, data, bytes: Buffer.byteLength(data) })
      sweep(nowMs)
      return eventIdText(id)
    },
    async read(name, afterId, countMax) {
      const nowMs = now()
      sweep(nowMs)
      const stream = streams.get(name)
      if (stream !== undefined) change(stream, nowMs)
      return pageOf(stream, afterId, countMax)
    },
    async delete(name) {
      sweep(now())
      return forget(name)
    },
    async close() {
      streams.clear()
      totalBytes = 0
    },
  }
}

function pageOf(stream: Stream | undefined, afterId: string | null, countMax: number): EventPage {
  const after = afterId === null ? null : readEventId(afterId)
  const entries = stream?.entries ?? []
  const start = after === null ? 0 : entries.findIndex(({ id }) => isAfter(id, after))
  const page = start < 0 ? [] : entries.slice(start, start + countMax)
  return {
    events: page.map(({ id, data }) => ({ id: eventIdText(id), data })),
    gap: hasGap(stream?.span ?? null, after, afterId !== null && after === null),
  }
}

function add(stream: Stream, entry: Entry, nowMs: number): void {
  stream.entries.push(entry)
  stream.bytes += entry.bytes
  stream.span = { ...stream.span, last: entry.id }
  stream.atMs = nowMs
}

/** A clock that stands still or goes back makes no identifier twice. */
function nextId(last: EventId | undefined, nowMs: number): EventId {
  return last !== undefined && last.ms >= nowMs ? { ms: last.ms, number: last.number + 1 } : { ms: nowMs, number: 0 }
}

function trim(stream: Stream, { eventsMax, bytesMax, ageMsMax }: EventLogBounds, nowMs: number): void {
  for (;;) {
    const oldest = stream.entries[0]
    if (oldest === undefined) return
    if (stream.entries.length <= eventsMax && stream.bytes <= bytesMax && oldest.id.ms + ageMsMax > nowMs) return
    stream.entries.shift()
    stream.bytes -= oldest.bytes
    stream.span = { ...stream.span, evicted: oldest.id }
  }
}
