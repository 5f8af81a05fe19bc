import { describe, expect, it } from 'vitest'
import { API_SCOPES } from '#api/contract.ts'
import { dateText, expiresAtOf, expiryFault } from './expiry.ts'
import { filterKeys, type Key, PRESETS, presetOf, SCOPES, stateOf, usableOwners, withScope } from './key-model.ts'

const NOW = Date.parse('2026-11-21T10:00:00.000Z')
const days = (count: number): string => new Date(NOW + count * 86_400_000).toISOString()
const key = (over: Partial<Key>): Key => ({
  id: 'key_1',
  name: 'laptop',
  kind: 'key',
  scopes: ['mcp:list', 'mcp:call'],
  endpoints: null,
  tools: null,
  createdAt: days(-1),
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
  ...over,
})

describe('the state of a key', () => {
  it.each([
    [{}, 'active'],
    [{ expiresAt: days(7) }, 'active'],
    [{ expiresAt: days(6.9) }, 'expiring'],
    [{ expiresAt: days(0) }, 'expired'],
    [{ expiresAt: days(-1), revokedAt: days(-2) }, 'revoked'],
  ] as const)('%o is %s', (over, state) => {
    expect(stateOf(key(over), NOW)).toBe(state)
  })

  it('counts the owners that still work', () => {
    const keys = [key({ kind: 'owner', id: 'a' }), key({ kind: 'owner', id: 'b', revokedAt: days(-1) }), key({ id: 'c' })]
    expect(usableOwners(keys, NOW).map(({ id }) => id)).toEqual(['a'])
  })
})

describe('the filter of keys', () => {
  const keys = [
    key({ id: 'a', endpoints: ['dev'] }),
    key({ id: 'b', name: 'Robot', tools: ['docs__*'] }),
    key({ id: 'c', revokedAt: days(-1) }),
  ]

  it('hides what no longer works until all are asked for', () => {
    expect(filterKeys(keys, 'active', '', NOW).map(({ id }) => id)).toEqual(['a', 'b'])
    expect(filterKeys(keys, 'all', '', NOW)).toHaveLength(3)
  })

  it('finds by name, endpoint and tool, every word', () => {
    expect(filterKeys(keys, 'all', 'robot docs', NOW).map(({ id }) => id)).toEqual(['b'])
    expect(filterKeys(keys, 'all', 'robot dev', NOW)).toEqual([])
    expect(filterKeys(keys, 'all', ' DEV ', NOW).map(({ id }) => id)).toEqual(['a'])
  })
})

describe('scopes', () => {
  it('are explained, all of the contract’s', () => {
    expect(SCOPES.map(({ scope }) => scope)).toEqual([...API_SCOPES])
  })

  it('fit a preset in any order, or none', () => {
    expect(presetOf(['mcp:call', 'mcp:list'])).toBe('call')
    expect(presetOf(['mcp:call'])).toBe(null)
    expect(presetOf(PRESETS.admin.scopes)).toBe('admin')
    expect(withScope(['admin'], 'mcp:list', true)).toEqual(['mcp:list', 'admin'])
    expect(withScope(['mcp:list', 'admin'], 'admin', false)).toEqual(['mcp:list'])
  })
})

describe('the expiry of a new key', () => {
  it('is a number of days, or never', () => {
    expect(expiresAtOf('30', '', NOW)).toBe(days(30))
    expect(expiresAtOf('never', '', NOW)).toBe(null)
  })

  it('is the end of the chosen day', () => {
    const at = expiresAtOf('date', '2027-01-31', NOW)
    expect(dateText(Date.parse(at!))).toBe('2027-01-31')
    expect(new Date(at!).getHours()).toBe(23)
  })

  it.each(['', '2027-02-31', '31.1.2027', '2026-11-19'])('is refused for the day %o', (date) => {
    expect(expiryFault('date', date, NOW)).toMatch(/^Choose /)
  })

  it('may be today', () => {
    expect(expiryFault('date', dateText(NOW), NOW)).toBe(null)
  })
})
