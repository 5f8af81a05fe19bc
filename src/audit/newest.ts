import type { AuditRecord } from './model.ts'

/** A place in the order of lists: by time, and by id where times are the same. */
export interface Place {
  readonly atMs: number
  readonly id: string
}

/** The newest of what was shown to it, and no more of them than it was made for. */
export interface Newest {
  isFull(): boolean
  /** The oldest that is kept. Only of one that is full. */
  last(): Place
  /** Whether such an event would be kept. */
  takes(place: Place): boolean
  add(record: AuditRecord): void
  /** Newest first. */
  records(): readonly AuditRecord[]
  /** Those that are not before a place. */
  from(place: Place): readonly AuditRecord[]
}

export function newestOf(max: number): Newest {
  const records: AuditRecord[] = []
  const last = (): Place => records.at(-1)!.event
  return {
    isFull: () => records.length === max,
    last,
    takes: (place) => records.length < max || isNewer(place, last()),
    add(record) {
      let [low, high] = [0, records.length]
      while (low < high) {
        const middle = (low + high) >> 1
        if (isNewer(record.event, records[middle]!.event)) high = middle
        else low = middle + 1
      }
      records.splice(low, 0, record)
      if (records.length > max) records.pop()
    },
    records: () => records,
    from: (place) => records.filter(({ event }) => !isNewer(place, event)),
  }
}

const isNewer = (one: Place, other: Place): boolean => one.atMs > other.atMs || (one.atMs === other.atMs && one.id > other.id)
