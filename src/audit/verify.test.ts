import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { Database, Store } from '#store/index.ts'
import { openTestStores, temporaryFolder } from '#store/testing.ts'
import { chainHash, GENESIS } from './chain.ts'
import { createDrain } from './drain.ts'
import { encodeEvent } from './event-text.ts'
import { NOON_MS, PATIENT, sampleEvent } from './testing.ts'
import { type ChainFinding, verifyChain } from './verify.ts'

const ROWS = 12

type Tamper = (db: Kysely<Database>) => Promise<unknown>

const execute = (db: Kysely<Database>, ...statements: string[]): Promise<unknown> =>
  statements.reduce<Promise<unknown>>((before, statement) => before.then(() => sql.raw(statement).execute(db)), Promise.resolve())

/** What an intruder with the database open might do, and what `verifyChain` says then. */
const TAMPERINGS: readonly { readonly what: string; readonly tamper: Tamper; readonly finds: readonly Partial<ChainFinding>[] }[] = [
  { what: 'nothing', tamper: () => Promise.resolve(), finds: [] },
  {
    what: 'the text of a row',
    tamper: (db) => execute(db, `update audit_event set body = replace(body, 'echo', 'Echo') where seq = 5`),
    finds: [{ seq: 5, problem: 'changed' }],
  },
  {
    what: 'the text of the first and of the last row',
    tamper: (db) => execute(db, `update audit_event set body = replace(body, 'echo', 'Echo') where seq in (1, ${ROWS})`),
    finds: [
      { seq: 1, problem: 'changed' },
      { seq: ROWS, problem: 'changed' },
    ],
  },
  {
    what: 'the text of a row, until it is no JSON',
    tamper: (db) => execute(db, `update audit_event set body = 'gone' where seq = 5`),
    finds: [{ seq: 5, problem: 'changed' }],
  },
  {
    what: 'the hash of a row',
    tamper: (db) => execute(db, `update audit_event set hash = '${'f'.repeat(64)}' where seq = 5`),
    finds: [{ seq: 5, problem: 'changed' }],
  },
  {
    what: 'text and hash of a row, to fit each other',
    tamper: async (db) => {
      const [before, row] = await db.selectFrom('audit_event').selectAll().where('seq', 'in', [4, 5]).orderBy('seq').execute()
      const body = row!.body.replace('echo', 'Echo')
      const hash = chainHash(before!.hash, 'default', 5, new Date(row!.at_ms).toISOString(), body)
      await execute(db, `update audit_event set body = '${body}', target = 'Echo', hash = '${hash}' where seq = 5`)
    },
    finds: [{ seq: 6, problem: 'changed' }],
  },
  ...['target', 'actor_id', 'outcome', 'verdict', 'deployment'].map((column) => ({
    what: `the column ${column}`,
    tamper: (db: Kysely<Database>) => execute(db, `update audit_event set ${column} = 'other' where seq = 5`),
    finds: [{ seq: 5, problem: 'column-differs' as const, detail: `Differs from the chained text: ${column}.` }],
  })),
  {
    what: 'the time in its column',
    tamper: (db) => execute(db, 'update audit_event set at_ms = at_ms + 1 where seq = 5'),
    finds: [{ seq: 5, problem: 'column-differs', detail: 'Differs from the chained text: at_ms.' }],
  },
  {
    what: 'the presence of a row in the middle',
    tamper: (db) => execute(db, 'delete from audit_event where seq = 5'),
    finds: [{ seq: 5, problem: 'missing' }],
  },
  {
    what: 'the presence of the first rows',
    tamper: (db) => execute(db, 'delete from audit_event where seq <= 3'),
    finds: [{ seq: 1, problem: 'missing' }],
  },
  {
    what: 'the presence of the last rows',
    tamper: (db) => execute(db, `delete from audit_event where seq > ${ROWS - 2}`),
    finds: [{ seq: ROWS - 1, problem: 'truncated' }],
  },
  {
    what: 'the presence of all rows',
    tamper: (db) => execute(db, 'delete from audit_event'),
    finds: [{ seq: 1, problem: 'truncated' }],
  },
  {
    what: 'the presence of the head',
    tamper: (db) => execute(db, 'delete from audit_head'),
    finds: [{ seq: ROWS + 1, problem: 'truncated' }],
  },
  {
    what: 'the head, to hide that the last row is gone',
    tamper: (db) => execute(db, `delete from audit_event where seq = ${ROWS}`, `update audit_head set seq = ${ROWS - 1}`),
    finds: [{ seq: ROWS - 1, problem: 'changed', detail: 'The head of the chain names another hash than the last row.' }],
  },
  {
    what: 'the end, by a row of their own',
    tamper: (db) =>
      execute(
        db,
        `insert into audit_event select tenant, ${ROWS + 1}, 'evt_x', at_ms, kind, actor_id, actor_name, endpoint, deployment, method, target, verdict, outcome, us, body, hash from audit_event where seq = ${ROWS}`,
      ),
    finds: [{ seq: ROWS + 1, problem: 'changed' }],
  },
  {
    what: 'the places of two rows',
    tamper: (db) =>
      execute(
        db,
        'update audit_event set seq = 1000 where seq = 4',
        'update audit_event set seq = 4 where seq = 8',
        'update audit_event set seq = 8 where seq = 1000',
      ),
    finds: [
      { seq: 4, problem: 'reordered', detail: 'This is the event that was chained as row 8.' },
      { seq: 8, problem: 'reordered', detail: 'This is the event that was chained as row 4.' },
    ],
  },
  {
    what: 'the places of two rows next to each other',
    tamper: (db) =>
      execute(
        db,
        'update audit_event set seq = 1000 where seq = 4',
        'update audit_event set seq = 4 where seq = 5',
        'update audit_event set seq = 5 where seq = 1000',
      ),
    finds: [
      { seq: 4, problem: 'reordered' },
      { seq: 5, problem: 'reordered' },
    ],
  },
  {
    what: 'the texts of two rows',
    tamper: async (db) => {
      const rows = await db.selectFrom('audit_event').selectAll().where('seq', 'in', [4, 8]).orderBy('seq').execute()
      await execute(
        db,
        `update audit_event set body = '${rows[1]!.body}' where seq = 4`,
        `update audit_event set body = '${rows[0]!.body}' where seq = 8`,
      )
    },
    finds: [
      { seq: 4, problem: 'reordered' },
      { seq: 8, problem: 'reordered' },
    ],
  },
  {
    what: 'several things at once',
    tamper: (db) =>
      execute(
        db,
        `update audit_event set body = replace(body, 'echo', 'Echo') where seq = 2`,
        `update audit_event set target = 'other' where seq = 4`,
        'delete from audit_event where seq in (6, 7)',
        `delete from audit_event where seq = ${ROWS}`,
      ),
    finds: [
      { seq: 2, problem: 'changed' },
      { seq: 4, problem: 'column-differs' },
      { seq: 6, problem: 'missing' },
      { seq: ROWS, problem: 'truncated' },
    ],
  },
]

