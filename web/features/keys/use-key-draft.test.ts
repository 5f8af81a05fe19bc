import { describe, expect, it } from 'vitest'
import { keyInput } from '#api/contract.ts'
import { type Draft, faultsOf, inputOf } from './use-key-draft.ts'

const NOW = Date.parse('2026-11-21T10:00:00.000Z')
const draft = (over: Partial<Draft>): Draft => ({
  name: ' laptop ',
  scopes: ['mcp:list', 'mcp:call'],
  isEverywhere: true,
  endpoints: [],
  tools: [],
  expiry: 'never',
  date: '',
  ...over,
})

describe('the form of a new key', () => {
  it('sends what the contract takes', () => {
    const { body } = inputOf(draft({ isEverywhere: false, endpoints: ['dev'], tools: ['docs__*'], expiry: '30' }), NOW)
    expect(keyInput.parse(body)).toEqual({
      name: 'laptop',
      scopes: ['mcp:list', 'mcp:call'],
      endpoints: ['dev'],
      tools: ['docs__*'],
      expiresAt: '2026-12-21T10:00:00.000Z',
    })
  })

  it('leaves out endpoints that were chosen before all were allowed', () => {
    expect(inputOf(draft({ endpoints: ['dev'] }), NOW).body.endpoints).toBe(null)
  })

  it('sends no restriction with the scope admin, which the server would refuse', () => {
    const { body } = inputOf(draft({ scopes: ['admin'], isEverywhere: false, endpoints: ['dev'], tools: ['a'] }), NOW)
    expect([body.endpoints, body.tools]).toEqual([null, null])
    expect(faultsOf(draft({ scopes: ['admin'], isEverywhere: false }), NOW)).toEqual({})
  })

  it.each([
    ['name', { name: '  ' }],
    ['scopes', { scopes: [] }],
    ['endpoints', { isEverywhere: false }],
    ['date', { expiry: 'date' }],
  ] as const)('says what is wrong with the %s', (field, over) => {
    expect(Object.keys(faultsOf(draft(over), NOW))).toEqual([field])
  })
})
