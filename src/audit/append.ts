import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Transaction } from 'kysely'
import { LIMITS } from '#std/index.ts'
import type { Database, Store } from '#store/index.ts'
import { countCalls } from './call-minutes.ts'
import { chainHash, filterColumns, GENESIS } from './chain.ts'
import type { DecodedEvent } from './event-text.ts'
import type { AuditRecord } from './model.ts'
import type { SpoolPart } from './spool-folder.ts'

/** An event with the exact text that goes into the chain. */
export interface ReadEvent extends DecodedEvent {
  readonly body: string
}

export interface Batch {
  readonly parts: readonly SpoolPart[]
  readonly events: readonly ReadEvent[]
}

/** Somebody else has drained these files meanwhile, or a commit that seemed to fail had succeeded. */
export class StaleOffset extends Error {
  readonly offsets: ReadonlyMap<string, number>

  constructor(offsets: ReadonlyMap<string, number>) {
    super('The spool was drained further than this process knew.')
    this.offsets = offsets
  }
}

const COLUMNS = [
  'tenant', 'seq', 'id', 'at_ms', 'kind', 'actor_id', 'actor_name', 'endpoint', 'deployment', 'method', 'target',
  'verdict', 'outcome', 'us', 'body', 'hash',
] as const // prettier-ignore

/**
 * Appends a batch to the chains of its tenants: rows, calls per minute, heads and spool offsets in one transaction, so that a batch is
 * there once or not at all, whatever dies when. Locks are taken in one order (files, then tenants by name), so that
 * nodes that drain into the same chains wait for each other and never for ever. With `skipKnown`, events that are
 * already there are left out: the second net, for a spool that was restored from a copy.
 */
export function appendBatch(store: Store, batch: Batch, skipKnown: boolean): Promise<AuditRecord[]> {
  return store.transaction(async (transaction) => {
    await checkOffsets(transaction, store, batch.parts)
    const events = skipKnown ? await withoutKnown(transaction, batch.events) : batch.events
    const tenants = [...new Set(events.map(({ event }) => event.tenant))].toSorted()
    const heads = await lockHeads(transaction, store, tenants)
    const records: AuditRecord[] = []
    for (let start = 0; start < events.length; start += LIMITS.drainSliceMax) {
      // SQLite works in this very thread: calls get their turn between two slices.
      if (start > 0) await nextTurn()
      const slice = events.slice(start, start + LIMITS.drainSliceMax)
      const linked = slice.map((read) => link(read, heads.get(read.event.tenant)!))
      await store.bulkInsert(
        transaction,
        'audit_event',
        COLUMNS,
        linked.map((record, i) => rowOf(record, slice[i]!)),
      )
      records.push(...linked)
    }
    await countCalls(transaction, store, records)
    for (const [tenant, head] of heads) {
      await transaction.updateTable('audit_head').set({ seq: head.seq, hash: head.hash }).where('tenant', '=', tenant).execute()
    }
    for (const { file, to } of batch.parts) {
      await transaction.updateTable('spool_offset').set({ offset: to }).where('file', '=', file).execute()
    }
    return records
  })
}

function rowOf({ seq, hash, event }: AuditRecord, read: ReadEvent) {
  return { tenant: event.tenant, seq, ...filterColumns(read), body: read.body, hash }
}

interface Head {
  seq: number
  hash: string
}

function link({ at, event, body }: ReadEvent, head: Head): AuditRecord {
  head.seq += 1
  head.hash = chainHash(head.hash, event.tenant, head.seq, at, body)
  return { seq: head.seq, hash: head.hash, event }
}

async function checkOffsets(transaction: Transaction<Database>, store: Store, parts: readonly SpoolPart[]): Promise<void> {
  const files = parts.map(({ file }) => file).toSorted()
  let query = transaction.selectFrom('spool_offset').select(['file', 'offset']).where('file', 'in', files).orderBy('file')
  if (store.dialect === 'postgres') query = query.forUpdate()
  const offsets = new Map((await query.execute()).map((row) => [row.file, row.offset]))
  if (parts.some(({ file, from }) => offsets.get(file) !== from)) throw new StaleOffset(offsets)
}

async function lockHeads(transaction: Transaction<Database>, store: Store, tenants: readonly string[]): Promise<Map<string, Head>> {
  const heads = new Map<string, Head>()
  if (tenants.length === 0) return heads
  const read = async (): Promise<void> => {
    let query = transaction.selectFrom('audit_head').selectAll().where('tenant', 'in', tenants).orderBy('tenant')
    if (store.dialect === 'postgres') query = query.forUpdate()
    for (const { tenant, seq, hash } of await query.execute()) heads.set(tenant, { seq, hash })
  }
  await read()
  const missing = tenants.filter((tenant) => !heads.has(tenant))
  if (missing.length === 0) return heads
  const first = missing.map((tenant) => ({ tenant, seq: 0, hash: GENESIS }))
  await transaction.insertInto('audit_head').values(first).onConflict((conflict) => conflict.doNothing()).execute() // prettier-ignore
  await read()
  return heads
}

async function withoutKnown(transaction: Transaction<Database>, events: readonly ReadEvent[]): Promise<ReadEvent[]> {
  const ids = events.map((read) => filterColumns(read).id)
  if (ids.length === 0) return []
  const times = events.map(({ event }) => event.atMs)
  const rows = await transaction
    .selectFrom('audit_event')
    .select('id')
    .where('tenant', 'in', [...new Set(events.map(({ event }) => event.tenant))])
    .where('at_ms', '>=', Math.min(...times))
    .where('at_ms', '<=', Math.max(...times))
    .where('id', 'in', ids)
    .execute()
  const known = new Set(rows.map(({ id }) => id))
  return events.filter((_, i) => {
    if (known.has(ids[i]!)) return false
    known.add(ids[i]!)
    return true
  })
}
