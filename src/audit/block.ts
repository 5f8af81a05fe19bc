import { LIMITS } from '#std/index.ts'
import { bodyDigest } from './chain.ts'
import { decodeEvent } from './event-text.ts'
import type { AuditRecord, DrainedBlock } from './model.ts'
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
  readonly body: string
  readonly bodySha256: string
  readonly summary: string
}

/** What stands between two events of a body. No event holds one: JSON escapes it. */
const SEPARATOR = '\n'

/**
 * Makes blocks of events in the order of time: one per tenant, and more where their times are further apart than
 * `auditBlockMsMax`. That bound is what lets a reader find all blocks that a moment may be in.
 */
export async function draftBlocks(events: readonly EventFacts[]): Promise<DraftBlock[]> {
  const drafts: DraftBlock[] = []
  const pace = createPace()
  for (const [tenant, own] of Map.groupBy(events, (event) => event.tenant)) {
    for (const run of runsOf(own)) {
      await pace(run.length)
      drafts.push(draftOf(tenant, run))
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

function draftOf(tenant: string, events: readonly EventFacts[]): DraftBlock {
  const body = events.map(({ line }) => line).join(SEPARATOR)
  return {
    tenant,
    count: events.length,
    fromMs: events[0]!.atMs,
    toMs: events.at(-1)!.atMs,
    body,
    bodySha256: bodyDigest(body),
    summary: summarise(events),
  }
}

/** The lines of a body: each is one event, the first in the first place of its block. */
export const linesOf = (body: string): string[] => body.split(SEPARATOR)

/** The events of a block, read in full. A line that is no event any more is left out; `verifyChain` names it. */
export function recordsOf({ firstSeq, hash, body }: DrainedBlock): AuditRecord[] {
  return linesOf(body).flatMap((line, i) => toRecord(line, firstSeq + i, hash) ?? [])
}

/** Null for a line that is no event any more. */
export function toRecord(line: string, seq: number, hash: string): AuditRecord | null {
  const decoded = decodeEvent(line)
  return decoded === null ? null : { seq, hash, event: decoded.event }
}
