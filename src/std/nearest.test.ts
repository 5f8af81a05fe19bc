import { describe, expect, it } from 'vitest'
import { didYouMean, nearest } from './nearest.ts'

describe('the nearest word', () => {
  it.each([
    ['prot', ['host', 'port'], 'port'],
    ['lsit', ['add', 'list'], 'list'],
    ['valu', ['value', 'other'], 'value'],
    ['deploymnt', ['profile', 'deployment'], 'deployment'],
  ])('for %s among %j is %s', (word, known, meant) => expect(nearest(word, known)).toBe(meant))

  it.each([
    ['xyzzy', ['port', 'host']],
    ['everything__echo', ['clock__time']],
    ['foo', ['log']],
    ['a', []],
  ])('for %s is none of %j, because more than a third differs', (word, known) => {
    expect(nearest(word, known)).toBeUndefined()
    expect(didYouMean(word, known)).toBe('')
  })
})
