import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createIdentity } from '#identity/index.ts'
import { createProfileStore } from '#profile/index.ts'
import { createDeploymentStore } from '#runtime/index.ts'
import { openStore, type Store } from '#store/index.ts'
import { openTestStores, problem, temporaryFolder, type TestStore } from '#store/testing.ts'
import { compileSnapshot, createPublisher, createSnapshotHolder, EMPTY_SNAPSHOT, type Snapshot } from './index.ts'

const STALE_MAX_MS = 300_000

/** A node: its stores, publisher and holder over one database, with a clock that stands. */
function node(store: Store, nodeId: string, time: { nowMs: number }) {
  const now = () => time.nowMs
  const identity = createIdentity({ store, now })
  const profiles = createProfileStore({ store, now })
  const deployments = createDeploymentStore({ store, now })
  const holder = createSnapshotHolder({ staleMaxMs: STALE_MAX_MS })
  const published: Snapshot[] = []
  holder.onChange((snapshot) => published.push(snapshot))
  const errors: unknown[] = []
  const sources = { keys: () => identity.keyRecords(), profiles: () => profiles.list(), deployments: () => deployments.list() }
  const publisher = createPublisher({
    store,
    sources,
    target: holder,
    nodeId,
    now,
    pollMs: 1_000_000,
    onError: (error) => errors.push(error),
  })
  return { identity, profiles, deployments, holder, published, errors, publisher }
}

describe('the holder', () => {
  const snapshot = { ...EMPTY_SNAPSHOT, revision: 1 }

  it('refuses before anything was published', () => {
    const holder = createSnapshotHolder({ staleMaxMs: STALE_MAX_MS })
    expect(holder.current()).toBe(EMPTY_SNAPSHOT)
    expect(() => holder.assertFresh(0)).toThrow(problem('snapshot-stale'))
    expect(() => createSnapshotHolder({ staleMaxMs: STALE_MAX_MS, initial: snapshot }).assertFresh(0)).toThrow(problem('snapshot-stale'))
  })

  it('goes stale right after the limit and recovers with the next confirmation', () => {
    const holder = createSnapshotHolder({ staleMaxMs: STALE_MAX_MS })
    holder.publish(snapshot, 1_000)
    holder.assertFresh(1_000 + STALE_MAX_MS)
    expect(() => holder.assertFresh(1_001 + STALE_MAX_MS)).toThrow(problem('snapshot-stale', '300 seconds'))
    expect(holder.current()).toBe(snapshot)
    holder.confirm(2_000)
    holder.assertFresh(2_000 + STALE_MAX_MS)
  })

  it('does not let late news take a confirmation back', () => {
    const holder = createSnapshotHolder({ staleMaxMs: STALE_MAX_MS })
    holder.publish(snapshot, 5_000)
    holder.confirm(4_000)
    holder.publish({ ...snapshot, revision: 2 }, 3_000)
    expect(holder.confirmedAtMs()).toBe(5_000)
    expect(holder.current().revision).toBe(2)
  })

  it('tells its listeners until they stop', () => {
    const holder = createSnapshotHolder({ staleMaxMs: STALE_MAX_MS })
    const seen: number[] = []
    const stop = holder.onChange(({ revision }) => seen.push(revision))
    holder.publish(snapshot, 1)
    holder.confirm(2)
    stop()
    holder.publish({ ...snapshot, revision: 2 }, 3)
    expect(seen).toEqual([1])
  })
})

const start = Date.UTC(2026, 0, 1)

async function setUp(open: TestStore['open']) {
  const time = { nowMs: start }
  const store = await open({ now: () => time.nowMs })
  return { store, time, first: node(store, 'first', time) }
}

