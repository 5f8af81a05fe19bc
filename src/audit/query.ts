import type { Selectable } from 'kysely'
import { LIMITS, Problem, timeOfId } from '#std/index.ts'
import type { AuditBlockTable, Store } from '#store/index.ts'
import { linesOf, toRecord } from './block.ts'
import { columnText } from './chain.ts'
import type { AuditRecord } from './model.ts'
import { type Place, newestOf, type Newest } from './newest.ts'
import { createPace } from './pace.ts'
import { readFacts } from './read-facts.ts'
import { isWanted, mayHold, type SummaryColumn, type Wanted } from './summary.ts'

/** All given conditions hold. */
export interface EventFilters {
  readonly kind?: string
  /** Id of who acted. */
  readonly actor?: string
  readonly deployment?: string
  readonly endpoint?: string
  readonly target?: string
  readonly outcome?: string
  readonly verdict?: string
  readonly method?: string
  /** From this moment on… */
  readonly fromMs?: number
  /** …until before this one. */
  readonly toMs?: number
}

export interface ListOptions {
  readonly store: Store
  readonly tenant: string
  readonly filters?: EventFilters
  /** What the page before gave as `nextCursor`. */
  readonly cursor?: string
  /** Default `pageSizeDefault`, at most `pageSizeMax`. */
  readonly limit?: number
  /** How many events one page passes. Default and at most `auditScanRowsMax`. */
  readonly scanMax?: number
}

export interface EventPage {
  readonly events: readonly AuditRecord[]
  /** Null: this is the last page. */
  readonly nextCursor: string | null
}

const FILTER_COLUMNS = {
  kind: 'kind',
  actor: 'actorId',
  deployment: 'deployment',
  endpoint: 'endpoint',
  target: 'target',
  outcome: 'outcome',
  verdict: 'verdict',
  method: 'method',
} as const satisfies Record<string, SummaryColumn>

const CURSOR = /^(\d{1,16})\.(\w{1,64})$/
/** Sorts before every id. */
const FIRST_ID = '0'

/** What is looked for: events of a tenant before a place, in a span of time. */
interface Search {
  readonly store: Store
  readonly tenant: string
  readonly wanted: Wanted
  readonly fromMs: number
  readonly toMs: number
  readonly before: Place | null
}

/**
 * Events of a tenant, newest first. Blocks are read from the one that ends last on, other work in between, until no block
 * further back can hold a newer event than those found; a block whose summary says that it holds none is not read. After
 * `scanMax` events the page ends early, and its cursor goes on. Throws `invalid-input` for a cursor that is not one.
 */
export async function listEvents({ store, tenant, filters = {}, cursor, limit, scanMax }: ListOptions): Promise<EventPage> {
  const size = Math.min(Math.max(1, limit ?? LIMITS.pageSizeDefault), LIMITS.pageSizeMax)
  const scans = Math.min(scanMax ?? LIMITS.auditScanRowsMax, LIMITS.auditScanRowsMax)
  const search = searchOf(store, tenant, filters, cursor)
  // One more than asked for tells whether there is another page.
  const found = newestOf(size + 1)
  const pace = createPace()
  let passed = 0
  let end: Place | null = null
  for await (const block of blocksOf(search)) {
    if (found.isFull() && block.to_ms < found.last().atMs) break
    const behind = { atMs: block.to_ms + 1, id: FIRST_ID }
    if (passed >= scans && isBefore(behind, search.before)) {
      end = behind
      break
    }
    const isSkipped = !mayHold(block.summary, search.wanted)
    const count = isSkipped ? 1 : block.last_seq - block.first_seq + 1
    passed += count
    await pace(count)
    if (!isSkipped) await collect(search, block, found)
  }
  const records = end === null ? found.records() : found.from(end)
  if (records.length <= size) return pageOf(records, end)
  const { event } = records[size - 1]!
  return pageOf(records.slice(0, size), { atMs: event.atMs, id: event.id })
}

function searchOf(store: Store, tenant: string, filters: EventFilters, cursor: string | undefined): Search {
  const wanted = Object.entries(FILTER_COLUMNS).flatMap(([name, column]) => {
    const value = filters[name as keyof typeof FILTER_COLUMNS]
    return value === undefined ? [] : [[column, columnText(value)] as const]
  })
  const { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER } = filters
  return { store, tenant, wanted, fromMs, toMs, before: cursor === undefined ? null : readCursor(cursor) }
}