async function fill(store: Store, rows: number): Promise<void> {
  const dir = temporaryFolder()
  const events = Array.from({ length: rows }, (_, i) => sampleEvent({ atMs: NOON_MS + i, us: i }))
  writeFileSync(join(dir, 'n-999999999.1.ab-00000001.spool'), events.map((event) => `${encodeEvent(event)}\n`).join(''))
  const drain = createDrain({ store, dir, now: () => NOON_MS, onError: () => {} })
  await drain.close()
}

describe.each(openTestStores())('the audit chain in $name', PATIENT, ({ open }) => {
  it('names what was changed in it, and nothing else', async () => {
    const store = await open()
    for (const { what, tamper, finds } of TAMPERINGS) {
      await store.db.deleteFrom('audit_event').execute()
      await store.db.deleteFrom('audit_head').execute()
      await fill(store, ROWS)
      await tamper(store.db)
      const report = await verifyChain({ store, tenant: 'default' })
      expect(report.findings, `after a change of ${what}`).toHaveLength(finds.length)
      for (const [i, finding] of finds.entries()) expect(report.findings[i], `after a change of ${what}`).toMatchObject(finding)
      expect(report).toMatchObject({ ok: finds.length === 0, isComplete: true })
    }
  })

  it('is as documented, byte for byte', async () => {
    const store = await open()
    await fill(store, 2)
    const [first, second] = await store.db.selectFrom('audit_event').selectAll().orderBy('seq').execute()
    expect(GENESIS).toMatch(/^0{64}$/)
    const link = async (text: string): Promise<string> =>
      Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('hex')
    expect(first!.hash).toBe(await link(`${'0'.repeat(64)}|default|1|2026-11-21T12:00:00.000Z|${first!.body}`))
    expect(second!.hash).toBe(await link(`${first!.hash}|default|2|2026-11-21T12:00:00.001Z|${second!.body}`))
  })

  it('can be checked from a row on, and is whole when it is empty', async () => {
    const store = await open()
    expect(await verifyChain({ store, tenant: 'nobody' })).toEqual({
      ok: true,
      checked: 0,
      head: { seq: 0, hash: GENESIS },
      findings: [],
      isComplete: true,
    })
    await fill(store, ROWS)
    await execute(store.db, `update audit_event set body = replace(body, 'echo', 'Echo') where seq = 3`)
    expect(await verifyChain({ store, tenant: 'default', fromSeq: 5 })).toMatchObject({ ok: true, checked: ROWS - 4 })
    expect(await verifyChain({ store, tenant: 'default', fromSeq: 3 })).toMatchObject({ ok: false, checked: ROWS - 2 })
  })

  it('reads page by page, and stops when too much is wrong to be named', async () => {
    const store = await open()
    await fill(store, 2_500)
    expect(await verifyChain({ store, tenant: 'default' })).toMatchObject({ ok: true, checked: 2_500, isComplete: true })
    await execute(store.db, `update audit_event set body = replace(body, 'echo', 'Echo') where seq < 500`)
    const report = await verifyChain({ store, tenant: 'default' })
    expect(report).toMatchObject({ ok: false, isComplete: false })
    expect(report.findings[0]).toMatchObject({ seq: 1, problem: 'changed' })
  })
})
