import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { type Database, openStore, type Store } from '#store/index.ts'
import { openTestStores, temporaryFolder } from '#store/testing.ts'
import { blockHash, bodyDigest, GENESIS } from './chain.ts'
import { encodeEvent } from './event-text.ts'
import { append, NOON_MS, PATIENT, sampleEvent } from './testing.ts'
import { type ChainFinding, verifyChain } from './verify.ts'

/** How many events each block has: 1 · 2 to 4 · 5 to 7 · 8 · 9 · 10 to 12 · 13 and 14. */
const BLOCKS = [1, 3, 3, 1, 1, 3, 2]
const EVENTS = 14

type Tamper = (db: Kysely<Database>) => Promise<unknown>

const execute = (db: Kysely<Database>, ...statements: string[]): Promise<unknown> =>
  statements.reduce<Promise<unknown>>((before, statement) => before.then(() => sql.raw(statement).execute(db)), Promise.resolve())

const blockAt = (db: Kysely<Database>, seq: number) =>
  db.selectFrom('audit_block').selectAll().where('first_seq', '=', seq).executeTakeFirstOrThrow()

const rewrite =
  (seq: number, change: (lines: readonly string[]) => readonly string[]): Tamper =>
  async (db) => {
    const lines = change((await blockAt(db, seq)).body.split('\n'))
    await sql`update audit_block set body = ${lines.join('\n')} where first_seq = ${seq}`.execute(db)
  }

const ECHO = `set body = replace(body, '"target":"echo"', '"target":"Echo"')`

