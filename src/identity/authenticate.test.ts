import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { problem, temporaryFolder } from '#store/testing.ts'
import { ANONYMOUS, createAuthenticator, ensureCliKey, type KeyRecord, ownerKeyRecord } from './index.ts'
import { newKeyText, sha256Of } from './key-text.ts'

function record(key: string, over: Partial<KeyRecord> = {}): KeyRecord {
  return {
    id: 'key_1',
    tenant: 'default',
    name: 'laptop',
    kind: 'key',
    sha256: sha256Of(key),
    scopes: ['mcp:call'],
    endpoints: null,
    tools: null,
    expiresAtMs: null,
    ...over,
  }
}

function withKeys(keys: readonly KeyRecord[], credentialCacheMax = 10) {
  const authenticator = createAuthenticator({ limits: { credentialCacheMax: credentialCacheMax as 50_000 } })
  authenticator.replaceKeys(keys)
  return authenticator
}

const refused = problem('unauthenticated', 'missing, unknown, expired or revoked')

describe('the authenticator', () => {
  it('keeps no unusual spellings of a key, with which its holder could fill the memory', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const heldBytes = (): number => {
      collect()
      return process.memoryUsage().heapUsed
    }
    const key = newKeyText()
    const authenticator = withKeys([record(key)], 50_000)
    const before = heldBytes()
    for (let spaces = 10_000; spaces < 14_000; spaces++)
      expect(authenticator.authenticate(`bEARER${' '.repeat(spaces)}${key}`, 1).id).toBe('key_1')
    expect(heldBytes() - before).toBeLessThan(20_000_000)
    expect(authenticator.authenticate(`Bearer ${key}`, 1).id).toBe('key_1')
  })

  it('knows the caller of a key, the same object each time', () => {
    const key = newKeyText()
    const authenticator = withKeys([record(key, { endpoints: ['dev'], tools: ['echo__*'], expiresAtMs: 500 })])
    const caller = authenticator.authenticate(`Bearer ${key}`, 1)
    expect(caller).toEqual({
      id: 'key_1',
      kind: 'key',
      name: 'laptop',
      keyRule: 'key:laptop',
      tenant: 'default',
      scopes: new Set(['mcp:call']),
      endpoints: new Set(['dev']),
      tools: ['echo__*'],
      expiresAtMs: 500,
      sessionId: null,
    })
    expect(authenticator.authenticate(`Bearer ${key}`, 2)).toBe(caller)
    expect(authenticator.authenticate(`bEARER   ${key}`, 2)).toBe(caller)
  })

  it('takes whoever shows nothing for anonymous, without any scope', () => {
    expect(withKeys([]).authenticate(undefined, 1)).toBe(ANONYMOUS)
    expect(ANONYMOUS.kind).toBe('anonymous')
    expect(ANONYMOUS.scopes.size).toBe(0)
  })

  it.each([
    '',
    'Bearer',
    'Bearer ',
    'Bearer unknown',
    'Basic KEY',
    'BearerKEY',
    'Bearer\tKEY',
    ' Bearer KEY',
    'Bearer KEY ',
    'Bearer "KEY"',
    'Bearer KEY, Bearer KEY',
    'Token KEY',
    'KEY',
    'sha256 HASH',
    'Bearer HASH',
  ])('refuses the header %j', (header) => {
    const key = newKeyText()
    const authenticator = withKeys([record(key)])
    authenticator.authenticate(`Bearer ${key}`, 1)
    expect(() => authenticator.authenticate(header.replaceAll('KEY', key).replaceAll('HASH', sha256Of(key)), 1)).toThrow(refused)
  })

  it('refuses a key from the moment it expires, cached or not, exactly as an unknown one', () => {
    const key = newKeyText()
    const authenticator = withKeys([record(key, { expiresAtMs: 100 })])
    expect(authenticator.authenticate(`Bearer ${key}`, 99).id).toBe('key_1')
    const answers = [`Bearer ${key}`, `Bearer ${key}`, 'Bearer unknown'].map((header) => {
      try {
        return authenticator.authenticate(header, 100)
      } catch (error) {
        return error
      }
    })
    expect(answers[0]).toEqual(refused)
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
  })

  it('forgets a revoked key with the next set of keys', () => {
    const [revoked, kept] = [newKeyText(), newKeyText()]
    const authenticator = withKeys([record(revoked), record(kept, { id: 'key_2' })])
    const before = authenticator.authenticate(`Bearer ${kept}`, 1)
    authenticator.authenticate(`Bearer ${revoked}`, 1)
    authenticator.replaceKeys([record(kept, { id: 'key_2', scopes: ['mcp:list'] })])
    expect(() => authenticator.authenticate(`Bearer ${revoked}`, 1)).toThrow(refused)
    const after = authenticator.authenticate(`Bearer ${kept}`, 1)
    expect(after).not.toBe(before)
    expect([...after.scopes]).toEqual(['mcp:list'])
  })

  it('goes on with more credentials than it may remember', () => {
    const keys = Array.from({ length: 5 }, () => newKeyText())
    const authenticator = withKeys(
      keys.map((key, index) => record(key, { id: `key_${index}` })),
      2,
    )
    for (let round = 0; round < 3; round++) {
      for (const [index, key] of keys.entries()) expect(authenticator.authenticate(`Bearer ${key}`, 1).id).toBe(`key_${index}`)
    }
  })

  it('takes an owner key of any text, as the bytes that clients send', () => {
    const key = 'pässword with spaces and ünïcode, 32+'
    const authenticator = withKeys([ownerKeyRecord(`${key}\n`)])
    const asReceived = Buffer.from(`Bearer ${key}`).toString('latin1')
    expect(authenticator.authenticate(asReceived, 1)).toMatchObject({ kind: 'owner', tenant: 'default', endpoints: null })
    expect(authenticator.authenticate(asReceived, 1).scopes.has('admin')).toBe(true)
  })
})

describe('the key of the command line', () => {
  it('is made once, private, and stays the same over a restart', () => {
    const folder = temporaryFolder()
    const { record: first, file } = ensureCliKey(folder)
    expect(file).toBe(join(folder, 'cli.key'))
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const key = readFileSync(file, 'utf8').trim()
    expect(key).toMatch(/^sp_[A-Za-z0-9_-]{43}$/)
    expect(ensureCliKey(folder).record).toEqual(first)
    expect(withKeys([first]).authenticate(`Bearer ${key}`, 1)).toMatchObject({ id: 'key_cli', kind: 'owner' })
    expect(JSON.stringify(first)).not.toContain(key)
    rmSync(file)
    expect(ensureCliKey(folder).record.sha256).not.toBe(first.sha256)
  })

  it('is refused when others may read it or it is no key', () => {
    const folder = temporaryFolder()
    const { file } = ensureCliKey(folder)
    chmodSync(file, 0o640)
    expect(() => ensureCliKey(folder)).toThrow(problem('unsafe-file', '0640'))
    chmodSync(file, 0o600)
    writeFileSync(file, 'sp_short')
    expect(() => ensureCliKey(folder)).toThrow(problem('unsafe-file', 'does not hold a key'))
  })
})
