import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSessionSeal, UNKNOWN_CLIENT, type SessionClaims } from './session-seal.ts'
import { createTokenSeal } from './token-seal.ts'

const claims: SessionClaims = {
  tenant: 'default',
  endpoint: 'docs',
  callerId: 'key_1',
  version: '2025-11-25',
  client: UNKNOWN_CLIENT,
  mode: 'relay',
  boundTo: 'dep_1 abc',
  upstreamSession: 'secret-upstream-id',
  nonce: 'n',
  expiresAtMs: 1_000,
}

describe('a sealed session id', () => {
  const key = randomBytes(32)
  const seal = createSessionSeal(createTokenSeal(key))

  it('opens in every process that has the key, until it expires', () => {
    const token = seal.seal(claims)
    expect(createSessionSeal(createTokenSeal(key)).open(token, 999)).toEqual(claims)
    expect(createSessionSeal(createTokenSeal(key)).open(token, 1_000)).toBeNull()
    expect(seal.open(token, 999)).toEqual(claims)
    expect(seal.open(token, 1_001)).toBeNull()
  })

  it('shows nothing of what it holds and fits a header', () => {
    const token = seal.seal(claims)
    expect(token).toMatch(/^s1\.[\w-]+$/)
    expect(Buffer.from(token.slice(3), 'base64url').toString('latin1')).not.toContain('secret-upstream-id')
    expect(seal.seal(claims)).not.toBe(token)
  })

  it('refuses every changed character', () => {
    const token = seal.seal(claims)
    const other = createSessionSeal(createTokenSeal(key))
    for (let i = 0; i < token.length; i++) {
      const changed = token.slice(0, i) + (token[i] === 'A' ? 'B' : 'A') + token.slice(i + 1)
      expect(other.open(changed, 0)).toBeNull()
    }
  })

  it.each(['', 's1.', 's1.AAAA', 'x'.repeat(10_000), `s1.${'A'.repeat(5_000)}`, 's2.abc'])('refuses %j', (token) => {
    expect(seal.open(token, 0)).toBeNull()
  })

  it('refuses what an earlier version sealed, which says nothing of its client', () => {
    const { client: _, ...earlier } = claims
    expect(seal.open(createTokenSeal(key).seal('session', earlier), 0)).toBeNull()
  })

  it('never opens what was sealed for something else', () => {
    expect(seal.open(createTokenSeal(key).seal('state', claims).replace(/^r1/, 's1'), 0)).toBeNull()
  })

  it('refuses the seal of another key', () => {
    expect(createSessionSeal(createTokenSeal(randomBytes(32))).open(seal.seal(claims), 0)).toBeNull()
  })
})
