import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Selectable } from 'kysely'
import { LIMITS } from '#std/index.ts'
import type { AuditBlockTable, Store } from '#store/index.ts'
import { linesOf } from './block.ts'
import { blockHash, bodyDigest, GENESIS } from './chain.ts'
import { createPace } from './pace.ts'
import { type EventFacts, readFacts } from './read-facts.ts'
import { summarise } from './summary.ts'

/** One thing that is wrong with a chain, and where. */
export interface ChainFinding {
  /** The first event it is about. */
  readonly seq: number
  /** Id of the event that stands there; empty when none does. */
  readonly id: string
  /**
   * `changed`: the text or the hash of a block is not what was chained · `missing`: blocks are gone from the middle ·
   * `reordered`: a block of another place · `column-differs`: a column for searching says something else than the text ·
   * `truncated`: the end is gone.
   */
  readonly problem: 'changed' | 'missing' | 'reordered' | 'column-differs' | 'truncated'
  /** Names the events it is about: a block is the smallest thing that can be told apart. */
  readonly detail: string
}

export interface ChainReport {
  readonly ok: boolean
  /** How many events were looked at. */
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
  /** Where to start: with the block that holds this event. The one before it is believed. Default: 1. */
  readonly fromSeq?: number
}

/** A block as it was found, without its text. */
interface Seen {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly hash: string
  readonly bodySha256: string
  /** Of the first event, as far as it can be read. */
  readonly id: string
}

/** A block whose hash does not follow from the block before it. */
interface Suspect extends Seen {
  /** The hash that the block should have where it stands, if the block before it is to be believed. */
  readonly expected: string
  /** The hash stored in the block before it. */
  readonly previous: string
}

interface Scan {
  readonly tenant: string
  checked: number
  readonly findings: ChainFinding[]
  readonly suspects: Suspect[]
  readonly pace: ReturnType<typeof createPace>
  /** Places and hash of the last block seen; `hash` is null when it is not known. */
  firstSeq: number
  seq: number
  hash: string | null
}

type Row = Selectable<AuditBlockTable>

/** Recomputes the chain of a tenant, a page at a time, and names every block that is not as it was written. */
export async function verifyChain({ store, tenant, fromSeq = 1 }: VerifyOptions): Promise<ChainReport> {
  const { head, lastSeq, headSeqAfter } = await readEnd(store, tenant)
  const start = await startAt(store, tenant, fromSeq)
  const scan: Scan = { tenant, checked: 0, findings: [], suspects: [], pace: createPace(), ...start }
  const untilSeq = Math.min(lastSeq, head?.seq ?? lastSeq)
  const isFull = (): boolean => scan.findings.length + scan.suspects.length >= LIMITS.auditFindingsMax
  while (!isFull()) {
    const rows = await readPage(store, tenant, scan.firstSeq, untilSeq)
    if (rows.length === 0) break
    for (const row of rows) if (!isFull()) await inspect(scan, row)
  }
  const isComplete = !isFull() || scan.seq >= untilSeq
  await explain(scan)
  if (isComplete) scan.findings.push(...compareHead(scan, { head, lastSeq, headSeqAfter }))
  const findings = scan.findings.toSorted((a, b) => a.seq - b.seq)
  return { ok: findings.length === 0, checked: scan.checked, head: head ?? { seq: 0, hash: GENESIS }, findings, isComplete }
}

async function inspect(scan: Scan, row: Row): Promise<void> {
  const { tenant } = scan
  const { first_seq: firstSeq, last_seq: lastSeq, hash, body } = row
  const lines = linesOf(body)
  await scan.pace(lines.length)
  const facts = lines.map((line) => readFacts(line))
  const bodySha256 = bodyDigest(body)
  const seen: Seen = { firstSeq, lastSeq, hash, bodySha256, id: facts[0]?.id ?? '' }
  scan.checked += lines.length
  scan.firstSeq = firstSeq
  if (firstSeq <= scan.seq) {
    const detail = `The block of ${named(firstSeq, lastSeq)} stands where another one stands.`
    scan.findings.push({ seq: firstSeq, id: seen.id, problem: 'changed', detail })
    return
  }
  const isNext = firstSeq === scan.seq + 1
  if (!isNext) {
    const detail = `${are(scan.seq + 1, firstSeq - 1)} gone, so the block behind cannot be checked.`
    scan.findings.push({ seq: scan.seq + 1, id: '', problem: 'missing', detail })
  }
  const previous = isNext ? scan.hash : null
  scan.seq = Math.max(firstSeq, lastSeq)
  scan.hash = hash
  const expected = previous === null ? hash : blockHash(previous, { tenant, firstSeq, lastSeq, bodySha256 })
  if (expected !== hash) scan.suspects.push({ ...seen, expected, previous: previous! })
  else scan.findings.push(...inspectText(tenant, row, lines, facts, seen))
}

/** What is wrong within a block whose hash is right, or cannot be known to be wrong. */
function inspectText(
  tenant: string,
  row: Row,
  lines: readonly string[],
  facts: readonly (EventFacts | null)[],
  { firstSeq, lastSeq, id }: Seen,
): ChainFinding[] {
  const finding = (problem: ChainFinding['problem'], seq: number, detail: string): ChainFinding[] => [{ seq, id, problem, detail }]
  const held = lastSeq - firstSeq + 1
  if (lines.length !== held)
    return finding('changed', firstSeq, `The block of ${named(firstSeq, lastSeq)} holds ${lines.length} texts instead of ${held}.`)
  const unreadable = facts.indexOf(null)
  if (unreadable !== -1) {
    const seq = firstSeq + unreadable
    return [{ seq, id: '', problem: 'changed', detail: `The text of event ${seq} is not an audit event.` }]
  }
  const columns = differing(row, tenant, facts as readonly EventFacts[])
  if (columns.length === 0) return []
  return finding('column-differs', firstSeq, `The block of ${named(firstSeq, lastSeq)} differs from its text: ${columns.join(', ')}.`)
}

