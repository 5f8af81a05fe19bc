import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Transaction } from 'kysely'
import { LIMITS } from '#std/index.ts'
import type { Database, Dialect, Store } from '#store/index.ts'
import { type DraftBlock, draftBlocks, type Lines } from './block.ts'
import { countCalls, minutesOf } from './call-minutes.ts'
import { blockHash, GENESIS } from './chain.ts'
import type { DrainedBlock } from './model.ts'
import type { EventFacts } from './read-facts.ts'
import { insertInto, insertRows, type KeyedQuery, readRows } from './rows.ts'
import type { SpoolPart } from './spool-folder.ts'
import { withoutKnown } from './without-known.ts'

export interface Batch {
  /** From where to where each file was read. */
  readonly parts: readonly Pick<SpoolPart, 'file' | 'from' | 'to'>[]
  /** In the order of time. */
  readonly events: readonly EventFacts[]
  readonly lines: Lines
}

/** Somebody else has drained these files meanwhile, or a commit that seemed to fail had succeeded. */
export class StaleOffset extends Error {
  readonly offsets: ReadonlyMap<string, number>

  constructor(offsets: ReadonlyMap<string, number>) {
    super('The spool was drained further than this process knew.')
    this.offsets = offsets
  }
}

/**
 * Appends a batch to the chains of its tenants: blocks, calls per minute, heads and spool offsets in one transaction, so
 * that a batch is there once or not at all, whatever dies when. Locks are taken in one order (files, then tenants by name),
 * so that nodes that drain into the same chains wait for each other and never for ever. With `skipKnown`, events that are
 * already there are left out: the second net, for a spool that was restored from a copy.
 */
export async function appendBatch(store: Store, { parts, events, lines }: Batch, skipKnown: boolean): Promise<DrainedBlock[]> {
  const { dialect } = store
  const turn = turnFor(events)
  // Whatever needs no lock is done before there is one: SQLite has one connection, and PostgreSQL other nodes.
  const drafted = skipKnown ? null : await draft(events, lines, turn)
  return store.transaction(async (transaction) => {
    await checkOffsets(transaction, dialect, parts)
    const heads = await lockHeads(transaction, dialect, tenantsOf(events))
    const { drafts, minutes } = drafted ?? (await draft(await withoutKnown(transaction, events), lines, turn))
    const blocks = drafts.map((block) => chained(block, heads.get(block.tenant)!))
    await insertRows(transaction, dialect, BLOCKS, blocks.map(rowOf))
    await turn()
    await countCalls(transaction, store, minutes)
    const newHeads = [...heads].map(([tenant, { seq, hash }]) => [tenant, seq, hash])
    await insertRows(transaction, dialect, NEW_HEADS, newHeads)
    const newOffsets = parts.map(({ file, to }) => [file, to])
    await insertRows(transaction, dialect, NEW_OFFSETS, newOffsets)
    return blocks
  })
}

type Turn = () => Promise<void> | void

/** Gives calls their turn between two steps of a large batch; each step takes about a millisecond of this thread. */
function turnFor({ length }: readonly EventFacts[]): Turn {
  return () => (length < LIMITS.drainSliceMax ? undefined : nextTurn())
}

async function draft(events: readonly EventFacts[], lines: Lines, turn: Turn) {
  await turn()
  const drafts = await draftBlocks(events, lines)
  await turn()
  const minutes = minutesOf(events)
  await turn()
  return { drafts, minutes }
}

const tenantsOf = (events: readonly EventFacts[]): string[] => [...new Set(events.map(({ tenant }) => tenant))].toSorted()

interface Head {
  seq: number
  hash: string
}

interface ChainedBlock extends DraftBlock, DrainedBlock {
  readonly lastSeq: number
}

/** Gives a block its place, which moves the head on. */
function chained(block: DraftBlock, head: Head): ChainedBlock {
  const { tenant, bodySha256 } = block
  const firstSeq = head.seq + 1
  head.seq += block.count
  head.hash = blockHash(head.hash, { tenant, firstSeq, lastSeq: head.seq, bodySha256 })
  return { ...block, firstSeq, lastSeq: head.seq, hash: head.hash }
}

const BLOCKS = insertInto('audit_block (tenant, first_seq, last_seq, from_ms, to_ms, hash, summary, body)', 8, { textAt: 7 })

function rowOf({ tenant, firstSeq, lastSeq, fromMs, toMs, hash, summary, body }: ChainedBlock): readonly unknown[] {
  return [tenant, firstSeq, lastSeq, fromMs, toMs, hash, summary, body]
}

const OFFSETS: KeyedQuery = {
  sqlite: 'select file, "offset" from spool_offset where file = ?',
  postgres: 'select file, "offset" from spool_offset where file = any($1::text[]) order by file for update',
}
const NEW_OFFSETS = insertInto('spool_offset (file, "offset")', 2, {
  ending: 'on conflict (file) do update set "offset" = excluded."offset"',
})

async function checkOffsets(transaction: Transaction<Database>, dialect: Dialect, parts: Batch['parts']): Promise<void> {
  const files = parts.map(({ file }) => file).toSorted()
  const rows = await readRows<{ file: string; offset: number }>(transaction, dialect, OFFSETS, files)
  const offsets = new Map(rows.map(({ file, offset }) => [file, offset]))
  if (parts.some(({ file, from }) => offsets.get(file) !== from)) throw new StaleOffset(offsets)
}

const HEADS: KeyedQuery = {
  sqlite: 'select tenant, seq, hash from audit_head where tenant = ?',
  postgres: 'select tenant, seq, hash from audit_head where tenant = any($1::text[]) order by tenant for update',
}
const FIRST_HEADS = insertInto('audit_head (tenant, seq, hash)', 3, { ending: 'on conflict (tenant) do nothing' })
const NEW_HEADS = insertInto(FIRST_HEADS.into, 3, {
  ending: 'on conflict (tenant) do update set seq = excluded.seq, hash = excluded.hash',
})

async function lockHeads(transaction: Transaction<Database>, dialect: Dialect, tenants: readonly string[]): Promise<Map<string, Head>> {
  const heads = new Map<string, Head>()
  if (tenants.length === 0) return heads
  const read = async (): Promise<void> => {
    const rows = await readRows<{ tenant: string; seq: number; hash: string }>(transaction, dialect, HEADS, tenants)
    for (const { tenant, seq, hash } of rows) heads.set(tenant, { seq, hash })
  }
  await read()
  const missing = tenants.filter((tenant) => !heads.has(tenant))
  if (missing.length === 0) return heads
  await insertRows(transaction, dialect, FIRST_HEADS, missing.map((tenant) => [tenant, 0, GENESIS])) // prettier-ignore
  await read()
  return heads
}
