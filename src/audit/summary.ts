import { LIMITS } from '#std/index.ts'
import { columnText } from './chain.ts'
import type { EventFacts } from './read-facts.ts'

/** What events are looked for by. */
export type SummaryColumn = 'actorId' | 'deployment' | 'endpoint' | 'kind' | 'method' | 'outcome' | 'target' | 'verdict'

/**
 * Which values the events of a block have, as JSON: for each column that events are looked for by, the distinct values in
 * code-unit order, or null where there are more than `auditSummaryValuesMax`. The same events give the same text.
 */
export function summarise(events: readonly EventFacts[]): string {
  const [actorId, deployment, endpoint, kind] = [new Distinct(), new Distinct(), new Distinct(), new Distinct()]
  const [method, outcome, target, verdict] = [new Distinct(), new Distinct(), new Distinct(), new Distinct()]
  // All columns of an event at a time: it is in the cache of the processor then.
  for (const event of events) {
    actorId.add(event.actorId)
    deployment.add(event.deployment)
    endpoint.add(event.endpoint)
    kind.add(event.kind)
    method.add(event.method)
    outcome.add(event.outcome)
    target.add(event.target)
    verdict.add(event.verdict)
  }
  const all = { actorId, deployment, endpoint, kind, method, outcome, target, verdict } satisfies Record<SummaryColumn, Distinct>
  return JSON.stringify(all)
}

class Distinct {
  readonly #seen = new Set<string>()
  #last: string | undefined

  add(value: string): void {
    // Neighbours are often the same, and comparing costs less than looking up.
    if (value === this.#last) return
    this.#last = value
    this.#seen.add(value)
  }

  toJSON(): readonly string[] | null {
    const values = new Set<string>()
    for (const value of this.#seen) if (values.add(columnText(value)).size > LIMITS.auditSummaryValuesMax) return null
    return [...values].toSorted()
  }
}

/** The texts that events are looked for by, as columns hold them. */
export type Wanted = readonly (readonly [column: SummaryColumn, value: string])[]

/** Whether a block with this summary may hold such an event. A summary that is none hides nothing. */
export function mayHold(summary: string, wanted: Wanted): boolean {
  if (wanted.length === 0) return true
  let columns: Partial<Record<SummaryColumn, unknown>>
  try {
    columns = Object(JSON.parse(summary)) as typeof columns
  } catch {
    return true
  }
  return wanted.every(([column, value]) => {
    const values = columns[column]
    return !Array.isArray(values) || values.includes(value)
  })
}

/** Whether this event is one of those wanted. */
export function isWanted(event: EventFacts, wanted: Wanted): boolean {
  return wanted.every(([column, value]) => event[column] === value || columnText(event[column]) === value)
}
