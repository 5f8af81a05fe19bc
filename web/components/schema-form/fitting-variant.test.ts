import { describe, expect, it } from 'vitest'
import { carriedOver, fitness, fittingVariant } from './fitting-variant.ts'

const circle = {
  type: 'object',
  properties: { kind: { const: 'circle' }, r: { type: 'number' }, note: { type: 'string' } },
  required: ['kind', 'r'],
}
const square = {
  type: 'object',
  properties: { kind: { const: 'square' }, a: { type: 'number' }, note: { type: 'string' } },
  required: ['kind', 'a'],
}
const variants = [{ schema: circle }, { schema: square }, { schema: { type: 'string' } }]

describe('fittingVariant', () => {
  it('finds the variant by its fixed value, its keys or its type', () => {
    expect(fittingVariant({ kind: 'square' }, variants, {}, null)).toBe(1)
    expect(fittingVariant({ r: 3 }, variants, {}, null)).toBe(0)
    expect(fittingVariant('x', variants, {}, null)).toBe(2)
    expect(fittingVariant(undefined, variants, {}, null)).toBe(0)
    expect(fittingVariant(7, variants, {}, null)).toBe(0)
  })

  it('stays with the chosen variant as long as the value does not contradict it', () => {
    expect(fittingVariant({ note: 'x' }, variants, {}, 1)).toBe(1)
    expect(fittingVariant({ kind: 'circle' }, variants, {}, 1)).toBe(0)
    expect(fittingVariant(undefined, variants, {}, 2)).toBe(2)
    expect(fittingVariant('x', variants, {}, 9)).toBe(2)
  })

  it('takes whole numbers for numbers', () => {
    expect(fitness(3, { type: 'number' }, {})).toBe(1)
    expect(fitness(3.5, { type: 'integer' }, {})).toBe(-1)
  })

  it('keeps what two variants share when one is exchanged for the other', () => {
    expect(carriedOver({ kind: 'circle', r: 3, note: 'mine' }, { kind: 'square' }, square, {})).toEqual({ kind: 'square', note: 'mine' })
    expect(carriedOver('x', { kind: 'square' }, square, {})).toEqual({ kind: 'square' })
  })
})