describe.each(openTestStores())('the publisher over $name', ({ open }) => {
  const spec = { kind: 'remote', url: 'https://mcp.example.com/mcp', headers: {} } as const

  it('publishes everything at the start, frozen to the bottom', async () => {
    const { first } = await setUp(open)
    const { record } = await first.identity.createKey('default', { name: 'laptop', scopes: ['mcp:call'] }, 'x')
    await first.deployments.create('default', { name: 'docs', spec })
    await first.profiles.create('default', { name: 'dev', servers: ['docs'] })
    const snapshot = await first.publisher.start()
    await first.publisher.close()
    expect(first.holder.current()).toBe(snapshot)
    expect([
      snapshot.keys.map((key) => key.id),
      snapshot.deployments.map(({ name }) => name),
      snapshot.profiles.map(({ name }) => name),
    ]).toEqual([[record.id], ['docs'], ['dev']])
    expect(snapshot.compiledAtMs).toBe(start)
    first.holder.assertFresh(start)
    const writable = snapshot as unknown as { keys: { scopes: string[] }[]; revision: number }
    expect(() => writable.keys.push({ scopes: [] })).toThrow(TypeError)
    expect(() => writable.keys[0]!.scopes.push('admin')).toThrow(TypeError)
    expect(() => (writable.revision = 0)).toThrow(TypeError)
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot)
  })

  it('has published a change when it is acknowledged', async () => {
    const { first } = await setUp(open)
    const { record } = await first.identity.createKey('default', { name: 'laptop', scopes: ['mcp:call'] }, 'x')
    const before = await first.publisher.changed()
    await first.identity.revokeKey('default', record.id)
    const after = await first.publisher.changed()
    expect(before.keys).toHaveLength(1)
    expect(first.holder.current()).toBe(after)
    expect(after.keys).toEqual([])
    expect(after.revision).toBe(before.revision + 1)
  })

  it('compiles once for changes that come together, and never an older picture after a newer one', async () => {
    const { first } = await setUp(open)
    const changes = Array.from({ length: 20 }, async (_, index) => {
      await first.profiles.create('default', { name: `p${index}` })
      const snapshot = await first.publisher.changed()
      expect(snapshot.profiles.map(({ name }) => name)).toContain(`p${index}`)
    })
    await Promise.all(changes)
    expect(first.holder.current().profiles).toHaveLength(20)
    const revisions = first.published.map(({ revision }) => revision)
    expect(revisions).toEqual(revisions.toSorted((one, other) => one - other))
    const together = await Promise.all([first.publisher.changed(), first.publisher.changed(), first.publisher.changed()])
    expect(new Set(together).size).toBe(1)
  })

  it('confirms with each look, without publishing the same again, and leaves a sign of life', async () => {
    const { store, time, first } = await setUp(open)
    await first.publisher.changed()
    time.nowMs += 500
    await first.publisher.poll()
    expect(first.holder.confirmedAtMs()).toBe(start + 500)
    expect(first.published).toHaveLength(1)
    expect(await store.db.selectFrom('node').selectAll().execute()).toEqual([{ id: 'first', seen_at_ms: start + 500 }])
    expect(first.errors).toEqual([])
  })

  it('keeps the last snapshot when the new one would not be valid, and says why', async () => {
    const { store, first } = await setUp(open)
    await first.profiles.create('default', { name: 'dev' })
    const valid = await first.publisher.changed()
    const spoiled = createPublisher({
      store,
      sources: { keys: () => [], profiles: () => [...valid.profiles, ...valid.profiles], deployments: () => [] },
      target: first.holder,
      nodeId: 'first',
      now: () => start,
      pollMs: 1_000_000,
      onError: (error) => first.errors.push(error),
    })
    await expect(spoiled.changed()).rejects.toEqual(problem('conflict', 'dev'))
    await spoiled.poll()
    expect(first.errors).toEqual([problem('conflict', 'dev')])
    expect(first.holder.current()).toBe(valid)
  })

  it('looks by itself until it is closed', async () => {
    const { store, time, first } = await setUp(open)
    const looks: number[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const target = {
      publish: () => undefined,
      confirm: (atMs: number) => {
        looks.push(atMs)
        if (looks.length === 3) resolve()
      },
    }
    const sources = { keys: () => first.identity.keyRecords(), profiles: () => [], deployments: () => [] }
    const publisher = createPublisher({
      store,
      sources,
      target,
      nodeId: 'first',
      now: () => time.nowMs++,
      pollMs: 1,
      onError: () => undefined,
    })
    await publisher.start()
    await promise
    await publisher.close()
    const count = looks.length
    await publisher.close()
    await first.publisher.poll()
    expect(looks).toHaveLength(count)
  })
})

describe.each(openTestStores().filter(({ reopen }) => reopen !== null))('two nodes over $name', ({ open, reopen }) => {
  it('see with the next look what the other changed', async () => {
    const { time, first } = await setUp(open)
    const second = node(await reopen!(), 'second', time)
    await first.publisher.changed()
    await second.publisher.changed()
    const { record } = await first.identity.createKey('default', { name: 'laptop', scopes: ['mcp:call'] }, 'x')
    await first.publisher.changed()
    expect(second.holder.current().keys).toEqual([])
    await second.publisher.poll()
    expect(second.holder.current().keys.map((key) => key.id)).toEqual([record.id])
    expect(second.holder.current().revision).toBe(first.holder.current().revision)
  })
})

describe('a database that another process has locked', () => {
  it('leaves the snapshot unconfirmed until calls stop, and heals without a restart', async () => {
    const file = join(temporaryFolder(), 'sallyport.db')
    const time = { nowMs: 0 }
    const store = await openStore({ file, now: () => time.nowMs })
    const { identity, holder, publisher, errors } = node(store, 'first', time)
    await publisher.changed()
    const other = new DatabaseSync(file)
    other.exec('begin immediate')
    time.nowMs = STALE_MAX_MS
    await publisher.poll()
    expect(errors).toEqual([problem('store-unavailable')])
    await expect(publisher.changed()).rejects.toEqual(problem('store-unavailable'))
    holder.assertFresh(STALE_MAX_MS)
    expect(() => holder.assertFresh(STALE_MAX_MS + 1)).toThrow(problem('snapshot-stale'))
    other.exec('rollback')
    other.close()
    await identity.createKey('default', { name: 'laptop', scopes: ['mcp:call'] }, 'x')
    await publisher.poll()
    holder.assertFresh(STALE_MAX_MS + 1)
    await publisher.changed()
    expect(holder.current().keys).toHaveLength(1)
    await store.close()
  })
})

describe('the compiler', () => {
  const key = {
    id: 'key_1',
    tenant: 'default',
    name: 'one',
    kind: 'key',
    sha256: 'aa',
    scopes: [],
    endpoints: null,
    tools: null,
    expiresAtMs: null,
  } as const

  it('refuses two credentials that are the same key', () => {
    expect(() => compileSnapshot({ ...EMPTY_SNAPSHOT, keys: [key, { ...key, id: 'key_2', name: 'two' }] })).toThrow(
      problem('conflict', '"one" and "two"'),
    )
  })

  it('leaves what it was given as it was', () => {
    const keys = [{ ...key, scopes: ['mcp:call' as const] }]
    const snapshot = compileSnapshot({ ...EMPTY_SNAPSHOT, keys })
    keys[0]!.scopes.pop()
    expect(snapshot.keys[0]?.scopes).toEqual(['mcp:call'])
  })
})
