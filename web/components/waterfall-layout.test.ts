import { describe, expect, it } from 'vitest'
import { divideTime, layoutBars } from './waterfall-layout.ts'

const STEPS = [
  { name: 'identify', us: 60 },
  { name: 'limit', us: 0 },
  { name: 'forward', us: 83_000 },
  { name: 'inspect-result', us: 400 },
]

describe('the bars of a flight record', () => {
  it('begins each bar where the one before ended', () => {
    const bars = layoutBars(STEPS, 84_000)
    expect(bars[0]!.start).toBe(0)
    for (const [index, { start, width }] of bars.slice(0, -1).entries()) expect(bars[index + 1]!.start).toBeCloseTo(start + width)
  })

  it('shows steps of no time, keeps the order of lengths and stays inside', () => {
    const bars = layoutBars(STEPS, 84_000)
    expect(Math.min(...bars.map(({ width }) => width))).toBeGreaterThanOrEqual(1)
    expect(bars[2]!.width).toBeGreaterThan(80)
    expect(bars[3]!.width).toBeGreaterThan(bars[0]!.width)
    expect(bars.at(-1)!.start + bars.at(-1)!.width).toBeLessThanOrEqual(100)
  })

  it('stays inside when the steps are longer than the total, many, or without time', () => {
    for (const steps of [STEPS, Array.from({ length: 200 }, () => ({ name: 'x', us: 1 })), [{ name: 'x', us: 0 }]]) {
      const last = layoutBars(steps, 0).at(-1)!
      expect(last.start + last.width).toBeLessThanOrEqual(100.001)
    }
    expect(layoutBars([], 10)).toEqual([])
  })

  it('divides the time between us and the server', () => {
    expect(divideTime(STEPS, 84_000)).toEqual({ ours: 1_000, theirs: 83_000 })
    expect(divideTime([], 10)).toEqual({ ours: 10, theirs: 0 })
  })
})