function differing(row: Row, tenant: string, facts: readonly EventFacts[]): string[] {
  let [fromMs, toMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { atMs } of facts) {
    fromMs = Math.min(fromMs, atMs)
    toMs = Math.max(toMs, atMs)
  }
  return [
    ...(facts.every((event) => event.tenant === tenant) ? [] : ['tenant']),
    ...(row.from_ms === fromMs ? [] : ['from_ms']),
    ...(row.to_ms === toMs ? [] : ['to_ms']),
    ...(row.summary === summarise(facts) ? [] : ['summary']),
  ]
}

/**
 * Tells the blocks that do not follow from their predecessor apart. One that fits behind some other hash that is known
 * was not touched itself: its predecessor was. One that fits another place was moved there. Any other was changed.
 */
async function explain({ tenant, suspects, findings }: Scan): Promise<void> {
  const known = new Set(suspects.flatMap(({ hash, expected }) => [hash, expected]))
  const hashes = new Set(suspects.map(({ hash }) => hash))
  const ends = new Set(suspects.map(({ lastSeq }) => lastSeq))
  const before = (place: Suspect): readonly string[] => (ends.has(place.firstSeq - 1) ? [...known] : [place.previous])
  const fits = ({ bodySha256 }: Seen, place: Suspect, wanted: (hash: string) => boolean): boolean =>
    before(place).some((previous) => wanted(blockHash(previous, { ...place, tenant, bodySha256 })))
  for (const suspect of suspects) {
    // Each may take thousands of hashes.
    await nextTurn()
    const { firstSeq, lastSeq, id } = suspect
    if (fits(suspect, suspect, (hash) => hash === suspect.hash)) continue
    const origin = suspects.find((other) => other !== suspect && fits(suspect, other, (hash) => hashes.has(hash)))
    const block = `The block of ${named(firstSeq, lastSeq)}`
    findings.push(
      origin === undefined
        ? { seq: firstSeq, id, problem: 'changed', detail: `${block}: its text, its hash or the hash before it is not what was chained.` }
        : { seq: firstSeq, id, problem: 'reordered', detail: `${block} was chained as that of ${named(origin.firstSeq, origin.lastSeq)}.` },
    )
  }
}

const named = (from: number, to: number): string => (from === to ? `event ${from}` : `events ${from} to ${to}`)
const are = (from: number, to: number): string => (from === to ? `Event ${from} is` : `Events ${from} to ${to} are`)

interface ChainEnd {
  readonly head: { readonly seq: number; readonly hash: string } | undefined
  /** The last place of all blocks, read after `head` and before `headSeqAfter`: events are appended meanwhile. */
  readonly lastSeq: number
  readonly headSeqAfter: number
}

function compareHead(scan: Scan, { head, lastSeq, headSeqAfter }: ChainEnd): ChainFinding[] {
  if (head === undefined) {
    if (lastSeq === 0) return []
    return [{ seq: lastSeq + 1, id: '', problem: 'truncated', detail: 'The head of the chain is gone, so nothing shows where it ended.' }]
  }
  if (lastSeq < head.seq)
    return [{ seq: lastSeq + 1, id: '', problem: 'truncated', detail: `${are(lastSeq + 1, head.seq)} gone from the end.` }]
  const findings: ChainFinding[] = []
  if (scan.seq === head.seq && scan.hash !== null && scan.hash !== head.hash) {
    findings.push({ seq: head.seq, id: '', problem: 'changed', detail: 'The head of the chain names another hash than the last block.' })
  }
  if (lastSeq > headSeqAfter) {
    const events = lastSeq === headSeqAfter + 1 ? `Event ${lastSeq} lies` : `Events ${headSeqAfter + 1} to ${lastSeq} lie`
    findings.push({ seq: headSeqAfter + 1, id: '', problem: 'changed', detail: `${events} behind the head of the chain.` })
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
  const row = await blocks(store, tenant).select('last_seq').orderBy('first_seq', 'desc').limit(1).executeTakeFirst()
  return row?.last_seq ?? 0
}

function readHead(store: Store, tenant: string): Promise<{ seq: number; hash: string } | undefined> {
  return store.db.selectFrom('audit_head').select(['seq', 'hash']).where('tenant', '=', tenant).executeTakeFirst()
}

const blocks = (store: Store, tenant: string) => store.db.selectFrom('audit_block').where('tenant', '=', tenant)

/** The end of the last block before the one that holds this event. */
async function startAt(store: Store, tenant: string, fromSeq: number): Promise<Pick<Scan, 'firstSeq' | 'seq' | 'hash'>> {
  const query = blocks(store, tenant).select(['first_seq', 'last_seq', 'hash']).where('last_seq', '<', fromSeq)
  const row = await query.where('first_seq', '<', fromSeq).orderBy('first_seq', 'desc').limit(1).executeTakeFirst()
  return row === undefined ? { firstSeq: 0, seq: 0, hash: GENESIS } : { firstSeq: row.first_seq, seq: row.last_seq, hash: row.hash }
}

/** The next blocks: those that begin within `auditVerifyPage` places, or the first one behind a gap. */
async function readPage(store: Store, tenant: string, afterSeq: number, untilSeq: number): Promise<Row[]> {
  const query = blocks(store, tenant).selectAll().where('first_seq', '>', afterSeq).where('first_seq', '<=', untilSeq).orderBy('first_seq')
  const rows = await query.where('first_seq', '<=', afterSeq + LIMITS.auditVerifyPage).execute()
  return rows.length > 0 ? rows : query.limit(1).execute()
}
