import { describe, expect, it } from 'vitest'
import { isSame, moved, own, pointerStep, pointerSteps, withItem, withKey, withoutItem } from './entries.ts'

describe('entries', () => {
  it('sets a key and leaves the others and their order', () => {
    expect(Object.entries(withKey({ a: 1, b: 2 }, 'a', 3))).toEqual([
      ['a', 3],
      ['b', 2],
    ])
  })

  it('leaves a key out for undefined, and keeps null, false and the empty text', () => {
    expect(withKey({ a: 1, b: 2 }, 'a', undefined)).toEqual({ b: 2 })
    for (const value of [null, false, '', 0]) expect(Object.hasOwn(withKey({}, 'a', value), 'a')).toBe(true)
  })

  it('writes `__proto__` as a key like others, and reaches nobody’s prototype', () => {
    const made = withKey({}, '__proto__', { isOwner: true })
    expect(Object.hasOwn(made, '__proto__')).toBe(true)
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['isOwner']).toBeUndefined()
    expect(JSON.stringify(made)).toBe('{"__proto__":{"isOwner":true}}')
    const kept = withKey(JSON.parse('{"__proto__":1,"a":2}') as Record<string, unknown>, 'a', undefined)
    expect(JSON.stringify(kept)).toBe('{"__proto__":1}')
  })

  it('reads own keys only', () => {
    expect(own({}, 'constructor')).toBeUndefined()
    expect(own({}, '__proto__')).toBeUndefined()
    expect(own({ toString: 1 }, 'toString')).toBe(1)
  })

  it('changes, removes and moves items', () => {
    expect(withItem([1, 2, 3], 1, 9)).toEqual([1, 9, 3])
    expect(withoutItem([1, 2, 3], 0)).toEqual([2, 3])
    expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c'])
    expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b'])
    expect(moved(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c'])
    expect(moved(['a', 'b', 'c'], 1, 9)).toEqual(['a', 'c', 'b'])
  })

  it('writes and reads the steps of a pointer', () => {
    expect(pointerStep('a/b~c')).toBe('/a~1b~0c')
    expect(pointerSteps('/a~1b~0c/0')).toEqual(['a/b~c', '0'])
    expect(pointerSteps('')).toEqual([])
  })

  it('compares values as JSON does', () => {
    expect(isSame({ a: [1, { b: null }], c: 'x' }, { c: 'x', a: [1, { b: null }] })).toBe(true)
    expect(isSame({ a: 1 }, { a: 1, b: 1 })).toBe(false)
    expect(isSame([1], { 0: 1 })).toBe(false)
    expect(isSame(null, {})).toBe(false)
    expect(isSame('1', 1)).toBe(false)
  })
})
