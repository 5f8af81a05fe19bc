import { describe, expect, it } from 'vitest'
import { isTamePattern, schemaByPattern } from './pattern-schema.ts'

describe('patterns of keys', () => {
  it.each(['^x-', '^[a-z][a-z0-9_]*$', '^\\d{2,4}$', 'a|b'])('runs %s', (pattern) => expect(isTamePattern(pattern)).toBe(true))
  it.each(['^(a+)+$', '(a|a)*b', '^(?=a)b', '(.*)\\1', 'a*b*c*d*$', 'x'.repeat(300), '(a){1,99}'])('never runs %s', (pattern) =>
    expect(isTamePattern(pattern)).toBe(false),
  )

  it('finds the schema of a key, and nothing for patterns that are broken or wild', () => {
    const patterns = [
      ['^(a+)+$', { type: 'null' }],
      ['[', { type: 'null' }],
      ['^x-', { type: 'string' }],
    ] as const
    expect(schemaByPattern('x-note', patterns)).toEqual({ type: 'string' })
    expect(schemaByPattern(`${'a'.repeat(60)}!`, patterns)).toBeUndefined()
    expect(schemaByPattern(`x-${'a'.repeat(500)}`, patterns)).toBeUndefined()
  })
})
