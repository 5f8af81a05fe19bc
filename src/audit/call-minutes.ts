import { setImmediate as nextTurn } from 'node:timers/promises'
import { CompiledQuery, type Transaction } from 'kysely'
import { LIMITS } from '#std/index.ts'
import type { CallMinuteTable, Database, Dialect, LatencyColumn, Store } from '#store/index.ts'
import { columnText } from './chain.ts'
import { LATENCY_COLUMNS, latencyStep } from './latency.ts'
import type { EventFacts } from './read-facts.ts'

const MINUTE_MS = 60_000
const KEY = ['tenant', 'minute_ms', 'endpoint', 'deployment', 'tool', 'method'] as const
const SUMS = ['calls', 'errors', 'denied', 'us_sum', ...LATENCY_COLUMNS] as const
const COLUMNS = [...KEY, ...SUMS, 'us_max'] as const

/** What a batch comes to: one row for all calls that share tenant, minute, endpoint, deployment, tool and method. */
export type CallMinute = CallMinuteTable
type Row = CallMinute

/**
 * Adds a batch to the calls per minute, within the transaction that appends it: a call is counted when it is in the
 * chain, and never twice. Whoever calls this holds the heads of the tenants, so that nodes that add to the same rows
 * wait for each other in one order.
 */
export async function countCalls(transaction: Transaction<Database>, store: Store, rows: readonly CallMinute[]): Promise<void> {
  if (rows.length === 0) return
  const bounded = await withoutExcessTools(transaction, store, rows)
  if (store.dialect === 'postgres') {
    await transaction.executeQuery(CompiledQuery.raw(UPSERT.postgres, [JSON.stringify(bounded)]))
    return
  }
  for (const [i, row] of bounded.entries()) {
    // SQLite works in this very thread: calls get their turn in between.
    if (i > 0 && i % LIMITS.drainStatementsMax === 0) await nextTurn()
    const values = COLUMNS.map((column) => row[column])
    await transaction.executeQuery(CompiledQuery.raw(UPSERT.sqlite, values))
  }
}

/** Written by hand once: compiling a statement of this width costs more than running it. */
const UPSERT: Readonly<Record<Dialect, string>> = {
  sqlite: upsert(`values (${COLUMNS.map(() => '?').join(', ')})`, 'max'),
  postgres: upsert(`select ${COLUMNS.join(', ')} from json_populate_recordset(null::call_minute, $1::json)`, 'greatest'),
}

function upsert(source: string, larger: string): string {
  const sums = SUMS.map((column) => `${column} = call_minute.${column} + excluded.${column}`)
  const changes = [...sums, `us_max = ${larger}(call_minute.us_max, excluded.us_max)`].join(', ')
  return `insert into call_minute (${COLUMNS.join(', ')}) ${source} on conflict (${KEY.join(', ')}) do update set ${changes}`
}

/**
 * Methods that make a server do something. Handshakes and lists are not what people mean by calls; refused, they count as
 * denials all the same.
 */
const USES: ReadonlySet<string> = new Set([
  'tools/call',
  'resources/read',
  'resources/directory/read',
  'prompts/get',
  'completion/complete',
  'skills/get',
])

/** Counts the calls of a batch. */
export function minutesOf(events: readonly EventFacts[]): CallMinute[] {
  const rows = new Map<string, Row>()
  for (const event of events) {
    if (event.kind !== 'call' || (event.verdict === 'allow' && !USES.has(event.method))) continue
    const row = rowAt(rows, event)
    row.calls += 1
    if (event.verdict === 'deny') row.denied += 1
    else addDuration(row, event)
  }
  return [...rows.values()]
}

function rowAt(rows: Map<string, Row>, event: EventFacts): Row {
  const minute = minuteOf(event.atMs)
  const endpoint = endpointOf(event)
  const deployment = columnText(event.deployment)
  const tool = toolOf(event)
  // A refused call may name any method it likes.
  const method = USES.has(event.method) ? event.method : ''
  const place = `${event.tenant}\0${minute}\0${endpoint}\0${deployment}\0${tool}\0${method}`
  const known = rows.get(place)
  if (known !== undefined) return known
  const key = { tenant: event.tenant, minute_ms: minute, endpoint, deployment, tool, method }
  const row = { ...key, calls: 0, errors: 0, denied: 0, us_sum: 0, us_max: 0, ...NO_LATENCIES }
  rows.set(place, row)
  return row
}

export const minuteOf = (atMs: number): number => Math.floor(atMs / MINUTE_MS) * MINUTE_MS

const NO_LATENCIES = Object.fromEntries(LATENCY_COLUMNS.map((column) => [column, 0])) as Record<LatencyColumn, number>

/** No column holds a NUL. Rows that share a place share a row of the table. */
const placeOf = (row: Pick<Row, (typeof KEY)[number]>): string => KEY.map((column) => row[column]).join('\0')

