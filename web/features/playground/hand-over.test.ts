import { describe, expect, it } from 'vitest'
import { readSearch, replaySearch, takeHandOver } from './hand-over.ts'

function storage() {
  const kept = new Map<string, string>()
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
}

describe('readSearch', () => {
  it('takes names and arguments, parsed or as text, and nothing else', () => {
    expect(readSearch({ endpoint: 'starter', tool: 't', arguments: { a: 1 }, more: 1 })).toEqual({
      endpoint: 'starter',
      tool: 't',
      arguments: { a: 1 },
    })
    expect(readSearch({ endpoint: 7, arguments: '{"a":1}' })).toEqual({ endpoint: '7', arguments: { a: 1 } })
    expect(readSearch({ endpoint: {}, tool: null, arguments: '[1]' })).toEqual({})
    expect(readSearch({ arguments: '{' })).toEqual({})
  })
})

describe('replaying a call', () => {
  it('puts short arguments into the address', () => {
    const store = storage()
    expect(replaySearch('starter', 't', { a: 1 }, store)).toEqual({ endpoint: 'starter', tool: 't', arguments: { a: 1 } })
    expect(store.kept.size).toBe(0)
  })

  it('hands long arguments over once, to the right tool only', () => {
    const store = storage()
    const args = { text: 'x'.repeat(5_000) }
    expect(replaySearch('starter', 't', args, store)).toEqual({ endpoint: 'starter', tool: 't' })
    expect(takeHandOver('starter', 'other', store)).toBeUndefined()
    expect(takeHandOver('starter', 't', store)).toEqual(args)
    expect(takeHandOver('starter', 't', store)).toBeUndefined()
  })

  it('bears a full or a spoilt storage', () => {
    const full = {
      setItem: () => {
        throw new Error('full')
      },
    }
    expect(replaySearch('starter', 't', { text: 'x'.repeat(5_000) }, full)).toEqual({ endpoint: 'starter', tool: 't' })
    expect(takeHandOver('a', 'b', { getItem: () => '{', removeItem: () => {} })).toBeUndefined()
  })
})
