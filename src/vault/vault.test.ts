import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { openStore, type Store } from '#store/index.ts'
import { openTestStores, problem, temporaryFolder } from '#store/testing.ts'
import { createSealedReader, openVault } from './index.ts'

const CANARY = 'canary-9f3b-\u00e9\u{1F511}'
const NAME = 'deployment/docs/header/Authorization'

let clock = 1_000
const now = () => clock

async function everyRowAsText(store: Store): Promise<string> {
  let text = ''
  for (const { name } of await store.db.introspection.getTables()) {
    const { rows } = await sql`select * from ${sql.table(name)}`.execute(store.db)
    text += JSON.stringify(rows)
  }
  return text
}

describe.each(openTestStores())('the vault over $name', ({ open }) => {
  async function setUp() {
    const store = await open({ now })
    await store.db.insertInto('tenant').values({ id: 'acme', title: 'Acme', created_at_ms: 1 }).execute()
    const keyFile = join(temporaryFolder(), 'vault.key')
    return { store, keyFile, vault: await openVault({ store, keyFile, now }) }
  }

  it('gives back what was put, also after a restart, and replaces it', async () => {
    const { store, keyFile, vault } = await setUp()
    await vault.put('default', NAME, 'before')
    await vault.put('default', NAME, CANARY)
    const restarted = await openVault({ store, keyFile, now })
    expect(await restarted.get('default', NAME)).toBe(CANARY)
    await expect(restarted.get('acme', NAME)).rejects.toEqual(problem('not-found', NAME))
  })

  it('takes empty and long texts, and refuses longer ones', async () => {
    const { vault } = await setUp()
    await vault.put('default', 'empty', '')
    await vault.put('default', 'long', 'x'.repeat(65_536))
    expect(await vault.get('default', 'empty')).toBe('')
    expect(await vault.get('default', 'long')).toHaveLength(65_536)
    await expect(vault.put('default', 'longer', 'x'.repeat(65_537))).rejects.toEqual(problem('invalid-input', 'at most'))
  })

  it('lists names and times, and deletes', async () => {
    const { vault } = await setUp()
    clock = 1_000
    await vault.put('default', NAME, CANARY)
    await vault.put('default', 'deployment/other/env/TOKEN', CANARY)
    clock = 2_000
    await vault.put('default', NAME, CANARY)
    expect(await vault.list('default', 'deployment/docs/')).toEqual([{ name: NAME, createdAtMs: 1_000, updatedAtMs: 2_000 }])
    expect(await vault.list('default')).toHaveLength(2)
    expect(await vault.list('acme')).toEqual([])
    expect(await vault.delete('acme', NAME)).toBe(false)
    expect(await vault.delete('default', NAME)).toBe(true)
    await expect(vault.get('default', NAME)).rejects.toEqual(problem('not-found', NAME))
  })

  it('shows no secret in a dump of the database', async () => {
    const { store, vault } = await setUp()
    await vault.put('default', NAME, CANARY)
    const dump = await everyRowAsText(store)
    expect(dump).toContain(NAME)
    for (const form of [CANARY, 'canary-9f3b', Buffer.from(CANARY).toString('base64').slice(0, 15), Buffer.from(CANARY).toString('hex')]) {
      expect(dump).not.toContain(form)
    }
  })

  it.each(['sealed', 'wrapped_key'] as const)('notices a changed byte anywhere in %s', async (column) => {
    const { store, vault } = await setUp()
    await vault.put('default', NAME, CANARY)
    const row = await store.db.selectFrom('secret').select(column).executeTakeFirstOrThrow()
    const bytes = Buffer.from(row[column], 'base64url')
    for (const at of [0, 12, 28, bytes.length - 1]) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 1
      await store.db
        .updateTable('secret')
        .set({ [column]: changed.toString('base64url') })
        .execute()
      await expect(vault.get('default', NAME)).rejects.toEqual(problem('secret-unreadable', 'changed or moved'))
    }
    await store.db
      .updateTable('secret')
      .set({ [column]: bytes.subarray(0, 20).toString('base64url') })
      .execute()
    await expect(vault.get('default', NAME)).rejects.toEqual(problem('secret-unreadable', 'changed or moved'))
  })

  it.each([
    { what: 'another tenant', change: { tenant: 'acme', name: NAME } },
    { what: 'another name', change: { tenant: 'default', name: 'deployment/evil/header/Authorization' } },
  ])('opens no row that was moved to $what', async ({ change }) => {
    const { store, vault } = await setUp()
    await vault.put('default', NAME, CANARY)
    await sql`update secret set tenant = ${change.tenant}, name = ${change.name}`.execute(store.db)
    await expect(vault.get(change.tenant, change.name)).rejects.toEqual(problem('secret-unreadable', 'changed or moved'))
  })

  it('opens no earlier value that was put back under the newer version', async () => {
    const { store, vault } = await setUp()
    await vault.put('default', NAME, 'revoked')
    const { sealed, wrapped_key } = await store.db.selectFrom('secret').selectAll().executeTakeFirstOrThrow()
    await vault.put('default', NAME, 'current')
    await store.db.updateTable('secret').set({ sealed, wrapped_key }).execute()
    await expect(vault.get('default', NAME)).rejects.toEqual(problem('secret-unreadable', 'changed or moved'))
  })

  it('opens nothing with another key, and says so', async () => {
    const { store, vault } = await setUp()
    await vault.put('default', NAME, CANARY)
    const keyFile = join(temporaryFolder(), 'other.key')
    writeFileSync(keyFile, Buffer.alloc(32, 7), { mode: 0o600 })
    const other = await openVault({ store, keyFile, now })
    await expect(other.get('default', NAME)).rejects.toEqual(problem('secret-unreadable', 'another key'))
  })

  it('makes no new key while the database holds secrets of a lost one', async () => {
    const { store, keyFile, vault } = await setUp()
    await vault.put('default', NAME, CANARY)
    rmSync(keyFile)
    await expect(openVault({ store, keyFile, now })).rejects.toEqual(problem('unsafe-file', 'is missing'))
    expect(() => statSync(keyFile)).toThrow('ENOENT')
  })
})

