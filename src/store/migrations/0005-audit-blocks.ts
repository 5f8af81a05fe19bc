import { hash as digest } from 'node:crypto'
import { type Kysely, sql } from 'kysely'

// The rules of blocks as they were when this was written (docs/adr/0015-audit-blocks.md). They stay here as they are.
const GENESIS = '0'.repeat(64)
const BLOCK_MS_MAX = 2_000
const EVENTS_MAX = 500
const CHARACTERS_MAX = 256 * 1024
const SUMMARY_VALUES_MAX = 32
const ROWS_READ = 500

/**
 * Events move from a row each into blocks of many. Places and texts stay as they were, and so the old chain can still be
 * computed from the new rows; the new chain begins anew. An event that does not fit the old chain becomes a block of its
 * own that keeps its old hash and thereby does not fit the new one: nothing that was tampered with looks right afterwards.
 * Reads and writes a page at a time.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_block')
    .addColumn('tenant', 'text', (column) => column.notNull())
    .addColumn('first_seq', 'bigint', (column) => column.notNull())
    .addColumn('last_seq', 'bigint', (column) => column.notNull())
    .addColumn('from_ms', 'bigint', (column) => column.notNull())
    .addColumn('to_ms', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('summary', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_block_pk', ['tenant', 'first_seq'])
    .execute()
  // Lists go by time, and an event is found by its id, which begins with its time.
  await db.schema.createIndex('audit_block_by_time').on('audit_block').columns(['tenant', 'to_ms', 'first_seq']).execute()
  let tenant: Carrier | null = null
  for await (const row of oldRows(db)) {
    if (tenant?.name !== row.tenant) {
      await tenant?.finish()
      tenant = new Carrier(db, row.tenant)
    }
    await tenant.take(row)
  }
  await tenant?.finish()
  await db.schema.dropTable('audit_event').execute()
}

interface OldRow {
  readonly tenant: string
  readonly seq: number
  readonly at_ms: number
  readonly kind: string
  readonly actor_id: string
  readonly endpoint: string
  readonly deployment: string
  readonly method: string
  readonly target: string
  readonly verdict: string
  readonly outcome: string
  readonly body: string
  readonly hash: string
}

async function* oldRows(db: Kysely<unknown>): AsyncGenerator<OldRow> {
  let [tenant, seq] = ['', 0]
  for (;;) {
    const { rows } = await sql<OldRow>`
      select tenant, seq, at_ms, kind, actor_id, endpoint, deployment, method, target, verdict, outcome, body, hash
      from audit_event where (tenant, seq) > (${tenant}, ${seq}) order by tenant, seq limit ${sql.lit(ROWS_READ)}
    `.execute(db)
    yield* rows
    const last = rows.at(-1)
    if (last === undefined) return
    ;[tenant, seq] = [last.tenant, last.seq]
  }
}

/** Carries the chain of one tenant over. */
class Carrier {
  readonly name: string
  readonly #db: Kysely<unknown>
  #rows: OldRow[] = []
  #characters = 0
  #fromMs = 0
  #toMs = 0
  /** The last links of both chains; the old one is null where it is not known. */
  #old: { seq: number; hash: string } = { seq: 0, hash: GENESIS }
  #hash = GENESIS

  constructor(db: Kysely<unknown>, name: string) {
    this.#db = db
    this.name = name
  }

  async take(row: OldRow): Promise<void> {
    const isNext = row.seq === this.#old.seq + 1
    const isRight = !isNext || oldHash(this.#old.hash, row) === row.hash
    this.#old = row
    const [fromMs, toMs] = [Math.min(this.#fromMs, row.at_ms), Math.max(this.#toMs, row.at_ms)]
    const isFull = this.#rows.length >= EVENTS_MAX || this.#characters + row.body.length > CHARACTERS_MAX
    if (this.#rows.length > 0 && (!isNext || !isRight || isFull || toMs - fromMs > BLOCK_MS_MAX)) await this.#write(null)
    const isFirst = this.#rows.length === 0
    this.#fromMs = isFirst ? row.at_ms : fromMs
    this.#toMs = isFirst ? row.at_ms : toMs
    this.#characters += row.body.length
    this.#rows.push(row)
    if (!isRight) await this.#write(row.hash)
  }

  /** The head keeps what does not fit: one that names another end, or another hash. */
  async finish(): Promise<void> {
    if (this.#rows.length > 0) await this.#write(null)
    const { seq, hash } = this.#old
    await sql`
      update audit_head set hash = ${this.#hash} where tenant = ${this.name} and seq = ${seq} and hash = ${hash}
    `.execute(this.#db)
  }

  /** `kept` stands in for the hash that the block should have. */
  async #write(kept: string | null): Promise<void> {
    const rows = this.#rows
    const [first, last] = [rows[0]!.seq, rows.at(-1)!.seq]
    const body = rows.map((row) => row.body).join('\n')
    this.#hash = kept ?? sha256(`${this.#hash}|${this.name}|${first}|${last}|${sha256(body)}`)
    await sql`
      insert into audit_block (tenant, first_seq, last_seq, from_ms, to_ms, hash, summary, body)
      values (${this.name}, ${first}, ${last}, ${this.#fromMs}, ${this.#toMs}, ${this.#hash}, ${summaryOf(rows)}, ${body})
    `.execute(this.#db)
    this.#rows = []
    this.#characters = 0
  }
}

const sha256 = (text: string): string => digest('sha256', text, 'hex')

/** The link of an event in the old chain; the time is that of the text. */
function oldHash(previous: string, { tenant, seq, body }: OldRow): string {
  return sha256(`${previous}|${tenant}|${seq}|${timeIn(body)}|${body}`)
}

function timeIn(body: string): string {
  try {
    const { at } = JSON.parse(body) as { at?: unknown }
    return typeof at === 'string' ? at : ''
  } catch {
    return ''
  }
}

const SUMMARY_COLUMNS = {
  actorId: 'actor_id',
  deployment: 'deployment',
  endpoint: 'endpoint',
  kind: 'kind',
  method: 'method',
  outcome: 'outcome',
  target: 'target',
  verdict: 'verdict',
} as const

function summaryOf(rows: readonly OldRow[]): string {
  const members = Object.entries(SUMMARY_COLUMNS).map(([name, column]) => {
    const values = [...new Set(rows.map((row) => row[column]))].toSorted()
    return [name, values.length > SUMMARY_VALUES_MAX ? null : values]
  })
  return JSON.stringify(Object.fromEntries(members))
}
