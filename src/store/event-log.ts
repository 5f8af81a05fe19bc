import { LIMITS } from '#std/index.ts'

/**
 * What was sent on streams that can be taken up again (MCP 2025-11-25, transports, resumability and redelivery). Each
 * stream keeps its last events, as far as the bounds allow; what is beyond them goes, oldest first. A stream to which
 * nothing was appended for `ageMsMax` is forgotten, and with it that it ever was.
 *
 * Identifiers rise within a stream and say nothing across streams: the `id` of an event on the wire, which must be unique
 * within a session, has to name the stream as well. Everything rejects with `store-unavailable` when the place where it is
 * kept is away; then the event may have been kept or not.
 */
export interface EventLog {
  /**
   * Gives the identifier of the event. One that is larger than a stream may be gets its identifier and is not kept, nor is
   * what came before it: whoever reads from before it is told of the gap.
   */
  append(stream: string, data: string): Promise<string>
  /**
   * Up to `countMax` events after this one, oldest first; `null` reads from the oldest there is. `afterId` may come from
   * anybody: one that was never given is answered with `gap`.
   */
  read(stream: string, afterId: string | null, countMax: number): Promise<EventPage>
  /** True when there was something. */
  delete(stream: string): Promise<boolean>
  close(): Promise<void>
}

export interface EventPage {
  readonly events: readonly LoggedEvent[]
  /** True when events after `afterId` are, or may be, no longer there. `events` are those that still are. */
  readonly gap: boolean
}

export interface LoggedEvent {
  readonly id: string
  readonly data: string
}

/** What one stream keeps at most. */
export interface EventLogBounds {
  readonly eventsMax: number
  /** In UTF-8. */
  readonly bytesMax: number
  readonly ageMsMax: number
}

export const EVENT_LOG_BOUNDS: EventLogBounds = {
  eventsMax: LIMITS.eventLogEventsMax,
  bytesMax: LIMITS.eventLogBytesMax,
  ageMsMax: LIMITS.eventLogAgeMsMax,
}

/** Milliseconds since the epoch, and a number among the events of that millisecond. */
export interface EventId {
  readonly ms: number
  readonly number: number
}

/** Of a stream that is there: its first event ever, its last one, and the last one that is no longer kept. */
export interface EventSpan {
  readonly first: EventId
  readonly last: EventId
  readonly evicted: EventId | null
}

const EVENT_ID = /^(\d{1,15})-(\d{1,15})$/

/** Null for a text that cannot have come from here. */
export function readEventId(text: string): EventId | null {
  const [, ms, number] = EVENT_ID.exec(text) ?? []
  return ms === undefined || number === undefined ? null : { ms: Number(ms), number: Number(number) }
}

export const eventIdText = ({ ms, number }: EventId): string => `${ms}-${number}`

export const isAfter = (one: EventId, other: EventId): boolean => one.ms > other.ms || (one.ms === other.ms && one.number > other.number)

/**
 * Whether a reader who has seen `after`, and all before it, may miss something that will not come. `after` is null for
 * one who has seen nothing; `isUnknown` when what it named cannot have come from here.
 */
export function hasGap(span: EventSpan | null, after: EventId | null, isUnknown: boolean): boolean {
  if (isUnknown) return true
  if (span === null) return after !== null
  if (after === null) return span.evicted !== null
  return isAfter(span.evicted ?? span.first, after) || isAfter(after, span.last)
}
