import { describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { convertResultSchema, type JsonSchema, withSchemas } from './convert-schema.ts'
import { documentOf } from './testing.ts'

function converted(schema: unknown, schemas: object = {}, version = '3.1.0'): { schema: JsonSchema | boolean; definitions: JsonSchema } {
  const document = documentOf({}, { openapi: version, components: { schemas } })
  return withSchemas(document, 'input', (converter) => {
    const written = converter.convert(schema)
    return { schema: written, definitions: converter.definitions() }
  })
}
const ref = (name: string): object => ({ $ref: `#/components/schemas/${name}` })

describe('a schema of OpenAPI 3.0', () => {
  it.each([
    [{ type: 'string', nullable: true }, { type: ['string', 'null'] }],
    [
      { type: 'string', nullable: true, enum: ['a'] },
      { type: ['string', 'null'], enum: ['a', null] },
    ],
    [{ nullable: true, allOf: [{ type: 'string' }] }, { anyOf: [{ allOf: [{ type: 'string' }] }, { type: 'null' }] }],
    [
      { type: 'integer', minimum: 1, exclusiveMinimum: true },
      { type: 'integer', exclusiveMinimum: 1 },
    ],
    [
      { type: 'number', maximum: 9, exclusiveMaximum: false },
      { type: 'number', maximum: 9 },
    ],
    [{ type: 'string', example: 'x', xml: {}, externalDocs: {}, 'x-own': 1, discriminator: {} }, { type: 'string' }],
    [
      { ...ref('Name'), maxLength: 1, description: 'of a pet' },
      { type: 'string', description: 'of a pet' },
    ],
  ])('%j becomes %j', (schema, expected) => {
    expect(converted(schema, { Name: { type: 'string', description: 'a name' } }, '3.0.3').schema).toEqual(expected)
  })
})

describe('a schema of OpenAPI 3.1', () => {
  it('keeps what JSON Schema says', () => {
    const schema = {
      type: ['object', 'null'],
      properties: { a: { const: 1 }, b: { type: 'array', prefixItems: [true], items: false, exclusiveMinimum: 3 } },
      patternProperties: { '^x-': { type: 'string' } },
      required: ['a'],
      if: { required: ['b'] },
      else: { minProperties: 2 },
      additionalProperties: { type: 'number' },
    }
    expect(converted(schema).schema).toEqual(schema)
  })

  it('joins what stands beside a reference', () => {
    expect(converted({ ...ref('Name'), maxLength: 5 }, { Name: { type: 'string' } }).schema).toEqual({
      maxLength: 5,
      allOf: [{ type: 'string' }],
    })
  })

  it('leaves out patterns that no client could compile', () => {
    expect(converted({ type: 'string', pattern: '(?i)^a' }).schema).toEqual({ type: 'string' })
    expect(converted({ type: 'string', pattern: String.raw`^\p{L}+$` }).schema).toEqual({ type: 'string', pattern: String.raw`^\p{L}+$` })
  })
})

describe('references', () => {
  it('become what they stand for', () => {
    const schemas = { Pet: { type: 'object', properties: { tag: ref('Tag') } }, Tag: { type: 'string' } }
    expect(converted(ref('Pet'), schemas)).toEqual({ schema: { type: 'object', properties: { tag: { type: 'string' } } }, definitions: {} })
  })

  it('that lead to themselves stay, with what they stand for in $defs', () => {
    const schemas = {
      Node: { type: 'object', properties: { next: ref('Node'), other: ref('Other') } },
      Other: { type: 'object', properties: { node: ref('Node') } },
    }
    expect(converted({ type: 'array', items: ref('Node') }, schemas)).toEqual({
      schema: { type: 'array', items: { $ref: '#/$defs/Node' } },
      definitions: {
        Node: {
          type: 'object',
          properties: { next: { $ref: '#/$defs/Node' }, other: { type: 'object', properties: { node: { $ref: '#/$defs/Node' } } } },
        },
      },
    })
  })

  it('that repeat too much are followed less deep: a small document cannot make a large tool', () => {
    // Each level has ten of the next: written out, there would be 10^12 parts.
    const schemas = Object.fromEntries(
      Array.from({ length: 12 }, (_, level) => [
        `L${level}`,
        {
          type: 'object',
          title: `Level ${level}`,
          properties: Object.fromEntries(
            Array.from({ length: 10 }, (_unused, index) => [`p${index}`, level === 11 ? {} : ref(`L${level + 1}`)]),
          ),
        },
      ]),
    )
    const { schema, definitions } = converted(ref('L0'), schemas)
    expect(definitions).toEqual({})
    expect(schema).toMatchObject({ properties: { p9: { properties: { p9: { title: 'Level 2', type: 'object' } } } } })
    expect(JSON.stringify(schema)).not.toContain('Level 3')
  })

  it('that follow each other without end are no depth of calls', () => {
    const links = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`S${index}`, ref(`S${index + 1}`)]))
    expect(converted(ref('S0'), { ...links, S20000: {} }).schema).toEqual({})
    const lists = Object.fromEntries(
      Array.from({ length: 4_000 }, (_, index) => [`S${index}`, { type: 'array', items: ref(`S${index + 1}`) }]),
    )
    expect(JSON.stringify(converted(ref('S0'), { ...lists, S4000: {} }).schema).length).toBeLessThan(1_500)
    const circle = { A: ref('B'), B: ref('A') }
    expect(converted(ref('A'), circle)).toEqual({ schema: { $ref: '#/$defs/A' }, definitions: { A: {} } })
  })

  it.each(['https://example.com/schema.json', 'other.yaml#/Pet', '#/components/schemas/Nobody', '#Pet', '#/constructor/prototype'])(
    '%s is refused',
    (reference) => {
      expect(() => converted({ $ref: reference })).toThrow(/leads (?:out of the document|nowhere)/)
    },
  )
})

