import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Transaction } from 'kysely'
import { LIMITS } from '#std/index.ts'
import type { Database } from '#store/index.ts'
import { linesOf } from './block.ts'
import { type EventFacts, readFacts } from './read-facts.ts'

/**
 * The same events, in the order of time, without those that are in a block already, and each of them once. Reads only
 * blocks that one of them may be in, one at a time. Whoever calls this holds the heads of their tenants.
 */
export async function withoutKnown(transaction: Transaction<Database>, events: readonly EventFacts[]): Promise<EventFacts[]> {
  const fresh: EventFacts[] = []
  for (const [tenant, own] of Map.groupBy(events, (event) => event.tenant)) {
    const known = await knownIds(transaction, tenant, own)
    for (const event of own) {
      if (known.has(event.id)) continue
      known.add(event.id)
      fresh.push(event)
    }
  }
  return fresh.toSorted((a, b) => a.atMs - b.atMs)
}

/** Ids of the events of all blocks whose time overlaps with that of one of these. */
async function knownIds(transaction: Transaction<Database>, tenant: string, events: readonly EventFacts[]): Promise<Set<string>> {
  const ids = new Set<string>()
  const times = events.map(({ atMs }) => atMs)
  const latest = times.at(-1)!
  let [afterMs, afterSeq] = [times[0]!, 0]
  for (;;) {
    const rows = await transaction
      .selectFrom('audit_block')
      .select(['first_seq', 'from_ms', 'to_ms'])
      .where('tenant', '=', tenant)
      .where((is) => is.or([is('to_ms', '>', afterMs), is.and([is('to_ms', '=', afterMs), is('first_seq', '>', afterSeq)])]))
      .where('to_ms', '<=', latest + LIMITS.auditBlockMsMax)
      .orderBy('to_ms')
      .orderBy('first_seq')
      .limit(LIMITS.auditBlockPage)
      .execute()
    for (const { first_seq: firstSeq, from_ms: fromMs, to_ms: toMs } of rows) {
      if (holdsOne(times, fromMs, toMs)) await addIds(transaction, tenant, firstSeq, ids)
    }
    const last = rows.at(-1)
    if (last === undefined) return ids
    ;[afterMs, afterSeq] = [last.to_ms, last.first_seq]
  }
}

/** Whether one of these times, which are in order, lies between the two, both included. */
function holdsOne(times: readonly number[], fromMs: number, toMs: number): boolean {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! < fromMs) low = middle + 1
    else high = middle
  }
  return low < times.length && times[low]! <= toMs
}

async function addIds(transaction: Transaction<Database>, tenant: string, firstSeq: number, ids: Set<string>): Promise<void> {
  await nextTurn()
  const block = transaction.selectFrom('audit_block').select('body').where('tenant', '=', tenant).where('first_seq', '=', firstSeq)
  for (const line of linesOf((await block.executeTakeFirstOrThrow()).body)) {
    const facts = readFacts(line)
    if (facts !== null) ids.add(facts.id)
  }
}
