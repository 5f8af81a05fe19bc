import { describe, expect, it } from 'vitest'
import { flatten, refer } from './flatten.ts'

describe('flatten', () => {
  it('takes true, an empty schema and no schema as anything', () => {
    expect(flatten(true, true)).toEqual({})
    expect(flatten({}, {})).toEqual({})
    expect(flatten(undefined, undefined)).toEqual({})
  })

  it('has no form for false and for what is no schema', () => {
    for (const schema of [false, null, 'string', 7, []]) expect(flatten(schema, schema)).toBeNull()
  })

  it('follows a reference and lets what stands beside it win', () => {
    const root = { $defs: { id: { type: 'string', title: 'Identifier', maxLength: 9 } } }
    expect(flatten({ $ref: '#/$defs/id', title: 'Account' }, root)).toEqual({ type: 'string', title: 'Account', maxLength: 9 })
  })

  it('follows references to references, anchors, escaped steps and the own $id', () => {
    const root = {
      $id: 'https://example.com/s',
      $defs: { a: { $ref: '#/$defs/b~1c' }, 'b/c': { $ref: '#named' }, d: { $anchor: 'named', type: 'integer' }, 'e f': { type: 'null' } },
    }
    expect(flatten({ $ref: '#/$defs/a' }, root)).toEqual({ type: 'integer' })
    expect(flatten({ $ref: 'https://example.com/s#/$defs/d' }, root)).toEqual({ type: 'integer' })
    expect(flatten({ $ref: '#/$defs/e%20f' }, root)).toEqual({ type: 'null' })
  })

  it('does not follow a reference elsewhere, to nothing, or in a circle', () => {
    const root = { $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' }, c: { allOf: [{ $ref: '#/$defs/c' }] } } }
    expect(flatten({ $ref: 'https://evil.example/schema.json' }, root)).toBeNull()
    expect(flatten({ $ref: '#/$defs/none' }, root)).toBeNull()
    expect(flatten({ $ref: '#/$defs/a' }, root)).toBeNull()
    expect(flatten({ $ref: '#/$defs/c' }, root)).toBeNull()
    expect(flatten({ $ref: 5 }, root)).toBeNull()
    expect(refer('#/__proto__/constructor', {})).toBeUndefined()
  })

  it('lays allOf together: properties, requirements and the narrower bounds', () => {
    const flat = flatten(
      {
        type: 'object',
        properties: { a: { type: 'number', minimum: 1 } },
        required: ['a'],
        allOf: [{ properties: { a: { maximum: 5 }, b: { type: 'string' } }, required: ['b'] }, { additionalProperties: false }],
      },
      {},
    )
    expect(flat).toMatchObject({ type: 'object', additionalProperties: false })
    expect(new Set(flat!['required'] as string[])).toEqual(new Set(['a', 'b']))
    expect(flatten((flat!['properties'] as Record<string, unknown>)['a'], {})).toEqual({ type: 'number', minimum: 1, maximum: 5 })
  })

  it('intersects types and enumerations, and sees when nothing is left', () => {
    expect(flatten({ type: 'number', allOf: [{ type: 'integer' }] }, {})).toEqual({ type: 'integer' })
    expect(flatten({ type: ['string', 'null'], allOf: [{ type: ['string', 'number'] }] }, {})).toEqual({ type: 'string' })
    expect(flatten({ type: 'string', allOf: [{ type: 'object' }] }, {})).toBeNull()
    expect(flatten({ enum: [1, 2, 3], allOf: [{ enum: [2, 3, 4] }] }, {})).toEqual({ enum: [2, 3] })
    expect(flatten({ minLength: 2, allOf: [{ minLength: 5 }, { maxLength: 9 }, { maxLength: 7 }] }, {})).toEqual({
      minLength: 5,
      maxLength: 7,
    })
  })

  it('gives up on a schema that doubles itself instead of walking through all of it', () => {
    const $defs: Record<string, unknown> = { s0: { type: 'string' } }
    for (let level = 1; level <= 40; level++)
      $defs[`s${level}`] = { allOf: [{ $ref: `#/$defs/s${level - 1}` }, { $ref: `#/$defs/s${level - 1}` }] }
    expect(flatten({ $ref: '#/$defs/s40' }, { $defs })).toBeNull()
  })

  it('keeps a property named `__proto__` a property', () => {
    const schema = JSON.parse(
      '{"properties":{"__proto__":{"type":"string"}},"allOf":[{"properties":{"__proto__":{"maxLength":3}}}]}',
    ) as unknown
    const properties = flatten(schema, schema)!['properties'] as object
    expect(Object.hasOwn(properties, '__proto__')).toBe(true)
    expect(Object.getPrototypeOf(properties)).toBe(Object.prototype)
  })

  it('bears keywords of the wrong type', () => {
    expect(() => flatten({ allOf: 'x', properties: 3, required: { length: 2 }, enum: 'abc', $defs: 4 }, {})).not.toThrow()
    expect(flatten({ allOf: [7] }, {})).toBeNull()
  })
})