describe('what is too large', () => {
  it('is written less deep, and then left open, so that the API itself judges it', () => {
    const names = (count: number, inner: unknown): object =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, inner]))
    const wide = {
      type: 'object',
      properties: names(600, { type: 'object', description: 'inner', properties: names(20, { type: 'string' }) }),
    }
    expect((converted(wide).schema as { properties: object }).properties).toEqual(names(600, { type: 'object', description: 'inner' }))
    const wider = { type: 'object', properties: names(LIMITS.openapiSchemaNodesMax + 10, { type: 'string' }) }
    const { properties } = converted(wider).schema as { properties: Record<string, unknown> }
    expect([properties['p0'], properties[`p${LIMITS.openapiSchemaNodesMax + 5}`]]).toEqual([{ type: 'string' }, {}])
    let deep: object = { type: 'string' }
    for (let level = 0; level < 90; level++) deep = { type: 'array', items: deep }
    expect(JSON.stringify(converted(deep).schema)).not.toContain('string')
  })

  it('counts lists of values, so that repeating one is no way around', () => {
    const values = Array.from({ length: 500 }, (_, index) => `value ${index}`)
    const all = { type: 'object', properties: Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`p${index}`, ref('Long')])) }
    expect(JSON.stringify(converted(all, { Long: { enum: values } })).length).toBeLessThan(100_000)
  })
})

describe('directions', () => {
  const pet = {
    type: 'object',
    required: ['id', 'name', 'secret'],
    additionalProperties: false,
    properties: {
      id: { type: 'integer', readOnly: true },
      name: { type: 'string', minLength: 1, format: 'uuid' },
      secret: { type: 'string', writeOnly: true },
      kind: { oneOf: [{ const: 'cat', type: 'string' }, { type: 'integer' }] },
    },
  }

  it('an input leaves out what only answers have', () => {
    expect(converted(pet).schema).toMatchObject({ required: ['name', 'secret'], additionalProperties: false })
    expect(Object.keys((converted(pet).schema as { properties: object }).properties)).toEqual(['name', 'secret', 'kind'])
  })

  it('an output demands nothing but its kind: APIs say null where nobody expects it', () => {
    expect(convertResultSchema(documentOf({}), pet)).toEqual({
      type: 'object',
      properties: {
        id: { type: ['integer', 'null'] },
        name: { type: ['string', 'null'] },
        kind: { anyOf: [{ type: ['string', 'null'] }, { type: ['integer', 'null'] }] },
      },
    })
  })

  it.each([
    [{ type: 'array' }, false],
    [{ type: 'string' }, false],
    [{ type: 'object', nullable: true }, false],
    [{ type: ['object', 'null'] }, false],
    [{ anyOf: [{ type: 'object' }] }, false],
    [true, false],
    [{ properties: {} }, true],
    [{ allOf: [{ type: 'object' }, ref('Pet')] }, true],
    [{ allOf: [{ type: 'object' }, { type: 'string' }] }, false],
    [ref('Pet'), true],
  ])('%j as a result is an object: %s', (schema, isObject) => {
    const document = documentOf({}, { components: { schemas: { Pet: pet } } })
    expect(convertResultSchema(document, schema)?.['type'] === 'object').toBe(isObject)
  })

  it('a recursive result has an object at its root', () => {
    const document = documentOf({}, { components: { schemas: { Node: { type: 'object', properties: { next: ref('Node') } } } } })
    expect(convertResultSchema(document, ref('Node'))).toEqual({
      $ref: '#/$defs/Node',
      type: 'object',
      $defs: { Node: { type: ['object', 'null'], properties: { next: { $ref: '#/$defs/Node' } } } },
    })
  })
})
