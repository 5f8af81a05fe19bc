import { describe, expect, it } from 'vitest'
import { initialArguments, initialValue } from './initial-value.ts'

describe('initialValue', () => {
  it('leaves optional properties out, also those with a default', () => {
    expect(
      initialArguments({ type: 'object', properties: { zone: { type: 'string', default: 'UTC' }, name: { type: 'string' } } }),
    ).toEqual({})
  })

  it('fills required properties that have one possible or one proposed value', () => {
    expect(
      initialArguments({
        type: 'object',
        required: ['zone', 'kind', 'only', 'on', 'name'],
        properties: {
          zone: { default: 'UTC' },
          kind: { const: 'x' },
          only: { enum: [7] },
          on: { type: 'boolean' },
          name: { type: 'string' },
        },
      }),
    ).toEqual({ zone: 'UTC', kind: 'x', only: 7, on: false })
  })

  it('goes into required objects and variants', () => {
    const schema = {
      type: 'object',
      required: ['shape'],
      properties: {
        shape: { oneOf: [{ type: 'object', required: ['kind'], properties: { kind: { const: 'circle' } } }, { type: 'string' }] },
      },
    }
    expect(initialArguments(schema)).toEqual({ shape: { kind: 'circle' } })
  })

  it('gives lists their least length and their places', () => {
    expect(initialValue({ type: 'array', items: { type: 'boolean' }, minItems: 2 }, {})).toEqual([false, false])
    expect(initialValue({ type: 'array', prefixItems: [{ const: 1 }, { type: 'string' }] }, {})).toEqual([1, null])
    expect(initialValue({ type: 'array', items: { type: 'boolean' }, minItems: 1e9 }, {})).toHaveLength(20)
  })

  it('ends where a schema requires itself', () => {
    const root = { type: 'object', required: ['next'], properties: { next: { $ref: '#' } } }
    expect(JSON.stringify(initialArguments(root)).length).toBeLessThan(200)
  })

  it('is an empty object for what is no object', () => {
    for (const schema of [undefined, true, false, { type: 'string', default: 'x' }, { type: 'array' }])
      expect(initialArguments(schema)).toEqual({})
  })
})
