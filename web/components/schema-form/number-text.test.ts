import { describe, expect, it } from 'vitest'
import { stepped, typedNumber } from './number-text.ts'

describe('typedNumber', () => {
  it.each([
    ['', undefined],
    ['  ', undefined],
    ['7', 7],
    ['-0.5', -0.5],
    ['.5', 0.5],
    ['1.', 1],
    ['1e3', 1000],
    ['+4', 4],
  ])('reads %j', (text, value) => expect(typedNumber(text)).toBe(value))

  it.each(['abc', '1,5', '0x10', '1e', '--1', '1e999', '12345678901234567890', 'Infinity', 'NaN'])('keeps %j as it was typed', (text) =>
    expect(typedNumber(text)).toBe(text),
  )
})

describe('stepped', () => {
  it('counts without the errors of binary fractions, and stays within the bounds', () => {
    expect(stepped(0.1, 0.1, 1)).toBe(0.2)
    expect(stepped(0.3, 0.1, -1)).toBe(0.2)
    expect(stepped(60, 1, 1, 1, 60)).toBe(60)
    expect(stepped(0, 5, -1, 0)).toBe(0)
    expect(stepped(-3, 1, 1)).toBe(-2)
  })
})
