import { setImmediate as nextTurn } from 'node:timers/promises'
import { LIMITS } from '#std/index.ts'
import type { AuditEventTable, Store } from '#store/index.ts'
import type { Selectable } from 'kysely'
import { chainHash, filterColumns, GENESIS } from './chain.ts'
import { decodeEvent } from './event-text.ts'

/** One thing that is wrong with a chain, and where. */
export interface ChainFinding {
  readonly seq: number
  /** Id of the event that stands there; empty when none does. */
  readonly id: string
  /**
   * `changed`: the text or the hash is not what was chained · `missing`: rows are gone from the middle · `reordered`: a row
   * of another place · `column-differs`: a search column says something else than the text · `truncated`: the end is gone.
   */
  readonly problem: 'changed' | 'missing' | 'reordered' | 'column-differs' | 'truncated'
  readonly detail: string
}

export interface ChainReport {
  readonly ok: boolean
  /** How many rows were looked at. */
  readonly checked: number
  /** The last link, as the head table has it. Whoever keeps it elsewhere can tell a chain that was rewritten whole. */
  readonly head: { readonly seq: number; readonly hash: string }
  readonly findings: readonly ChainFinding[]
  /** False when so much was wrong that the rest was not looked at. */
  readonly isComplete: boolean
}

export interface VerifyOptions {
  readonly store: Store
  readonly tenant: string
  /** Where to start; the row before it is believed. Default: 1. */
  readonly fromSeq?: number
}

type Row = Selectable<AuditEventTable>

/** A row whose hash does not follow from the row before it. */
interface Suspect {
  readonly row: Row
  /** The hash that the row should have where it stands, if the row before it is to be believed. */
  readonly expected: string
  /** The hash stored in the row before it. */
  readonly previous: string
  readonly at: string
}

interface Scan {
  checked: number
  readonly findings: ChainFinding[]
  readonly suspects: Suspect[]
  /** Seq and hash of the last row seen; `hash` is null when it is not known. */
  seq: number
  hash: string | null
}

/** Recomputes the chain of a tenant, a page at a time, and names every row that is not as it was written. */
export async function verifyChain({ store, tenant, fromSeq = 1 }: VerifyOptions): Promise<ChainReport> {
  const { head, lastSeq, headSeqAfter } = await readEnd(store, tenant)
  const scan: Scan = { checked: 0, findings: [], suspects: [], seq: fromSeq - 1, hash: await hashBefore(store, tenant, fromSeq) }
  const untilSeq = Math.min(lastSeq, head?.seq ?? lastSeq)
  const isFull = (): boolean => scan.findings.length + scan.suspects.length >= LIMITS.auditFindingsMax
  while (scan.seq < untilSeq && !isFull()) {
    const rows = await readPage(store, tenant, scan.seq, untilSeq)
    if (rows.length === 0) break
    for (const row of rows) if (!isFull()) inspect(scan, tenant, row)
    await nextTurn()
  }
  const isComplete = !isFull() || scan.seq >= untilSeq
  await explain(scan, tenant)
  if (isComplete) scan.findings.push(...compareHead(scan, { head, lastSeq, headSeqAfter }))
  const findings = scan.findings.toSorted((a, b) => a.seq - b.seq)
  return { ok: findings.length === 0, checked: scan.checked, head: head ?? { seq: 0, hash: GENESIS }, findings, isComplete }
}

function inspect(scan: Scan, tenant: string, row: Row): void {
  scan.checked += 1
  const gap = row.seq - scan.seq - 1
  const previous = gap > 0 ? null : scan.hash
  if (gap > 0) {
    const rows = gap === 1 ? `Row ${row.seq - 1} is` : `Rows ${scan.seq + 1} to ${row.seq - 1} are`
    scan.findings.push({ seq: scan.seq + 1, id: '', problem: 'missing', detail: `${rows} gone, so row ${row.seq} cannot be checked.` })
  }
  scan.seq = row.seq
  scan.hash = row.hash
  const decoded = decodeEvent(row.body)
  const at = decoded?.at ?? ''
  const expected = previous === null ? row.hash : chainHash(previous, tenant, row.seq, at, row.body)
  if (expected !== row.hash) scan.suspects.push({ row, expected, previous: previous!, at })
  else if (decoded === null) scan.findings.push({ seq: row.seq, id: row.id, problem: 'changed', detail: 'The text is not an audit event.' })
  else {
    const columns = differing(row, { tenant: decoded.event.tenant, ...filterColumns(decoded) })
    if (columns.length === 0) return
    scan.findings.push({
      seq: row.seq,
      id: row.id,
      problem: 'column-differs',
      detail: `Differs from the chained text: ${columns.join(', ')}.`,
    })
  }
}

