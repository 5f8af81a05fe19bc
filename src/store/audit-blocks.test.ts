import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { up } from './migrations/0005-audit-blocks.ts'
import type { Store } from './store.ts'
import { openTestStores } from './testing.ts'

const PATIENT = { timeout: 60_000 }
const NOON_MS = Date.UTC(2026, 10, 21, 12)
const GENESIS = '0'.repeat(64)
const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex')

interface OldEvent {
  readonly tenant: string
  readonly seq: number
  readonly atMs: number
  readonly target: string
}

/** Takes the tables back to where they were before this migration, with these events in them. */
async function goBack(store: Store, events: readonly OldEvent[]): Promise<void> {
  const run = (statement: string) => sql.raw(statement).execute(store.db)
  await run('drop table audit_block')
  await run(`create table audit_event (
    tenant text not null, seq bigint not null, id text not null, at_ms bigint not null, kind text not null, actor_id text not null,
    actor_name text not null, endpoint text not null, deployment text not null, method text not null, target text not null,
    verdict text not null, outcome text not null, us bigint not null, body text not null, hash text not null, primary key (tenant, seq)
  )`)
  const heads = new Map<string, { seq: number; hash: string }>()
  for (const { tenant, seq, atMs, target } of events) {
    const at = new Date(atMs).toISOString()
    const body = JSON.stringify({ at, seq, target, tenant, text: `quote " back\\slash \u2028 é 🙂 'single' $1 ?` })
    const hash = sha256(`${heads.get(tenant)?.hash ?? GENESIS}|${tenant}|${seq}|${at}|${body}`)
    heads.set(tenant, { seq, hash })
    await sql`insert into audit_event values (
      ${tenant}, ${seq}, ${`evt_${seq}`}, ${atMs}, 'call', 'key_1', 'laptop', 'dev', 'echo', 'tools/call', ${target}, 'allow', 'ok', 12, ${body}, ${hash}
    )`.execute(store.db)
  }
  for (const [tenant, { seq, hash }] of heads) await sql`insert into audit_head values (${tenant}, ${seq}, ${hash})`.execute(store.db)
}

const carryOver = (store: Store): Promise<void> => store.transaction((transaction) => up(transaction as unknown as Kysely<unknown>))
const blocksOf = (store: Store) => store.db.selectFrom('audit_block').selectAll().orderBy('tenant').orderBy('first_seq').execute()
const placesOf = async (store: Store) => (await blocksOf(store)).map((block) => [block.tenant, block.first_seq, block.last_seq])
const event = (seq: number, changes: Partial<OldEvent> = {}): OldEvent => ({
  tenant: 'default',
  seq,
  atMs: NOON_MS + seq,
  target: 'say',
  ...changes,
})
const several = (count: number, changes: Partial<OldEvent> = {}): OldEvent[] =>
  Array.from({ length: count }, (_, i) => event(i + 1, changes))

describe.each(openTestStores())('events that become blocks in $name', PATIENT, ({ open }) => {
  it('keep their texts and places, page after page, in a chain of their own per tenant', async () => {
    const store = await open()
    const events = [...several(30, { tenant: 'acme' }), ...several(1_100)]
    await goBack(store, events)
    const { rows: old } = await sql<{ tenant: string; body: string }>`select tenant, body from audit_event order by tenant, seq`.execute(store.db) // prettier-ignore
    await carryOver(store)
    const blocks = await blocksOf(store)
    expect(blocks.flatMap(({ tenant, body }) => body.split('\n').map((line) => ({ tenant, body: line })))).toEqual(old)
    expect(blocks.length).toBeLessThan(10)
    for (const tenant of ['acme', 'default']) {
      const chain = blocks.filter((block) => block.tenant === tenant)
      let [hash, seq] = [GENESIS, 0]
      for (const block of chain) {
        expect(block.first_seq).toBe(seq + 1)
        expect(block.last_seq - block.first_seq + 1).toBe(block.body.split('\n').length)
        hash = sha256(`${hash}|${tenant}|${block.first_seq}|${block.last_seq}|${sha256(block.body)}`)
        seq = block.last_seq
        expect(block).toMatchObject({ hash, from_ms: NOON_MS + block.first_seq, to_ms: NOON_MS + block.last_seq })
      }
      const head = await store.db.selectFrom('audit_head').selectAll().where('tenant', '=', tenant).executeTakeFirst()
      expect(head).toEqual({ tenant, seq, hash })
    }
    expect(JSON.parse(blocks[0]!.summary)).toMatchObject({ target: ['say'], actorId: ['key_1'], verdict: ['allow'] })
    await expect(sql`select 1 from audit_event`.execute(store.db)).rejects.toThrow(/audit_event/)
  })

  it('are apart where their times are, and where their texts are long', async () => {
    const store = await open()
    const late = { atMs: NOON_MS + 2_002 }
    const long = { target: 'x'.repeat(200_000) }
    await goBack(store, [event(1), event(2), event(3, late), event(4, { atMs: NOON_MS + 5 }), event(5, long), event(6, long)])
    await carryOver(store)
    expect(await placesOf(store)).toEqual([
      ['default', 1, 2],
      ['default', 3, 5],
      ['default', 6, 6],
    ])
    expect((await blocksOf(store))[1]).toMatchObject({ from_ms: NOON_MS + 5, to_ms: NOON_MS + 2_002 })
  })

  it('stay wrong where they were wrong: what does not fit the old chain does not fit the new one', async () => {
    const store = await open()
    await goBack(store, several(9))
    await sql`update audit_event set target = 'other', body = replace(body, 'say', 'other') where seq = 3`.execute(store.db)
    await sql`delete from audit_event where seq = 6`.execute(store.db)
    const { hash } = (await sql<{ hash: string }>`select hash from audit_event where seq = 3`.execute(store.db)).rows[0]!
    await carryOver(store)
    expect(await placesOf(store)).toEqual([
      ['default', 1, 2],
      ['default', 3, 3],
      ['default', 4, 5],
      ['default', 7, 9],
    ])
    const [first, second, third] = await blocksOf(store)
    expect(second!.hash).toBe(hash)
    expect(second!.hash).not.toBe(sha256(`${first!.hash}|default|3|3|${sha256(second!.body)}`))
    expect(third!.hash).toBe(sha256(`${hash}|default|4|5|${sha256(third!.body)}`))
  })

  it('leave a head alone that names another end', async () => {
    const store = await open()
    await goBack(store, [...several(3), ...several(3, { tenant: 'acme' })])
    await sql`delete from audit_event where tenant = 'default' and seq = 3`.execute(store.db)
    await sql`update audit_head set hash = 'ff' where tenant = 'acme'`.execute(store.db)
    const before = await store.db.selectFrom('audit_head').selectAll().orderBy('tenant').execute()
    await carryOver(store)
    expect(await store.db.selectFrom('audit_head').selectAll().orderBy('tenant').execute()).toEqual(before)
  })

  it('may be none', async () => {
    const store = await open()
    await goBack(store, [])
    await carryOver(store)
    expect(await blocksOf(store)).toEqual([])
  })
})
