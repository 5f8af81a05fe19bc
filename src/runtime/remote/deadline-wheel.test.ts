import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Deadline, DeadlineWheel } from './deadline-wheel.ts'

class Probe extends Deadline {
  expired = 0
  readonly #then: () => void
  constructor(then: () => void = () => undefined) {
    super()
    this.#then = then
  }
  override expire(): void {
    this.expired++
    this.#then()
  }
}

describe('the deadline wheel', () => {
  let nowMs = 0
  let wheel = new DeadlineWheel(() => nowMs)
  const pass = (ms: number): void => {
    for (let rest = ms; rest > 0; rest -= 20) {
      nowMs += 20
      vi.advanceTimersByTime(20)
    }
  }
  beforeEach(() => {
    vi.useFakeTimers()
    nowMs = 12_345
    wheel = new DeadlineWheel(() => nowMs)
  })
  afterEach(() => void vi.useRealTimers())

  it.each([0, 1, 19, 20, 500, 30_000, 41_000, 200_000])('fires after %i ms, never early and at most 40 ms late', (ms) => {
    const probe = new Probe()
    wheel.set(probe, ms)
    pass(Math.floor(ms / 20) * 20)
    expect(probe.expired).toBe(0)
    pass(60)
    expect(probe.expired).toBe(1)
    pass(100_000)
    expect(probe.expired).toBe(1)
  })

  it('forgets what is cleared, moves what is set again, and leaves the others alone', () => {
    const [a, b, c] = [new Probe(), new Probe(), new Probe()]
    for (const probe of [a, b, c]) wheel.set(probe, 100)
    wheel.clear(b)
    wheel.clear(b)
    wheel.set(c, 1_000)
    pass(200)
    expect([a.expired, b.expired, c.expired]).toEqual([1, 0, 0])
    pass(1_000)
    expect(c.expired).toBe(1)
  })

  it('bears that one deadline clears or sets another of the same moment', () => {
    const later = new Probe()
    const first = new Probe(() => wheel.set(later, 500))
    wheel.set(later, 100)
    wheel.set(first, 100)
    pass(200)
    expect([first.expired, later.expired]).toEqual([1, 0])
    pass(600)
    expect(later.expired).toBe(1)
  })

  it('fires everything that is due after the process stood still', () => {
    const probes = Array.from({ length: 100 }, () => new Probe())
    for (const [index, probe] of probes.entries()) wheel.set(probe, index * 1_000)
    nowMs += 1_000_000
    vi.advanceTimersByTime(20)
    expect(probes.every(({ expired }) => expired === 1)).toBe(true)
  })

  it('holds no timer when nothing waits', () => {
    expect(vi.getTimerCount()).toBe(0)
    wheel.set(new Probe(), 10)
    expect(vi.getTimerCount()).toBe(1)
    pass(100)
    expect(vi.getTimerCount()).toBe(0)
  })
})