/** What an intruder with the database open might do, and what `verifyChain` says then. */
const TAMPERINGS: readonly { readonly what: string; readonly tamper: Tamper; readonly finds: readonly Partial<ChainFinding>[] }[] = [
  { what: 'nothing', tamper: () => Promise.resolve(), finds: [] },
  {
    what: 'one event of a block',
    tamper: rewrite(5, ([first, second, third]) => [first!, second!.replace('"ok"', '"no"'), third!]),
    finds: [
      {
        seq: 5,
        problem: 'changed',
        detail: 'The block of events 5 to 7: its text, its hash or the hash before it is not what was chained.',
      },
    ],
  },
  {
    what: 'the first and the last block',
    tamper: (db) => execute(db, `update audit_block ${ECHO} where first_seq in (1, 13)`),
    finds: [
      { seq: 1, problem: 'changed' },
      { seq: 13, problem: 'changed' },
    ],
  },
  {
    what: 'the text of a block, until it is no JSON',
    tamper: rewrite(5, () => ['gone']),
    finds: [{ seq: 5, problem: 'changed', id: '' }],
  },
  { what: 'the number of events in a block', tamper: rewrite(5, (lines) => lines.slice(1)), finds: [{ seq: 5, problem: 'changed' }] },
  { what: 'the order within a block', tamper: rewrite(5, (lines) => lines.toReversed()), finds: [{ seq: 5, problem: 'changed' }] },
  { what: 'the line ends of a block', tamper: rewrite(5, (lines) => [...lines, '']), finds: [{ seq: 5, problem: 'changed' }] },
  {
    what: 'the hash of a block',
    tamper: (db) => execute(db, `update audit_block set hash = '${'f'.repeat(64)}' where first_seq = 5`),
    finds: [{ seq: 5, problem: 'changed' }],
  },
  {
    what: 'text and hash of a block, to fit each other',
    tamper: async (db) => {
      const [before, block] = [await blockAt(db, 2), await blockAt(db, 5)]
      const body = block.body.replaceAll('"ok"', '"no"')
      const hash = blockHash(before.hash, { tenant: 'default', firstSeq: 5, lastSeq: 7, bodySha256: bodyDigest(body) })
      const summary = block.summary.replace('"ok"', '"no"')
      await sql`update audit_block set body = ${body}, hash = ${hash}, summary = ${summary} where first_seq = 5`.execute(db)
    },
    finds: [{ seq: 8, problem: 'changed' }],
  },
  {
    what: 'where a block ends',
    tamper: (db) => execute(db, 'update audit_block set last_seq = 6 where first_seq = 5'),
    finds: [
      { seq: 5, problem: 'changed' },
      { seq: 7, problem: 'missing' },
    ],
  },
  ...['echo', 'key_1', 'tools/call', 'everything'].map((value) => ({
    what: `${value} in the summary of a block`,
    tamper: (db: Kysely<Database>) =>
      execute(db, `update audit_block set summary = replace(summary, '"${value}"', '"other"') where first_seq = 5`),
    finds: [
      { seq: 5, problem: 'column-differs' as const, detail: 'The block of events 5 to 7 differs from its text: summary.' },
    ] as Partial<ChainFinding>[],
  })),
  {
    what: 'the summary of a block, so that it names nothing',
    tamper: (db) => execute(db, `update audit_block set summary = '{}' where first_seq = 8`),
    finds: [{ seq: 8, problem: 'column-differs', detail: 'The block of event 8 differs from its text: summary.' }],
  },
  {
    what: 'the times of a block',
    tamper: (db) =>
      execute(
        db,
        'update audit_block set from_ms = from_ms + 1 where first_seq = 2',
        'update audit_block set to_ms = to_ms - 1 where first_seq = 5',
      ),
    finds: [
      { seq: 2, problem: 'column-differs', detail: 'The block of events 2 to 4 differs from its text: from_ms.' },
      { seq: 5, problem: 'column-differs', detail: 'The block of events 5 to 7 differs from its text: to_ms.' },
    ],
  },
  {
    what: 'the presence of a block in the middle',
    tamper: (db) => execute(db, 'delete from audit_block where first_seq = 5'),
    finds: [{ seq: 5, problem: 'missing', detail: 'Events 5 to 7 are gone, so the block behind cannot be checked.' }],
  },
  {
    what: 'the presence of the first blocks',
    tamper: (db) => execute(db, 'delete from audit_block where first_seq <= 2'),
    finds: [{ seq: 1, problem: 'missing' }],
  },
  {
    what: 'the presence of the last blocks',
    tamper: (db) => execute(db, 'delete from audit_block where first_seq >= 10'),
    finds: [{ seq: 10, problem: 'truncated', detail: 'Events 10 to 14 are gone from the end.' }],
  },
  {
    what: 'the presence of all blocks',
    tamper: (db) => execute(db, 'delete from audit_block'),
    finds: [{ seq: 1, problem: 'truncated' }],
  },
  {
    what: 'the presence of the head',
    tamper: (db) => execute(db, 'delete from audit_head'),
    finds: [{ seq: EVENTS + 1, problem: 'truncated' }],
  },
  {
    what: 'the head, to hide that the last block is gone',
    tamper: (db) => execute(db, 'delete from audit_block where first_seq = 13', 'update audit_head set seq = 12'),
    finds: [{ seq: 12, problem: 'changed', detail: 'The head of the chain names another hash than the last block.' }],
  },
  {
    what: 'the head, so that it names a place within a block',
    tamper: (db) => execute(db, 'update audit_head set seq = 13'),
    finds: [{ seq: 14, problem: 'changed', detail: 'Event 14 lies behind the head of the chain.' }],
  },
  {
    what: 'the end, by a block of their own',
    tamper: (db) => copy(db, 10, 15, 17),
    finds: [{ seq: 15, problem: 'changed', detail: 'Events 15 to 17 lie behind the head of the chain.' }],
  },
  {
    what: 'the middle, by a block of their own among the others',
    tamper: async (db) => {
      await copy(db, 5, 6, 6)
      const [line] = (await blockAt(db, 5)).body.split('\n')
      await sql`update audit_block set body = ${line!.replace('"ok"', '"no"')} where first_seq = 6`.execute(db)
    },
    finds: [{ seq: 6, problem: 'changed', detail: 'The block of event 6 stands where another one stands.' }],
  },
  {
    what: 'the places of two blocks',
    tamper: (db) => exchange(db, [2, 4], [10, 12]),
    finds: [
      { seq: 2, problem: 'reordered', detail: 'The block of events 2 to 4 was chained as that of events 10 to 12.' },
      { seq: 10, problem: 'reordered', detail: 'The block of events 10 to 12 was chained as that of events 2 to 4.' },
    ],
  },
  {
    what: 'the places of two blocks next to each other',
    tamper: (db) => exchange(db, [2, 4], [5, 7]),
    finds: [
      { seq: 2, problem: 'reordered' },
      { seq: 5, problem: 'reordered' },
    ],
  },
  {
    what: 'the places of two blocks of one event each',
    tamper: (db) => exchange(db, [1, 1], [9, 9]),
    finds: [
      { seq: 1, problem: 'reordered', detail: 'The block of event 1 was chained as that of event 9.' },
      { seq: 9, problem: 'reordered' },
    ],
  },
  {
    what: 'the texts of two blocks',
    tamper: async (db) => {
      const [one, other] = [await blockAt(db, 2), await blockAt(db, 10)]
      await sql`update audit_block set body = ${other.body} where first_seq = 2`.execute(db)
      await sql`update audit_block set body = ${one.body} where first_seq = 10`.execute(db)
    },
    finds: [
      { seq: 2, problem: 'reordered' },
      { seq: 10, problem: 'reordered' },
    ],
  },
  {
    what: 'several things at once',
    tamper: (db) =>
      execute(
        db,
        `update audit_block ${ECHO} where first_seq = 1`,
        `update audit_block set summary = '' where first_seq = 2`,
        'delete from audit_block where first_seq in (5, 8)',
        'delete from audit_block where first_seq = 13',
      ),
    finds: [
      { seq: 1, problem: 'changed' },
      { seq: 2, problem: 'column-differs' },
      { seq: 5, problem: 'missing', detail: 'Events 5 to 8 are gone, so the block behind cannot be checked.' },
      { seq: 13, problem: 'truncated' },
    ],
  },
]

