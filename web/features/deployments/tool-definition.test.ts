import { describe, expect, it } from 'vitest'
import { hintsOf, parametersOf, typeOf } from './tool-definition.ts'

describe('the parameters of a tool', () => {
  it('are told by name, type and need', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'string', description: 'A' }, b: { type: 'array', items: { enum: [1, 'x'] } }, c: true },
      required: ['a'],
    }
    expect(parametersOf(schema)).toEqual([
      { name: 'a', type: 'string', isRequired: true, description: 'A' },
      { name: 'b', type: '1 | "x"[]', isRequired: false, description: '' },
      { name: 'c', type: 'any', isRequired: false, description: '' },
    ])
    expect(parametersOf({ type: 'object' })).toEqual([])
  })

  it.each([null, undefined, 'text', [], { anyOf: [] }, { type: 'object', properties: 'x' }, { $ref: '#/a' }])(
    'are unknown where the schema does not say them plainly: %j',
    (schema) => expect(parametersOf(schema)).toBeNull(),
  )

  it('stays finite with a schema that goes deep or wide', () => {
    const deep: Record<string, unknown> = {}
    deep['type'] = 'array'
    deep['items'] = deep
    expect(typeOf(deep).length).toBeLessThan(40)
    expect(typeOf({ enum: Array.from({ length: 1_000 }, (_, index) => index) })).toContain('992 more')
  })
})

it('a tool that says it only reads is not called destructive', () => {
  expect(hintsOf({ readOnlyHint: true, destructiveHint: true }).map(({ label }) => label)).toEqual(['Read-only'])
  expect(hintsOf({ destructiveHint: true, openWorldHint: true }).map(({ label }) => label)).toEqual(['Destructive', 'Open world'])
  expect(hintsOf('x')).toEqual([])
})