function differing(row: Row, wanted: Partial<Row>): string[] {
  return Object.keys(wanted).filter((column) => row[column as keyof Row] !== wanted[column as keyof Row])
}

/**
 * Tells the rows that do not follow from their predecessor apart. One that fits behind some other hash that is known
 * was not touched itself: its predecessor was. One that fits another place was moved there. Any other was changed.
 */
async function explain(scan: Scan, tenant: string): Promise<void> {
  const { suspects } = scan
  const known = new Set(suspects.flatMap(({ row, expected }) => [row.hash, expected]))
  const hashes = new Set(suspects.map(({ row }) => row.hash))
  const doubted = new Set(suspects.map(({ row }) => row.seq))
  const places = new Map(suspects.map(({ row, previous }) => [row.seq, doubted.has(row.seq - 1) ? [...known] : [previous]]))
  const fits = ({ row, at }: Suspect, seq: number, wanted: (hash: string) => boolean): boolean =>
    places.get(seq)!.some((previous) => wanted(chainHash(previous, tenant, seq, at, row.body)))
  for (const suspect of suspects) {
    // Each may take thousands of hashes.
    await nextTurn()
    const { row } = suspect
    if (fits(suspect, row.seq, (hash) => hash === row.hash)) continue
    const origin = suspects.find((other) => other !== suspect && fits(suspect, other.row.seq, (hash) => hashes.has(hash)))
    scan.findings.push(
      origin === undefined
        ? { seq: row.seq, id: row.id, problem: 'changed', detail: 'The text, its hash or the hash before it is not what was chained.' }
        : { seq: row.seq, id: row.id, problem: 'reordered', detail: `This is the event that was chained as row ${origin.row.seq}.` },
    )
  }
}

interface ChainEnd {
  readonly head: { readonly seq: number; readonly hash: string } | undefined
  /** The last row, read after `head` and before `headSeqAfter`: events are appended meanwhile. */
  readonly lastSeq: number
  readonly headSeqAfter: number
}

function compareHead(scan: Scan, { head, lastSeq, headSeqAfter }: ChainEnd): ChainFinding[] {
  if (head === undefined) {
    if (lastSeq === 0) return []
    return [{ seq: lastSeq + 1, id: '', problem: 'truncated', detail: 'The head of the chain is gone, so nothing shows where it ended.' }]
  }
  if (lastSeq < head.seq) {
    const rows = head.seq - lastSeq === 1 ? `Row ${head.seq} is` : `Rows ${lastSeq + 1} to ${head.seq} are`
    return [{ seq: lastSeq + 1, id: '', problem: 'truncated', detail: `${rows} gone from the end.` }]
  }
  const findings: ChainFinding[] = []
  if (scan.seq === head.seq && scan.hash !== null && scan.hash !== head.hash) {
    findings.push({ seq: head.seq, id: '', problem: 'changed', detail: 'The head of the chain names another hash than the last row.' })
  }
  if (lastSeq > headSeqAfter) {
    const rows = `Rows ${headSeqAfter + 1} to ${lastSeq}`
    findings.push({ seq: headSeqAfter + 1, id: '', problem: 'changed', detail: `${rows} lie behind the head of the chain.` })
  }
  return findings
}

async function readEnd(store: Store, tenant: string): Promise<ChainEnd> {
  for (;;) {
    const head = await readHead(store, tenant)
    const lastSeq = await readLastSeq(store, tenant)
    const headAfter = await readHead(store, tenant)
    // The first event of a tenant may arrive in between.
    if (head === undefined && headAfter !== undefined) continue
    return { head, lastSeq, headSeqAfter: headAfter?.seq ?? 0 }
  }
}

async function readLastSeq(store: Store, tenant: string): Promise<number> {
  const row = await store.db
    .selectFrom('audit_event')
    .select('seq')
    .where('tenant', '=', tenant)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.seq ?? 0
}

function readHead(store: Store, tenant: string): Promise<{ seq: number; hash: string } | undefined> {
  return store.db.selectFrom('audit_head').select(['seq', 'hash']).where('tenant', '=', tenant).executeTakeFirst()
}

async function hashBefore(store: Store, tenant: string, seq: number): Promise<string | null> {
  if (seq <= 1) return GENESIS
  const query = store.db.selectFrom('audit_event').select('hash').where('tenant', '=', tenant)
  return (await query.where('seq', '=', seq - 1).executeTakeFirst())?.hash ?? null
}

function readPage(store: Store, tenant: string, afterSeq: number, untilSeq: number): Promise<Row[]> {
  const query = store.db.selectFrom('audit_event').selectAll().where('tenant', '=', tenant).where('seq', '>', afterSeq)
  return query.where('seq', '<=', untilSeq).orderBy('seq').limit(LIMITS.auditVerifyPage).execute()
}
