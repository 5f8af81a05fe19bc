import { describe, expect, it } from 'vitest'
import { fieldOf, type ObjectField, type Way } from './field-of.ts'

const wayOf = (schema: unknown, root: unknown = schema): Way => fieldOf(schema, root).way
const labels = (way: Way): readonly string[] =>
  way.kind === 'choice' || way.kind === 'checks'
    ? way.choices.map(({ label }) => label)
    : way.kind === 'variants'
      ? way.variants.map(({ label }) => label)
      : []

describe('fieldOf', () => {
  it.each([
    ['date', 'date'],
    ['date-time', 'date-time'],
    ['time', 'time'],
    ['email', 'email'],
    ['uri', 'uri'],
    ['uuid', 'text'],
    ['constructor', 'text'],
  ])('asks for a text of the format %s with the input %s', (format, input) => {
    expect(wayOf({ type: 'string', format })).toMatchObject({ kind: 'text', input })
  })

  it('writes long texts over several lines and hides what is write-only', () => {
    expect(wayOf({ type: 'string', maxLength: 4000 })).toMatchObject({ isMultiline: true })
    expect(wayOf({ type: 'string', contentMediaType: 'text/markdown' })).toMatchObject({ isMultiline: true })
    expect(wayOf({ type: 'string', maxLength: 64 })).toMatchObject({ isMultiline: false, isSecret: false })
    expect(wayOf({ type: 'string', writeOnly: true })).toMatchObject({ isSecret: true })
  })

  it('asks for numbers with their bounds', () => {
    expect(wayOf({ type: 'integer', minimum: 1, maximum: 60 })).toEqual({
      kind: 'number',
      isInteger: true,
      minimum: 1,
      maximum: 60,
      step: 1,
    })
    expect(wayOf({ type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 2.5 })).toMatchObject({ minimum: 1, maximum: 2 })
    expect(wayOf({ type: 'number', multipleOf: 0.25 })).toMatchObject({ isInteger: false, step: 0.25 })
    expect(wayOf({ type: 'number', multipleOf: -1 })).toMatchObject({ step: 1 })
  })

  it('offers enumerations with their names, constants with their titles, and any kind of value', () => {
    expect(labels(wayOf({ enum: ['a', 'b'], enumNames: ['First', 'Second'] }))).toEqual(['First', 'Second'])
    expect(labels(wayOf({ oneOf: [{ const: 1, title: 'One' }, { const: 2 }] }))).toEqual(['One', '2'])
    expect(labels(wayOf({ enum: ['', null, { a: 1 }, true] }))).toEqual(['(empty text)', 'null', '{"a":1}', 'true'])
    expect(wayOf({ const: 'x' })).toMatchObject({ kind: 'choice', choices: [{ value: 'x' }] })
  })

  it('sees that null is allowed, however it is written', () => {
    expect(fieldOf({ type: ['string', 'null'] }, {})).toMatchObject({ isNullable: true, way: { kind: 'text' } })
    expect(fieldOf({ anyOf: [{ type: 'integer' }, { type: 'null' }], title: 'Limit' }, {})).toMatchObject({
      isNullable: true,
      title: 'Limit',
      way: { kind: 'number', isInteger: true },
    })
    expect(fieldOf({ enum: ['a', null], type: ['string', 'null'] }, {})).toMatchObject({ isNullable: true, way: { kind: 'choice' } })
    expect(fieldOf({ type: 'string' }, {}).isNullable).toBe(false)
    const three = fieldOf({ anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] }, {})
    expect(three.isNullable).toBe(true)
    expect(labels(three.way)).toEqual(['Text', 'Number'])
  })

  it('lists variants by title, fixed value, reference or type', () => {
    const root = { $defs: { circle: { type: 'object', properties: { r: { type: 'number' } } } } }
    const way = wayOf(
      {
        oneOf: [
          { title: 'Square', type: 'object' },
          { $ref: '#/$defs/circle' },
          { type: 'object', properties: { kind: { const: 'line' } } },
          { type: 'string' },
          {},
        ],
      },
      root,
    )
    expect(labels(way)).toEqual(['Square', 'circle', 'line', 'Text', 'Variant 5'])
  })

  it('gives what stands beside the alternatives to each of them', () => {
    const way = wayOf({
      type: 'object',
      properties: { id: { type: 'string' } },
      oneOf: [{ properties: { a: {} } }, { properties: { b: {} } }],
    })
    expect(way.kind).toBe('variants')
    const first = way.kind === 'variants' ? (fieldOf(way.variants[0]!.schema, {}).way as ObjectField) : null
    expect(first?.properties.map(({ name }) => name)).toEqual(['id', 'a'])
  })

  it('leaves alternatives that only require something to validation', () => {
    const way = wayOf({ type: 'object', properties: { a: {}, b: {} }, anyOf: [{ required: ['a'] }, { required: ['b'] }] })
    expect(way).toMatchObject({ kind: 'object' })
  })

  it('makes a type with several names a choice of them', () => {
    expect(labels(wayOf({ type: ['string', 'integer'] }))).toEqual(['Text', 'Whole number'])
  })

  it('knows lists, places of a list, and lists of choices', () => {
    expect(wayOf({ type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 3 })).toMatchObject({
      kind: 'list',
      itemsMin: 1,
      itemsMax: 3,
    })
    expect(wayOf({ type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], items: false })).toMatchObject({
      kind: 'list',
      prefix: [{ type: 'string' }, { type: 'number' }],
      rest: null,
    })
    expect(labels(wayOf({ type: 'array', uniqueItems: true, items: { enum: ['x', 'y'] } }))).toEqual(['x', 'y'])
    expect(wayOf({ type: 'array', items: { enum: ['x', 'y'] } }).kind).toBe('list')
  })

  it('knows which other keys an object takes', () => {
    expect(wayOf({ type: 'object', properties: { a: {} } })).toMatchObject({ extra: true, isOpen: false })
    expect(wayOf({ type: 'object', properties: { a: {} }, additionalProperties: false })).toMatchObject({ extra: null, isOpen: false })
    expect(wayOf({ type: 'object', additionalProperties: { type: 'number' } })).toMatchObject({ extra: { type: 'number' }, isOpen: true })
    expect(wayOf({ type: 'object', patternProperties: { '^x-': { type: 'string' } } })).toMatchObject({ extra: null, isOpen: true })
  })

  it('offers properties that a condition brings along', () => {
    const way = wayOf({
      type: 'object',
      properties: { a: {} },
      if: {},
      else: { properties: { b: { type: 'string' } } },
      dependentSchemas: { a: { properties: { c: {} } } },
    })
    expect((way as ObjectField).properties.map(({ name, isRequired }) => [name, isRequired])).toEqual([
      ['a', false],
      ['b', false],
      ['c', false],
    ])
  })

  it('guesses the type that a schema does not say', () => {
    expect(wayOf({ properties: {} }).kind).toBe('object')
    expect(wayOf({ items: {} }).kind).toBe('list')
    expect(wayOf({ minLength: 1 }).kind).toBe('text')
    expect(wayOf({ minimum: 1 }).kind).toBe('number')
  })

  it('falls back to JSON for what no field expresses', () => {
    for (const schema of [true, {}, undefined, false, { $ref: 'https://example.com/x' }, { type: 'strange' }, { enum: [] }]) {
      expect(wayOf(schema, {}).kind).toBe('json')
    }
    expect(fieldOf({ type: 'object' }, {}, 6).way.kind).toBe('json')
    expect(wayOf({ enum: Array.from({ length: 2_000 }, (_, index) => index) }).kind).toBe('json')
  })

  it('shows a schema that refers to itself one level at a time', () => {
    const root = { type: 'object', properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } } }
    const way = wayOf(root) as ObjectField
    const children = fieldOf(way.properties[1]!.schema, root, 1).way
    expect(children.kind).toBe('list')
    expect(fieldOf(children.kind === 'list' ? children.rest : null, root, 2).way).toMatchObject({ kind: 'object' })
  })

  it('bears hostile schemas', () => {
    const properties = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`p${index}`, { type: 'string' }]))
    expect((wayOf({ type: 'object', properties }) as ObjectField).properties).toHaveLength(1_000)
    const proto = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"number"}},"required":["__proto__"]}',
    ) as unknown
    expect((wayOf(proto) as ObjectField).properties.map(({ name, isRequired }) => [name, isRequired])).toEqual([
      ['__proto__', true],
      ['constructor', false],
    ])
    for (const schema of [
      { type: 'array', items: 5 },
      { type: 'object', properties: [] },
      { type: {} },
      { oneOf: [1, 'x', null] },
      { anyOf: [] },
      { enum: ['\u202Eabc'] },
    ]) {
      expect(() => fieldOf(schema, schema)).not.toThrow()
    }
    expect(labels(wayOf({ enum: ['\u202Eabc'] }))).toEqual(['⟨U+202E⟩abc'])
  })
})
