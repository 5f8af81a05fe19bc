import { LIMITS } from '#std/index.ts'
import { bodyDigest } from './chain.ts'
import { decodeEvent } from './event-text.ts'
import type { AuditRecord } from './model.ts'
import { createPace } from './pace.ts'
import type { EventFacts } from './read-facts.ts'
import { summarise } from './summary.ts'

/** A block that has no place in the chain yet. */
export interface DraftBlock {
  readonly tenant: string
  readonly count: number
  /** The earliest and the latest time in it. */
  readonly fromMs: number
  readonly toMs: number
  /** A part of what it was made of: gone with the next batch. */
  readonly body: Buffer
  readonly bodySha256: string
  readonly summary: string
}

/** What stands behind each line of a spool file, and between two events of a body. No event holds one: JSON escapes it. */
const SEPARATOR = '\n'

/** The lines that events were read from, and as much room again, where lines of a block are put together. */
export interface Lines {
  readonly bytes: Buffer
  readonly room: Buffer
}

/**
 * Makes blocks of events in the order of time: one per tenant, and more where their times are further apart than
 * `auditBlockMsMax`. That bound is what lets a reader find all blocks that a moment may be in.
 */
export async function draftBlocks(events: readonly EventFacts[], lines: Lines): Promise<DraftBlock[]> {
  const drafts: DraftBlock[] = []
  const pace = createPace()
  let used = 0
  for (const [tenant, own] of Map.groupBy(events, (event) => event.tenant)) {
    for (const run of runsOf(own)) {
      await pace(run.length)
      const { body, end } = bodyOf(run, lines, used)
      used = end
      const [first, last] = [run[0]!, run.at(-1)!]
      drafts.push({
        tenant,
        count: run.length,
        fromMs: first.atMs,
        toMs: last.atMs,
        body,
        bodySha256: bodyDigest(body),
        summary: summarise(run),
      })
    }
  }
  return drafts
}

function* runsOf(events: readonly EventFacts[]): Generator<readonly EventFacts[]> {
  let start = 0
  for (let i = 0; i < events.length; i++) {
    if (events[i]!.atMs - events[start]!.atMs <= LIMITS.auditBlockMsMax) continue
    yield events.slice(start, i)
    start = i
  }
  yield start === 0 ? events : events.slice(start)
}

/** The lines of these events, one after the other: as they lie, or put together where there is room. */
function bodyOf(events: readonly EventFacts[], { bytes, room }: Lines, used: number): { readonly body: Buffer; readonly end: number } {
  let end = used
  let start = events[0]!.from
  for (let i = 1; i <= events.length; i++) {
    const before = events[i - 1]!
    // Lines that follow each other are copied as one.
    if (i < events.length && events[i]!.from === before.to + 1) continue
    if (i === events.length && end === used) return { body: bytes.subarray(start, before.to), end }
    end += bytes.copy(room, end, start, before.to)
    room[end++] = SEPARATOR.charCodeAt(0)
    if (i < events.length) start = events[i]!.from
  }
  return { body: room.subarray(used, end - 1), end }
}

/** The lines of a body: each is one event, the first in the first place of its block. */
export const linesOf = (body: string): string[] => body.split(SEPARATOR)

/** Null for a line that is no event any more. */
export function toRecord(line: string, seq: number, hash: string): AuditRecord | null {
  const decoded = decodeEvent(line)
  return decoded === null ? null : { seq, hash, event: decoded.event }
}