/** A call that was refused tells nothing about how long calls take. A client that left is no failure of the server. */
function addDuration(row: Row, { outcome, us }: EventFacts): void {
  if (outcome !== 'ok' && outcome !== 'cancelled') row.errors += 1
  row.us_sum += us
  row.us_max = Math.max(row.us_max, us)
  row[LATENCY_COLUMNS[latencyStep(us)]!] += 1
}

const ENDPOINT = /^(?:\*|[a-z0-9-]{1,63})$/

/** A refused call may name any path it likes; only what can be an endpoint is counted as one. */
function endpointOf({ endpoint, verdict }: EventFacts): string {
  return verdict === 'allow' || ENDPOINT.test(endpoint) ? columnText(endpoint) : ''
}

/** The tool, where there is one: a call that was refused, or that named what its endpoint does not offer, may name anything. */
function toolOf({ method, target, verdict, outcome }: EventFacts): string {
  return method === 'tools/call' && verdict === 'allow' && outcome !== 'invalid-params' ? columnText(target) : ''
}

/**
 * Keeps the rows of named tools within `callMinuteToolsMax` per tenant and minute, those of other batches and nodes
 * included. What is beyond is counted without its name; those called most often keep theirs.
 */
async function withoutExcessTools(transaction: Transaction<Database>, store: Store, rows: readonly Row[]): Promise<readonly Row[]> {
  const named = Map.groupBy(
    rows.filter(({ tool }) => tool !== ''),
    ({ tenant, minute_ms: minute }) => `${tenant}\0${minute}`,
  )
  const excess = new Set<Row>()
  for (const group of named.values()) for (const row of await excessOf(transaction, store, group)) excess.add(row)
  return excess.size === 0 ? rows : withoutNames(rows, excess)
}

const COUNT: Readonly<Record<Dialect, string>> = {
  sqlite: `select count(*) as count from call_minute where tenant = ? and minute_ms = ? and tool <> ''`,
  postgres: `select count(*) as count from call_minute where tenant = $1 and minute_ms = $2 and tool <> ''`,
}

/** Rows of one tenant and minute for which there is no room. */
async function excessOf(transaction: Transaction<Database>, store: Store, group: readonly Row[]): Promise<readonly Row[]> {
  const { tenant, minute_ms: minute } = group[0]!
  const counted = await transaction.executeQuery<{ count: number }>(CompiledQuery.raw(COUNT[store.dialect], [tenant, minute]))
  const { count } = counted.rows[0]!
  if (count + group.length <= LIMITS.callMinuteToolsMax) return []
  const stored = transaction.selectFrom('call_minute').select(KEY).where('tenant', '=', tenant).where('minute_ms', '=', minute)
  const known = new Set((await stored.execute()).map(placeOf))
  const fresh = group.filter((row) => !known.has(placeOf(row))).toSorted((a, b) => b.calls - a.calls)
  return fresh.slice(Math.max(0, LIMITS.callMinuteToolsMax - count))
}

/** The same rows, in which these have no name any more: they add up, also with a row that never had one. */
function withoutNames(rows: readonly Row[], excess: ReadonlySet<Row>): Row[] {
  const kept = new Map<string, Row>()
  for (const row of rows) {
    const shown = excess.has(row) ? { ...row, tool: '' } : row
    const place = placeOf(shown)
    const there = kept.get(place)
    if (there === undefined) kept.set(place, { ...shown })
    else {
      for (const column of SUMS) there[column] += shown[column]
      there.us_max = Math.max(there.us_max, shown.us_max)
    }
  }
  return [...kept.values()]
}

/** Removes what is older than `beforeMs`, a stretch at a time: SQLite works in this very thread. */
export async function sweepCallMinutes(store: Store, beforeMs: number): Promise<void> {
  const tenants = await store.db.selectFrom('audit_head').select('tenant').orderBy('tenant').execute()
  for (const { tenant } of tenants) {
    while (await sweepStretch(store, tenant, beforeMs)) await nextTurn()
  }
}

async function sweepStretch(store: Store, tenant: string, beforeMs: number): Promise<boolean> {
  const rows = store.db.selectFrom('call_minute').where('tenant', '=', tenant)
  const oldest = await rows.select('minute_ms').orderBy('minute_ms').limit(1).executeTakeFirst()
  if (oldest === undefined || oldest.minute_ms >= beforeMs) return false
  const end = Math.min(beforeMs, oldest.minute_ms + LIMITS.callMinuteSweepSpanMs)
  await store.transaction(async (transaction) => {
    // The lock under which rows are added: two nodes never wait for each other in two orders.
    const head = transaction.selectFrom('audit_head').select('seq').where('tenant', '=', tenant)
    await (store.dialect === 'postgres' ? head.forUpdate() : head).execute()
    await transaction.deleteFrom('call_minute').where('tenant', '=', tenant).where('minute_ms', '<', end).execute()
  })
  return true
}