describe('the key file', () => {
  async function withKeyFile() {
    const folder = temporaryFolder()
    const store = await openStore({ file: join(folder, 'sallyport.db'), now })
    return { folder, store, keyFile: join(folder, 'vault.key') }
  }

  it('is made once, private, whole, and by one of two that start together', async () => {
    const { folder, store, keyFile } = await withKeyFile()
    const [one, two] = await Promise.all([openVault({ store, keyFile, now }), openVault({ store, keyFile, now })])
    expect(one.deriveKey('x')).toEqual(two.deriveKey('x'))
    expect(statSync(keyFile).mode & 0o777).toBe(0o600)
    expect(statSync(keyFile).size).toBe(32)
    expect(readdirSync(folder).filter((name) => name.startsWith('vault.key'))).toEqual(['vault.key'])
    await store.close()
  })

  it.each([0o644, 0o640, 0o604, 0o620])('is refused with mode %o', async (mode) => {
    const { store, keyFile } = await withKeyFile()
    writeFileSync(keyFile, Buffer.alloc(32, 1))
    chmodSync(keyFile, mode)
    const failure: unknown = await openVault({ store, keyFile, now }).catch((error: unknown) => error)
    expect(failure).toEqual(problem('unsafe-file', mode.toString(8)))
    expect((failure as { remedy: string }).remedy).toContain(`chmod 600 ${keyFile}`)
    await store.close()
  })

  it.each([0, 31, 33])('is refused with %i bytes', async (length) => {
    const { store, keyFile } = await withKeyFile()
    writeFileSync(keyFile, Buffer.alloc(length), { mode: 0o600 })
    await expect(openVault({ store, keyFile, now })).rejects.toEqual(problem('unsafe-file', `${length} bytes`))
    await store.close()
  })

  it('keeps every secret out of the files of SQLite', async () => {
    const { folder, store, keyFile } = await withKeyFile()
    const vault = await openVault({ store, keyFile, now })
    await vault.put('default', NAME, CANARY)
    const raw = () =>
      readdirSync(folder)
        .map((name) => readFileSync(join(folder, name)).toString('latin1'))
        .join('')
    for (const bytes of [raw(), (await store.close(), raw())]) {
      expect(bytes).toContain(NAME)
      expect(bytes).not.toContain('canary-9f3b')
    }
  })
})

describe('a sealed text', () => {
  async function aVault() {
    const store = await openStore({ now })
    return openVault({ store, keyFile: join(temporaryFolder(), 'vault.key'), now })
  }

  it('opens for its tenant and name, by the vault and by a reader that has only the reader key', async () => {
    const vault = await aVault()
    const sealed = vault.sealText('default', NAME, CANARY)
    expect(sealed).not.toContain('canary')
    expect(vault.openText('default', NAME, sealed)).toBe(CANARY)
    expect(createSealedReader(vault.readerKey()).openText('default', NAME, sealed)).toBe(CANARY)
  })

  it('opens for nobody else', async () => {
    const vault = await aVault()
    const other = await aVault()
    const sealed = vault.sealText('a|b', 'c', CANARY)
    const refused = problem('secret-unreadable', 'does not open')
    expect(() => vault.openText('a', 'b|c', sealed)).toThrow(refused)
    expect(() => vault.openText('a|b', 'd', sealed)).toThrow(refused)
    expect(() => other.openText('a|b', 'c', sealed)).toThrow(refused)
    // Not the last character: some of its bits are padding.
    const changed = sealed.slice(0, -3) + (sealed.at(-3) === 'A' ? 'B' : 'A') + sealed.slice(-2)
    expect(() => vault.openText('a|b', 'c', changed)).toThrow(refused)
    expect(() => vault.openText('a|b', 'c', sealed.slice(3))).toThrow(refused)
    expect(() => vault.openText('a|b', 'c', '')).toThrow(refused)
  })

  it('differs each time, and the derived keys differ by purpose', async () => {
    const vault = await aVault()
    expect(vault.sealText('t', 'n', 'x')).not.toBe(vault.sealText('t', 'n', 'x'))
    const keys = [vault.readerKey(), vault.deriveKey('sessions'), vault.deriveKey('cursors'), vault.deriveKey('vault/text')].map((key) =>
      key.toString('hex'),
    )
    expect(new Set(keys).size).toBe(4)
    for (const key of keys) expect(key).toHaveLength(64)
  })
})
