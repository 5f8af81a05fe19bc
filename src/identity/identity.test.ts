import { describe, expect, it } from 'vitest'
import { sql } from 'kysely'
import type { Store } from '#store/index.ts'
import { openTestStores, problem } from '#store/testing.ts'
import { LIMITS } from '#std/index.ts'
import { createIdentity, type KeyInput, type KeyRecord, ownerKeyRecord, type Scope, withdrawEndpoint } from './index.ts'
import { sha256Of } from './key-text.ts'

const MINUTE = 60_000

describe.each(openTestStores())('a name that is withdrawn over $name', ({ open, reopen }) => {
  it('does not come back when another one is withdrawn from the same key at the same moment, on another node', async () => {
    const store = await open()
    const other = reopen === null ? store : await reopen()
    const identity = createIdentity({ store, now: () => 1 })
    for (let round = 0; round < 20; round++) {
      const { record } = await identity.createKey('default', { name: 'a', scopes: ['mcp:call'], endpoints: ['one', 'two', 'three'] }, 'x')
      await Promise.all(
        (
          [
            [store, 'one'],
            [other, 'two'],
          ] as const
        ).map(([node, name]) => node.transaction((transaction) => withdrawEndpoint(transaction, 'default', name, 1, node.dialect))),
      )
      expect((await identity.listKeys('default', { limit: 1 }))[0]).toMatchObject({
        id: record.id,
        endpoints: ['three'],
        revokedAtMs: null,
      })
      await identity.revokeKey('default', record.id)
    }
  })
})

