import type { Settings } from '#config.ts'
import { createEventStore, type EventStore } from '#gateway/index.ts'
import type { EventLog, SharedState } from '#store/index.ts'
import type { Log } from '#telemetry/index.ts'
import { LIMITS } from '#std/index.ts'

/** Where this process keeps the events of streams: with other nodes where there are some, else in its memory. */
export function eventsOf({
  settings,
  shared,
  log,
}: {
  readonly settings: Settings
  readonly shared: SharedState
  readonly log: Pick<Log, 'warn'>
}): EventStore {
  if (settings.redisUrl === undefined) return createEventStore()
  return shareEvents(shared.eventLog, (error) => log.warn({ err: error }, 'an event of a stream was not kept'))
}

interface Entry {
  readonly seq: number
  readonly data: string
  readonly isFinished?: true
}

/**
 * The events of streams where every node finds them. One that cannot be kept because Redis is away is lost for a client that
 * comes back: it is told so, and calls again.
 */
export function shareEvents(log: EventLog, onError: (error: unknown) => void): EventStore {
  /** Appending goes in order, one after the other, per stream. */
  const last = new Map<string, Promise<unknown>>()
  const append = (stream: string, entry: Entry): void => {
    const before = last.get(stream) ?? Promise.resolve()
    const mine = before.then(() => log.append(stream, JSON.stringify(entry))).catch(onError)
    last.set(stream, mine)
    void mine.then(() => last.get(stream) === mine && last.delete(stream))
  }
  return {
    append: (stream, seq, data) => append(stream, { seq, data }),
    finish: (stream) => append(stream, { seq: 0, data: '', isFinished: true }),
    async read(stream, afterSeq) {
      const { events } = await log.read(stream, null, LIMITS.eventLogEventsMax)
      const entries = events.map(({ data }) => JSON.parse(data) as Entry)
      const numbered = entries.filter(({ isFinished }) => isFinished === undefined)
      const first = numbered[0]?.seq
      if (first === undefined || first > afterSeq + 1) return null
      return {
        events: numbered.filter(({ seq }) => seq > afterSeq),
        isFinished: entries.some(({ isFinished }) => isFinished === true),
      }
    },
  }
}
