import { describe, expect, it } from 'vitest'
import { ago, bytes, count, duration, exact, percent } from './format.ts'

describe('numbers', () => {
  it.each([
    [0, '0'],
    [9_999, '9,999'],
    [10_000, '10K'],
    [1_234_567, '1.2M'],
  ])('%i is %s', (value, text) => {
    expect(count(value)).toBe(text)
  })

  it('are exact where it matters', () => {
    expect(exact(1_234_567)).toBe('1,234,567')
  })

  it.each([
    [1, 0, '0 %'],
    [0, 10, '0 %'],
    [1, 3, '33.3 %'],
  ])('%i of %i is %s', (part, all, text) => {
    expect(percent(part, all)).toBe(text)
  })
})

describe('a duration', () => {
  it.each([
    [0, '0 µs'],
    [840, '840 µs'],
    [12_400, '12.4 ms'],
    [184_000, '184 ms'],
    [1_200_000, '1.20 s'],
    [125_000_000, '2 min 5 s'],
  ])('of %i µs is %s', (us, text) => {
    expect(duration(us)).toBe(text)
  })

  it('never says sixty seconds', () => {
    for (const us of [119_600_000, 179_999_999, 59_999_999]) expect(duration(us)).not.toMatch(/\b60(\.00)? s/)
  })

  it('never says a thousand of the smaller unit', () => {
    for (const us of [999.7, 999_999]) expect(duration(us)).not.toMatch(/^1000 /)
  })
})

describe('bytes', () => {
  it.each([
    [980, '980 B'],
    [12_400, '12.4 kB'],
    [3_100_000, '3.1 MB'],
  ])('%i is %s', (value, text) => {
    expect(bytes(value)).toBe(text)
  })

  it('never says a thousand kilobytes', () => {
    expect(bytes(999_990)).toBe('1.0 MB')
  })
})

describe('a time', () => {
  const now = Date.parse('2026-11-21T10:00:00Z')
  it.each([
    [-3, 'now'],
    [3, 'now'],
    [-30, /30/],
    [-300, /5/],
    [3 * 86_400, /3/],
    [90 * 86_400 - 60, /^in 3/],
    [-90 * 86_400 + 60, /^2/],
  ])('%i seconds away reads %s', (seconds, text) => {
    expect(ago(new Date(now + seconds * 1_000).toISOString(), now)).toMatch(text)
  })

  it('tells past from future', () => {
    expect(ago('2026-11-21T09:00:00Z', now)).toMatch(/ago/)
    expect(ago('2026-11-21T11:00:00Z', now)).toMatch(/^in /)
  })
})