describe.each(openTestStores())('identity over $name', ({ open, reopen }) => {
  async function setUp() {
    const time = { nowMs: 1_000_000 }
    const now = () => time.nowMs
    const store = await open({ now })
    await store.db.insertInto('tenant').values({ id: 'acme', title: 'Acme', created_at_ms: 1 }).execute()
    return { store, time, now, identity: createIdentity({ store, now }) }
  }

  const allowed = { name: 'laptop', scopes: ['mcp:list', 'mcp:call'] } as const

  async function dump(store: Store): Promise<string> {
    const keys = await sql`select * from api_key`.execute(store.db)
    const links = await sql`select * from owner_link`.execute(store.db)
    return JSON.stringify([keys.rows, links.rows])
  }

  it('makes a key that is shown once: 256 random bits, of which the database has the hash', async () => {
    const { store, identity } = await setUp()
    const { record, key } = await identity.createKey(
      'default',
      { ...allowed, endpoints: ['dev'], tools: ['echo__*'], expiresAtMs: 2_000_000 },
      'key_admin',
    )
    expect(key).toMatch(/^sp_[A-Za-z0-9_-]{43}$/)
    expect(record).toEqual({
      id: expect.stringMatching(/^key_/) as string,
      tenant: 'default',
      name: 'laptop',
      kind: 'key',
      scopes: ['mcp:list', 'mcp:call'],
      endpoints: ['dev'],
      tools: ['echo__*'],
      expiresAtMs: 2_000_000,
      createdAtMs: 1_000_000,
      createdBy: 'key_admin',
      lastUsedAtMs: null,
      revokedAtMs: null,
    })
    expect(await identity.listKeys('default')).toEqual([record])
    const text = await dump(store)
    expect(text).toContain(sha256Of(key))
    expect(text).not.toContain(key.slice(3))
  })

  it.each([
    { why: 'no scope', input: { name: 'a', scopes: [] }, text: 'at least one scope' },
    { why: 'an unknown scope', input: { name: 'a', scopes: ['root' as Scope] }, text: '"root" is not a scope' },
    { why: 'an empty name', input: { ...allowed, name: '  ' }, text: 'needs a name' },
    { why: 'an endless name', input: { ...allowed, name: 'x'.repeat(201) }, text: 'needs a name' },
    { why: 'an expiry that has passed', input: { ...allowed, expiresAtMs: 1_000_000 }, text: 'in the past' },
  ])('makes no key with $why', async ({ input, text }) => {
    const { identity } = await setUp()
    await expect(identity.createKey('default', input, 'x')).rejects.toEqual(problem('invalid-input', text))
    expect(await identity.listKeys('default')).toEqual([])
  })

  it('lists the keys of one tenant in pages, newest first', async () => {
    const { time, identity } = await setUp()
    for (const name of ['one', 'two', 'three']) {
      time.nowMs++
      await identity.createKey('default', { ...allowed, name }, 'x')
    }
    await identity.createKey('acme', allowed, 'x')
    const first = await identity.listKeys('default', { limit: 2 })
    expect(first.map((key) => key.name)).toEqual(['three', 'two'])
    const second = await identity.listKeys('default', { limit: 2, after: first[1]!.id })
    expect(second.map((key) => key.name)).toEqual(['one'])
  })

  it('gives the snapshot the keys of all tenants that count, without expired and revoked ones', async () => {
    const { time, identity } = await setUp()
    const kept = await identity.createKey('acme', { ...allowed, tools: ['a'] }, 'x')
    await identity.createKey('default', { ...allowed, expiresAtMs: 1_000_100 }, 'x')
    const revoked = await identity.createKey('default', allowed, 'x')
    expect(await identity.keyRecords()).toHaveLength(3)
    await identity.revokeKey('default', revoked.record.id)
    time.nowMs = 1_000_100
    expect(await identity.keyRecords()).toEqual([
      {
        id: kept.record.id,
        tenant: 'acme',
        name: 'laptop',
        kind: 'key',
        sha256: sha256Of(kept.key),
        scopes: allowed.scopes,
        endpoints: null,
        tools: ['a'],
        expiresAtMs: null,
      },
    ])
  })

  it('revokes once, only in the own tenant', async () => {
    const { time, identity } = await setUp()
    const { record } = await identity.createKey('default', allowed, 'x')
    await expect(identity.revokeKey('acme', record.id)).rejects.toEqual(problem('not-found', record.id))
    expect(await identity.keyRecords()).toHaveLength(1)
    expect((await identity.revokeKey('default', record.id)).revokedAtMs).toBe(1_000_000)
    time.nowMs++
    expect((await identity.revokeKey('default', record.id)).revokedAtMs).toBe(1_000_000)
  })

  it('notes the last use, never an earlier one', async () => {
    const { identity } = await setUp()
    const one = await identity.createKey('default', allowed, 'x')
    const two = await identity.createKey('default', allowed, 'x')
    await identity.touchKeys([
      { id: one.record.id, atMs: 500 },
      { id: 'key_cli', atMs: 500 },
    ])
    await identity.touchKeys([
      { id: one.record.id, atMs: 400 },
      { id: two.record.id, atMs: 600 },
    ])
    await identity.touchKeys([])
    const used = Object.fromEntries((await identity.listKeys('default')).map((key) => [key.id, key.lastUsedAtMs]))
    expect(used).toEqual({ [one.record.id]: 500, [two.record.id]: 600 })
  })

  it('makes an owner of whoever brings the link, once', async () => {
    const { store, identity } = await setUp()
    const token = await identity.createOwnerLink()
    expect(await dump(store)).not.toContain(token)
    expect(await identity.hasOwner()).toBe(false)
    const { record, key } = await identity.redeemOwnerLink(token)
    expect(record).toMatchObject({
      kind: 'owner',
      tenant: 'default',
      scopes: ['mcp:list', 'mcp:call', 'registry:read', 'registry:write', 'admin'],
      endpoints: null,
      tools: null,
      expiresAtMs: null,
    })
    expect((await identity.keyRecords()).map((known) => known.sha256)).toEqual([sha256Of(key)])
    expect(await identity.hasOwner()).toBe(true)
    await expect(identity.redeemOwnerLink(token)).rejects.toEqual(problem('unauthenticated'))
    await identity.revokeKey('default', record.id)
    expect(await identity.hasOwner()).toBe(false)
  })

  it('lets exactly one of many win who bring the link together', async () => {
    const { store, now, identity } = await setUp()
    const token = await identity.createOwnerLink()
    const nodes = [identity, createIdentity({ store: reopen === null ? store : await reopen(), now })]
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, (_, index) => nodes[index % 2]!.redeemOwnerLink(token)))
    const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
    expect(refusals).toEqual(Array.from({ length: 5 }, () => problem('unauthenticated')))
    expect(await identity.listKeys('default')).toHaveLength(1)
  })

  it('refuses a link that is unknown, older than 30 minutes, or followed by a newer one', async () => {
    const { time, identity } = await setUp()
    const older = await identity.createOwnerLink()
    const newer = await identity.createOwnerLink()
    await expect(identity.redeemOwnerLink('')).rejects.toEqual(problem('unauthenticated'))
    await expect(identity.redeemOwnerLink(older)).rejects.toEqual(problem('unauthenticated'))
    time.nowMs += 30 * MINUTE
    await expect(identity.redeemOwnerLink(newer)).rejects.toEqual(problem('unauthenticated'))
    expect(await identity.hasOwner()).toBe(false)
    const fresh = await identity.createOwnerLink()
    time.nowMs += 30 * MINUTE - 1
    await expect(identity.redeemOwnerLink(fresh)).resolves.toMatchObject({ record: { kind: 'owner' } })
  })

  describe('a session of the console', () => {
    const HOUR = 3_600_000
    const owner: KeyRecord = ownerKeyRecord('owner-key-0123456789abcdef')
    const ownerKey = { id: owner.id, tenant: 'default', text: 'owner-key-0123456789abcdef', expiresAtMs: null }

    async function withKey(input: Partial<KeyInput> = {}, tenant = 'default') {
      const setup = await setUp()
      const { record, key } = await setup.identity.createKey(tenant, { ...allowed, ...input }, 'x')
      const sessionKey = { id: record.id, tenant, text: key, expiresAtMs: record.expiresAtMs }
      const keys = async () => setup.identity.withSessions([owner, ...(await setup.identity.keyRecords())])
      const sessions = async () => (await keys()).filter((known) => known.sessionId !== undefined)
      return { ...setup, record, key, sessionKey, keys, sessions }
    }

    it('has the rights of its key and 256 random bits in each half, of which the database has one hash', async () => {
      const { store, identity, sessionKey, key, keys } = await withKey({ endpoints: ['dev'], tools: ['echo__*'] })
      const session = await identity.createSession(sessionKey)
      expect(session).toEqual({
        id: expect.stringMatching(/^ses_/) as string,
        cookie: expect.stringMatching(/^spc_[A-Za-z0-9_-]{43}$/) as string,
        proof: expect.stringMatching(/^spp_[A-Za-z0-9_-]{43}$/) as string,
        expiresAtMs: 1_000_000 + 12 * HOUR,
      })
      const [, ofKey, ofSession] = await keys()
      expect(ofSession).toEqual({
        ...ofKey,
        sha256: sha256Of(`${session.cookie}.${session.proof}`),
        expiresAtMs: session.expiresAtMs,
        sessionId: session.id,
      })
      const text = JSON.stringify((await sql`select * from console_session`.execute(store.db)).rows)
      for (const secret of [session.cookie, session.proof, key]) expect(text).not.toContain(secret.slice(4))
    })

    it('lasts 12 hours, or as long as its key', async () => {
      const { time, identity, sessionKey, sessions, keys } = await withKey({ expiresAtMs: 1_000_000 + HOUR })
      await identity.createSession(sessionKey)
      const { id } = await identity.createSession(ownerKey)
      expect((await sessions()).map(({ expiresAtMs }) => expiresAtMs)).toEqual([1_000_000 + HOUR, 1_000_000 + 12 * HOUR])
      time.nowMs += HOUR
      expect((await sessions()).map(({ sessionId }) => sessionId)).toEqual([id])
      time.nowMs += 11 * HOUR
      expect(await keys()).toEqual([owner])
    })

    it('ends with its key: revoked, or exchanged under the same id', async () => {
      const { store, identity, record, sessionKey, sessions } = await withKey()
      await identity.createSession(sessionKey)
      const kept = await identity.createSession(ownerKey)
      await identity.revokeKey('default', record.id)
      expect((await sessions()).map(({ id }) => id)).toEqual(['key_settings'])
      expect(await store.db.selectFrom('console_session').select('id').execute()).toEqual([{ id: kept.id }])
      const exchanged = ownerKeyRecord('another-owner-key-0123456789')
      expect(exchanged.id).toBe(owner.id)
      expect(await identity.withSessions([exchanged])).toEqual([exchanged])
    })

    it('is ended once, only in its own tenant', async () => {
      const { identity, sessionKey, sessions } = await withKey()
      const { id } = await identity.createSession(sessionKey)
      await expect(identity.endSession('acme', id)).rejects.toEqual(problem('not-found', id))
      expect(await sessions()).toHaveLength(1)
      await identity.endSession('default', id)
      expect(await sessions()).toEqual([])
      await expect(identity.endSession('default', id)).rejects.toEqual(problem('not-found', id))
    })

    it('makes room as the oldest of too many of one key, and is swept when it has expired', async () => {
      const { store, time, identity, sessionKey, sessions } = await withKey()
      const other = await identity.createSession(ownerKey)
      const made: string[] = []
      for (let i = 0; i < LIMITS.consoleSessionsPerKeyMax + 2; i++) made.push((await identity.createSession(sessionKey)).id)
      expect((await sessions()).map(({ sessionId }) => sessionId)).toEqual([other.id, ...made.slice(2)])
      time.nowMs += 12 * HOUR
      const { id } = await identity.createSession(ownerKey)
      expect(await store.db.selectFrom('console_session').select('id').execute()).toEqual([{ id }])
    })

    it('never takes the rights of a key of another tenant', async () => {
      const { identity, sessionKey, sessions } = await withKey({}, 'acme')
      await identity.createSession({ ...sessionKey, tenant: 'default' })
      expect(await sessions()).toEqual([])
      await identity.createSession(sessionKey)
      expect(await sessions()).toMatchObject([{ tenant: 'acme' }])
    })
  })
})