const isBefore = (place: Place, other: Place | null): boolean =>
  other === null || place.atMs < other.atMs || (place.atMs === other.atMs && place.id < other.id)

const HEAD_COLUMNS = ['first_seq', 'last_seq', 'from_ms', 'to_ms', 'hash', 'summary'] as const

/** A block without its events. */
type BlockHead = Pick<Selectable<AuditBlockTable>, (typeof HEAD_COLUMNS)[number]>

/** The blocks that may hold such an event, the one that ends last first. */
async function* blocksOf({ store, tenant, fromMs, toMs, before }: Search): AsyncGenerator<BlockHead> {
  const latest = Math.min(toMs - 1, before?.atMs ?? Number.MAX_SAFE_INTEGER)
  let last: BlockHead | undefined
  do {
    let query = store.db
      .selectFrom('audit_block')
      .select(HEAD_COLUMNS)
      .where('tenant', '=', tenant)
      .where('to_ms', '>=', fromMs)
      .where('from_ms', '<=', latest)
      // Says what the line before means for the index.
      .where('to_ms', '<=', Math.min(latest + LIMITS.auditBlockMsMax, last?.to_ms ?? Number.MAX_SAFE_INTEGER))
    if (last !== undefined) {
      const { to_ms: lastMs, first_seq: lastSeq } = last
      query = query.where((is) => is.or([is('to_ms', '<', lastMs), is('first_seq', '<', lastSeq)]))
    }
    const rows = await query.orderBy('to_ms', 'desc').orderBy('first_seq', 'desc').limit(LIMITS.auditBlockPage).execute()
    yield* rows
    last = rows.length < LIMITS.auditBlockPage ? undefined : rows.at(-1)
  } while (last !== undefined)
}

async function collect(search: Search, block: BlockHead, found: Newest): Promise<void> {
  const { store, tenant, wanted, fromMs, toMs, before } = search
  const lines = linesOf(await bodyOf(store, tenant, block.first_seq))
  // The newest of a block are mostly its last: found first, they keep the others out.
  for (let i = lines.length - 1; i >= 0; i--) {
    const facts = readFacts(lines[i]!)
    if (facts === null || facts.atMs < fromMs || facts.atMs >= toMs || !isBefore(facts, before)) continue
    if (!found.takes(facts) || !isWanted(facts, wanted)) continue
    // A line that was tampered with until it is no event any more cannot be shown; `verifyChain` names it.
    const record = toRecord(lines[i]!, block.first_seq + i, block.hash)
    if (record !== null) found.add(record)
  }
}

async function bodyOf(store: Store, tenant: string, firstSeq: number): Promise<string> {
  const query = store.db.selectFrom('audit_block').select('body').where('tenant', '=', tenant).where('first_seq', '=', firstSeq)
  return (await query.executeTakeFirst())?.body ?? ''
}

function pageOf(events: readonly AuditRecord[], next: Place | null): EventPage {
  return { events, nextCursor: next === null ? null : `${next.atMs}.${next.id}` }
}

/** Undefined when the tenant has no such event. */
export async function getEvent(store: Store, tenant: string, id: string): Promise<AuditRecord | undefined> {
  const atMs = timeOfId(id)
  if (atMs === null) return undefined
  const search: Search = { store, tenant, wanted: [], fromMs: atMs, toMs: atMs + 1, before: null }
  const pace = createPace()
  for await (const block of blocksOf(search)) {
    await pace(block.last_seq - block.first_seq + 1)
    const body = await bodyOf(store, tenant, block.first_seq)
    if (!body.includes(id)) continue
    const lines = linesOf(body)
    const i = lines.findIndex((line) => line.includes(id) && readFacts(line)?.id === id)
    if (i !== -1) return toRecord(lines[i]!, block.first_seq + i, block.hash) ?? undefined
  }
  return undefined
}

function readCursor(cursor: string): Place {
  const match = CURSOR.exec(cursor)
  if (match === null)
    throw new Problem('invalid-input', 'This cursor was not given out by this server.', { remedy: 'Start again without a cursor.' })
  return { atMs: Number(match[1]), id: match[2]! }
}
