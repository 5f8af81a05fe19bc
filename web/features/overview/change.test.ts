import { describe, expect, it } from 'vitest'
import { errorShare, okCalls, relativeChange, shareChange, shareText } from './change.ts'

describe('how a figure moved', () => {
  it('is told in percent of what was before', () => {
    expect(relativeChange(150, 100, null)).toEqual({ direction: 'up', text: '50 %', isGood: null })
    expect(relativeChange(50, 100, 'down')).toEqual({ direction: 'down', text: '50 %', isGood: true })
    expect(relativeChange(200, 100, 'down')).toEqual({ direction: 'up', text: '100 %', isGood: false })
  })

  it('is not told where there is nothing to compare with', () => {
    expect(relativeChange(5, 0, null).direction).toBe('none')
    expect(relativeChange(5, null, null).direction).toBe('none')
    expect(relativeChange(null, 5, null).direction).toBe('none')
    expect(relativeChange(0, 0, null).direction).toBe('same')
  })

  it('leaves out what nobody would see, and bounds what nobody would believe', () => {
    expect(relativeChange(1_001, 1_000, null).direction).toBe('same')
    expect(relativeChange(1_000_000, 1, null).text).toBe('more than 999 %')
  })

  it('is told in points between shares', () => {
    expect(shareChange(0.03, 0.01)).toEqual({ direction: 'up', text: '2.0 points', isGood: false })
    expect(shareChange(0.01, 0.03)).toEqual({ direction: 'down', text: '2.0 points', isGood: true })
    expect(shareChange(0.01, 0.0101).direction).toBe('same')
    expect(shareChange(null, 0.1).direction).toBe('none')
  })
})

describe('the share of errors', () => {
  it('is one of allowed calls', () => {
    expect(errorShare({ calls: 10, errors: 1, denied: 5 })).toBe(0.2)
    expect(errorShare({ calls: 5, errors: 0, denied: 5 })).toBeNull()
    expect(errorShare({ calls: 0, errors: 0, denied: 0 })).toBeNull()
  })

  it('never shows a small share as none, nor a large one as all', () => {
    expect([shareText(null), shareText(0), shareText(0.0001), shareText(0.0125), shareText(1)]).toEqual([
      '–',
      '0 %',
      '< 0.1 %',
      '1.3 %',
      '100 %',
    ])
    expect(shareText(0.9994)).toBe('99.9 %')
  })
})

describe('calls that went well', () => {
  it('are neither failed nor denied', () => {
    expect(okCalls({ calls: 10, errors: 2, denied: 3 })).toBe(5)
  })
})