function copy(db: Kysely<Database>, seq: number, first: number, last: number): Promise<unknown> {
  const columns = 'from_ms, to_ms, hash, summary, body'
  const values = `select tenant, ${first}, ${last}, ${columns} from audit_block where first_seq = ${seq}`
  return execute(db, `insert into audit_block (tenant, first_seq, last_seq, ${columns}) ${values}`)
}

type Places = readonly [first: number, last: number]

function exchange(db: Kysely<Database>, one: Places, other: Places): Promise<unknown> {
  const move = (from: Places, [first, last]: Places): string =>
    `update audit_block set first_seq = ${first}, last_seq = ${last} where first_seq = ${from[0]}`
  return execute(db, move(one, [1_000, 1_000]), move(other, one), move([1_000, 1_000], other))
}

/** Blocks of so many events each. */
async function fill(store: Store, blocks: readonly number[]): Promise<void> {
  let us = 0
  const batches = blocks.map((count) => Array.from({ length: count }, () => sampleEvent({ atMs: NOON_MS + us, us: us++ })))
  await append(store, ...batches)
}

describe.each(openTestStores())('the audit chain in $name', PATIENT, ({ open }) => {
  it('names what was changed in it, and nothing else', async () => {
    const store = await open()
    await fill(store, BLOCKS)
    const blocks = await store.db.selectFrom('audit_block').selectAll().execute()
    const heads = await store.db.selectFrom('audit_head').selectAll().execute()
    for (const { what, tamper, finds } of TAMPERINGS) {
      await store.db.deleteFrom('audit_block').execute()
      await store.db.deleteFrom('audit_head').execute()
      await store.db.insertInto('audit_block').values(blocks).execute()
      await store.db.insertInto('audit_head').values(heads).execute()
      await tamper(store.db)
      const report = await verifyChain({ store, tenant: 'default' })
      expect(report.findings, `after a change of ${what}`).toHaveLength(finds.length)
      for (const [i, finding] of finds.entries()) expect(report.findings[i], `after a change of ${what}`).toMatchObject(finding)
      expect(report).toMatchObject({ ok: finds.length === 0, isComplete: true })
    }
  })

  it('is as documented, byte for byte', async () => {
    const store = await open()
    await fill(store, [1, 3])
    const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex')
    const [first, second] = await store.db.selectFrom('audit_block').selectAll().orderBy('first_seq').execute()
    expect(first!.hash).toBe(sha256(`${'0'.repeat(64)}|default|1|1|${sha256(first!.body)}`))
    expect(second!.hash).toBe(sha256(`${first!.hash}|default|2|4|${sha256(second!.body)}`))
    expect(GENESIS).toMatch(/^0{64}$/)
    const texts = second!.body.split('\n').map((line) => JSON.parse(line) as { us: number; at: string })
    expect(texts.map(({ us }) => us)).toEqual([1, 2, 3])
    expect([second!.from_ms, second!.to_ms]).toEqual([Date.parse(texts[0]!.at), Date.parse(texts[2]!.at)])
    expect(JSON.parse(second!.summary)).toEqual({
      actorId: ['key_1'],
      deployment: ['everything'],
      endpoint: ['everything'],
      kind: ['call'],
      method: ['tools/call'],
      outcome: ['ok'],
      target: ['echo'],
      verdict: ['allow'],
    })
    const head = await store.db.selectFrom('audit_head').selectAll().executeTakeFirstOrThrow()
    expect(head).toEqual({ tenant: 'default', seq: 4, hash: second!.hash })
  })

  it('says that a text is no event even where the hash covers it', async () => {
    const store = await open()
    await fill(store, [2])
    const [line] = (await blockAt(store.db, 1)).body.split('\n')
    const body = `${line}\n{"id":1}`
    const hash = blockHash(GENESIS, { tenant: 'default', firstSeq: 1, lastSeq: 2, bodySha256: bodyDigest(body) })
    await sql`update audit_block set body = ${body}, hash = ${hash}`.execute(store.db)
    await sql`update audit_head set hash = ${hash}`.execute(store.db)
    expect((await verifyChain({ store, tenant: 'default' })).findings).toEqual([
      { seq: 2, id: '', problem: 'changed', detail: 'The text of event 2 is not an audit event.' },
    ])
  })

  it('can be checked from an event on, and is whole when it is empty', async () => {
    const store = await open()
    expect(await verifyChain({ store, tenant: 'nobody' })).toEqual({
      ok: true,
      checked: 0,
      head: { seq: 0, hash: GENESIS },
      findings: [],
      isComplete: true,
    })
    await fill(store, BLOCKS)
    await execute(store.db, `update audit_block ${ECHO} where first_seq = 2`)
    expect(await verifyChain({ store, tenant: 'default', fromSeq: 5 })).toMatchObject({ ok: true, checked: 10 })
    expect(await verifyChain({ store, tenant: 'default', fromSeq: 3 })).toMatchObject({ ok: false, checked: 13 })
  })

  it('reads page by page, and stops when too much is wrong to be named', async () => {
    const store = await open()
    const many = Array.from({ length: 90 }, (_, i) => (i % 3 === 0 ? 80 : 5))
    const events = many.reduce((sum, count) => sum + count, 0)
    expect(events).toBeGreaterThan(LIMITS.auditVerifyPage * 2)
    await fill(store, many)
    expect(await verifyChain({ store, tenant: 'default' })).toMatchObject({ ok: true, checked: events, isComplete: true })
    await execute(store.db, `update audit_block ${ECHO} where first_seq < ${events - 200}`)
    const report = await verifyChain({ store, tenant: 'default' })
    expect(report).toMatchObject({ ok: false, isComplete: false })
    expect(report.findings[0]).toMatchObject({ seq: 1, problem: 'changed' })
  })

  it('finds its way over a gap that is longer than a page', async () => {
    const store = await open()
    await fill(store, [1, 1])
    await execute(
      store.db,
      `update audit_block set first_seq = 5000, last_seq = 5000 where first_seq = 2`,
      'update audit_head set seq = 5000',
    )
    expect((await verifyChain({ store, tenant: 'default' })).findings).toMatchObject([{ seq: 2, problem: 'missing' }])
  })
})

