import { describe, expect, it } from 'vitest'
import { explainJson } from './json-fault.ts'

describe('what is wrong with JSON', () => {
  it.each(['', '  \n', '{}', '[1, "a", null]', '"text"', '-1.5e3'])('finds nothing in %j', (text) => {
    expect(explainJson(text)).toBeNull()
  })

  it.each([
    ['{"a" 1}', 1, /colon/],
    ['{"a": 1 "b": 2}', 1, /comma is missing/],
    ['{"a": 1,}', 1, /no comma/],
    ['{"a": 1,\n', 1, /key in double quotes/],
    ['{\n  "a": [1, 2\n}', 3, /\]|comma/],
    ['{a: 1}', 1, /double quotes/],
    ["{'a': 1}", 1, /double quotes/],
    ['{"a": "text}', 1, /closing double quote/],
    ['{} {}', 1, /Only one value/],
    ['// note\n{}', 1, /comments/],
    ['NaN', 1, /true, false and null/],
  ])('explains %j', (text, line, message) => {
    const fault = explainJson(text)
    expect(fault?.message).toMatch(message)
    expect(fault?.line).toBe(line)
    expect(fault!.from).toBeLessThan(text.length)
    expect(fault!.to).toBeGreaterThan(fault!.from)
    expect(fault!.to).toBeLessThanOrEqual(text.length)
  })

  it('counts columns from one', () => {
    expect(explainJson('{\n  "a": x\n}')).toMatchObject({ line: 2, column: 8 })
  })
})
