import { setImmediate as nextTurn } from 'node:timers/promises'
import { type SqlBool, sql } from 'kysely'
import { LIMITS, Problem, timeOfId } from '#std/index.ts'
import type { Store } from '#store/index.ts'
import { columnText } from './chain.ts'
import { decodeEvent } from './event-text.ts'
import type { AuditRecord } from './model.ts'

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
}

export interface EventPage {
  readonly events: readonly AuditRecord[]
  /** Null: this is the last page. */
  readonly nextCursor: string | null
}

const FILTER_COLUMNS = {
  kind: 'kind',
  actor: 'actor_id',
  deployment: 'deployment',
  endpoint: 'endpoint',
  target: 'target',
  outcome: 'outcome',
  verdict: 'verdict',
  method: 'method',
} as const

const CURSOR = /^(\d{1,16})\.(\w{1,64})$/

/**
 * Events of a tenant, newest first. A rare event is looked for in stretches of `auditScanRowsMax`, other work in between,
 * at most `auditScansMax` of them: then the page ends early, and its cursor goes on. Throws `invalid-input` for a cursor
 * that is not one.
 */
export async function listEvents({ store, tenant, filters = {}, cursor, limit }: ListOptions): Promise<EventPage> {
  const size = Math.min(Math.max(1, limit ?? LIMITS.pageSizeDefault), LIMITS.pageSizeMax)
  const found: Row[] = []
  let before = cursor === undefined ? null : readCursor(cursor)
  for (let scan = 0; scan < LIMITS.auditScansMax; scan++) {
    if (scan > 0) await nextTurn()
    const end = await endOfStretch(store, tenant, filters, before)
    const rows = await matching(store, tenant, filters, before, end, size + 1 - found.length)
    found.push(...rows)
    if (found.length > size) {
      const last = found[size - 1]!
      return pageOf(found.slice(0, size), { atMs: last.at_ms, id: last.id })
    }
    if (end === null) return pageOf(found, null)
    before = end
  }
  return pageOf(found, before)
}

interface Row {
  readonly id: string
  readonly seq: number
  readonly hash: string
  readonly body: string
  readonly at_ms: number
}

/** A place in the order of the list. */
interface Place {
  readonly atMs: number
  readonly id: string
}

function pageOf(rows: readonly Row[], next: Place | null): EventPage {
  return { events: rows.flatMap((row) => toRecord(row) ?? []), nextCursor: next === null ? null : `${next.atMs}.${next.id}` }
}

/** Where the next stretch ends; null when it reaches the oldest event asked for. */
async function endOfStretch(store: Store, tenant: string, filters: EventFilters, before: Place | null): Promise<Place | null> {
  const row = await within(store, tenant, filters, before)
    .select(['at_ms', 'id'])
    .orderBy('at_ms', 'desc')
    .orderBy('id', 'desc')
    .offset(LIMITS.auditScanRowsMax - 1)
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : { atMs: row.at_ms, id: row.id }
}

function matching(
  store: Store,
  tenant: string,
  filters: EventFilters,
  before: Place | null,
  end: Place | null,
  count: number,
): Promise<Row[]> {
  let query = within(store, tenant, filters, before).select(['id', 'seq', 'hash', 'body', 'at_ms'])
  for (const [name, column] of Object.entries(FILTER_COLUMNS)) {
    const value = filters[name as keyof typeof FILTER_COLUMNS]
    if (value !== undefined) query = query.where(column, '=', columnText(value))
  }
  if (end !== null) query = query.where(sql<SqlBool>`(at_ms, id) >= (${end.atMs}, ${end.id})`)
  return query.orderBy('at_ms', 'desc').orderBy('id', 'desc').limit(count).execute()
}

/** The events of a tenant in the span of time asked for, from a place on. */
function within(store: Store, tenant: string, { fromMs, toMs }: EventFilters, before: Place | null) {
  let query = store.db.selectFrom('audit_event').where('tenant', '=', tenant)
  if (fromMs !== undefined) query = query.where('at_ms', '>=', fromMs)
  if (toMs !== undefined) query = query.where('at_ms', '<', toMs)
  return before === null ? query : query.where(sql<SqlBool>`(at_ms, id) < (${before.atMs}, ${before.id})`)
}

/** Undefined when the tenant has no such event. */
export async function getEvent(store: Store, tenant: string, id: string): Promise<AuditRecord | undefined> {
  const atMs = timeOfId(id)
  if (atMs === null) return undefined
  const row = await store.db
    .selectFrom('audit_event')
    .select(['seq', 'hash', 'body'])
    .where('tenant', '=', tenant)
    .where('at_ms', '=', atMs)
    .where('id', '=', columnText(id))
    .executeTakeFirst()
  return row === undefined ? undefined : toRecord(row)
}

function readCursor(cursor: string): Place {
  const match = CURSOR.exec(cursor)
  if (match === null)
    throw new Problem('invalid-input', 'This cursor was not given out by this server.', { remedy: 'Start again without a cursor.' })
  return { atMs: Number(match[1]), id: match[2]! }
}

/** A row that was tampered with until it is no event any more cannot be shown; `verifyChain` names it. */
function toRecord({ seq, hash, body }: { seq: number; hash: string; body: string }): AuditRecord | undefined {
  const decoded = decodeEvent(body)
  return decoded === null ? undefined : { seq, hash, event: decoded.event }
}
