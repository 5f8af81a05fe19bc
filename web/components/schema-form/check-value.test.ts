import { describe, expect, it } from 'vitest'
import { checkValue } from './check-value.ts'

const check = (schema: unknown, value: unknown) => checkValue(JSON.stringify(schema), JSON.stringify(value))
const messages = (schema: unknown, value: unknown): readonly (readonly [string, string])[] =>
  check(schema, value).errors.map(({ path, message }) => [path, message])

describe('checkValue', () => {
  it('finds nothing wrong with what fits', () => {
    expect(check({ type: 'object', properties: { a: { type: 'integer' } } }, { a: 3 })).toEqual({ errors: [], skipped: null })
    expect(check(true, 7).errors).toEqual([])
  })

  it('says which property is missing, at its own place', () => {
    expect(check({ type: 'object', required: ['from', 'a"b/c'] }, {}).errors).toEqual([
      { path: '/from', message: 'This is required.', isMissing: true },
      { path: '/a"b~1c', message: 'This is required.', isMissing: true },
    ])
    expect(messages({ dependentRequired: { card: ['address'] } }, { card: 1 })).toEqual([
      ['/address', 'This is required when “card” is given.'],
    ])
  })

  it.each([
    [{ type: 'integer' }, 1.5, 'This must be a whole number.'],
    [{ type: ['string', 'null'] }, 4, 'This must be a text or null.'],
    [{ enum: ['a', 'b'] }, 'c', 'This must be one of: a, b.'],
    [{ const: 3 }, 4, 'This must be exactly 3.'],
    [{ minLength: 1 }, '', 'This must not be empty.'],
    [{ minLength: 3 }, 'ab', 'This must have at least 3 characters.'],
    [{ maxLength: 1 }, 'ab', 'This must have at most 1 character.'],
    [{ minimum: 5 }, 4, 'This must be 5 or more.'],
    [{ exclusiveMaximum: 5 }, 5, 'This must be less than 5.'],
    [{ multipleOf: 0.1 }, 0.25, 'This must be a multiple of 0.1.'],
    [{ pattern: '^a+$' }, 'b', 'This must match the pattern ^a+$.'],
    [{ format: 'email' }, 'ada', 'This must be an e-mail address such as ada@example.com.'],
    [{ format: 'date' }, '2026-02-30', 'This must be a date such as 2026-11-21.'],
    [{ uniqueItems: true }, [1, 1], 'The items must differ from each other.'],
    [{ maxItems: 1 }, [1, 2], 'This takes at most 1 item.'],
    [{ not: { type: 'string' } }, 'x', 'The schema excludes this value.'],
    [{ propertyNames: { maxLength: 1 } }, { ab: 1 }, 'A property has a name that the schema does not allow.'],
  ])('words what is wrong: %j', (schema, value, message) => {
    expect(messages(schema, value).map(([, text]) => text)).toContain(message)
  })

  it('counts null where it is not allowed as missing', () => {
    expect(check({ items: { type: 'number' } }, [null]).errors).toEqual([
      { path: '/0', message: 'This must be a number.', isMissing: true },
    ])
  })

  it('names the place inside lists, objects, tuples and keys with odd characters', () => {
    const schema = { properties: { 'a b/ü': { items: { properties: { n: { type: 'number' } } } } } }
    expect(messages(schema, { 'a b/ü': [{ n: 1 }, { n: 'x' }] })).toEqual([['/a b~1ü/1/n', 'This must be a number.']])
    expect(messages({ prefixItems: [{ type: 'string' }, { type: 'number' }] }, ['a', 'b'])).toEqual([['/1', 'This must be a number.']])
  })

  it('reads bounds through references', () => {
    const schema = { $defs: { short: { type: 'string', maxLength: 2 } }, properties: { a: { $ref: '#/$defs/short' } } }
    expect(messages(schema, { a: 'abc' })).toEqual([['/a', 'This must have at most 2 characters.']])
  })

  it('points at a property that the schema does not know', () => {
    expect(messages({ properties: { a: {} }, additionalProperties: false }, { b: 1 })).toEqual([
      ['/b', 'The schema does not know this; leave it out.'],
    ])
  })

  it('explains the nearest of several variants only', () => {
    const circle = { type: 'object', properties: { kind: { const: 'circle' }, r: { type: 'number' } }, required: ['kind', 'r'] }
    const square = { type: 'object', properties: { kind: { const: 'square' }, a: { type: 'number' } }, required: ['kind', 'a'] }
    const schema = { properties: { shape: { oneOf: [circle, square, { type: 'string' }] } } }
    expect(messages(schema, { shape: { kind: 'square' } })).toEqual([['/shape/a', 'This is required.']])
    expect(messages(schema, { shape: { kind: 'circle', r: 'x' } })).toEqual([['/shape/r', 'This must be a number.']])
    expect(messages(schema, { shape: 7 })).toEqual([['/shape', 'This must fit exactly one of the variants.']])
    expect(messages({ oneOf: [{ type: 'number' }, { minimum: 3 }] }, 5)).toEqual([['', 'This must fit exactly one of the variants.']])
  })

  it('checks conditions', () => {
    const schema = JSON.parse(
      '{"if":{"properties":{"a":{"const":1}},"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}',
    ) as unknown
    expect(messages(schema, { a: 1 })).toEqual([['/b', 'This is required.']])
    expect(messages(schema, {})).toEqual([['/c', 'This is required.']])
  })

  it('checks keys such as __proto__ like others', () => {
    const { errors } = checkValue('{"properties":{"__proto__":{"type":"string"}},"additionalProperties":false}', '{"__proto__":5}')
    expect(errors).toEqual([{ path: '/__proto__', message: 'This must be a text.', isMissing: false }])
  })

  it('says why it did not check', () => {
    expect(check({ $ref: 'https://example.com/none.json' }, 1).skipped).toContain('refers to a part')
    expect(check({ properties: 5, required: 7 }, { a: 1 }).skipped).toContain('not valid')
    expect(check({ pattern: '(' }, 'x').skipped).toContain('regular expression')
    expect(check({ $ref: '#' }, 1).skipped).toContain('without end')
    expect(checkValue(`{"title":"${'x'.repeat(600_000)}"}`, '1').skipped).toContain('too large')
    expect(checkValue('{}', `"${'x'.repeat(3_000_000)}"`).skipped).toContain('too large')
  })

  it('reports a bounded number of errors', () => {
    expect(
      check(
        { items: { type: 'string' } },
        Array.from({ length: 5_000 }, () => 1),
      ).errors,
    ).toHaveLength(200)
  })
})