describe('a chain of single events, from before there were blocks', () => {
  const COLUMNS =
    'tenant, seq, id, at_ms, kind, actor_id, actor_name, endpoint, deployment, method, target, verdict, outcome, us, body, hash'

  /** A database as an older version left it, changed by `tamper`, as this version finds it. */
  async function carriedOver(count: number, tamper: string): Promise<Awaited<ReturnType<typeof verifyChain>>> {
    const file = join(temporaryFolder(), 'sallyport.db')
    const now = (): number => NOON_MS
    const old = await openStore({ file, now })
    await execute(
      old.db,
      'drop table audit_block',
      `delete from migration where name = '0005-audit-blocks'`,
      `create table audit_event (${COLUMNS}, primary key (tenant, seq))`,
    )
    let hash = GENESIS
    for (let seq = 1; seq <= count; seq++) {
      const event = sampleEvent({ atMs: NOON_MS + seq * 7, us: seq, target: `tool-${seq % 50}` })
      const body = encodeEvent(event)
      hash = bodyDigest(`${hash}|default|${seq}|${new Date(event.atMs).toISOString()}|${body}`)
      const { id, atMs, kind, actorId, actorName, endpoint, deployment, method, target, verdict, outcome, us } = event
      await sql`insert into audit_event values (
        'default', ${seq}, ${id}, ${atMs}, ${kind}, ${actorId}, ${actorName}, ${endpoint}, ${deployment}, ${method}, ${target}, ${verdict},
        ${outcome}, ${us}, ${body}, ${hash}
      )`.execute(old.db)
    }
    await sql`insert into audit_head values ('default', ${count}, ${hash})`.execute(old.db)
    await execute(old.db, tamper)
    await old.close()
    const store = await openStore({ file, now })
    try {
      await append(store, [sampleEvent({ atMs: NOON_MS + 60_000 })])
      return await verifyChain({ store, tenant: 'default' })
    } finally {
      await store.close()
    }
  }

  it('goes on as a chain of blocks', async () => {
    expect(await carriedOver(1_200, 'select 1')).toMatchObject({ ok: true, checked: 1_201, head: { seq: 1_201 }, findings: [] })
  })

  it.each([
    ['the text of an event', `update audit_event set body = replace(body, '"ok"', '"no"') where seq = 5`, { seq: 5, problem: 'changed' }],
    ['the hash of an event', `update audit_event set hash = 'ff' where seq = 5`, { seq: 5, problem: 'changed' }],
    ['a column', `update audit_event set target = 'other' where seq = 5`, { seq: 1, problem: 'column-differs' }],
    ['a time', `update audit_event set at_ms = 1 where seq = 1`, { seq: 1, problem: 'column-differs' }],
    ['the presence of an event', 'delete from audit_event where seq = 5', { seq: 5, problem: 'missing' }],
    ['the presence of the last event', 'delete from audit_event where seq = 20', { seq: 20, problem: 'missing' }],
    ['the head', `update audit_head set hash = 'ff'`, { problem: 'changed' }],
  ])('still shows that somebody had changed %s', async (_, tamper, finding) => {
    const { ok, findings } = await carriedOver(20, tamper)
    expect(ok).toBe(false)
    expect(findings[0]).toMatchObject(finding)
  })
})
