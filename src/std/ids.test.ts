import { describe, expect, it } from 'vitest'
import { newId, newSecret, timeOfId } from './ids.ts'

describe('an identifier', () => {
  it('begins with its time, which can be read back', () => {
    const nowMs = Date.UTC(2026, 10, 21, 12, 0, 0, 123)
    expect(newId('evt', nowMs)).toMatch(/^evt_[0-9a-hjkmnp-tv-z]{26}$/)
    expect(timeOfId(newId('evt', nowMs))).toBe(nowMs)
  })

  it('sorts after every one that was made before', () => {
    const ids = [1_000, 1_000, 1_000, 1_001, 1_001, 2_000].map((nowMs) => newId('x', nowMs))
    expect(ids).toEqual(ids.toSorted())
    expect(new Set(ids).size).toBe(ids.length)
  })

  it.each(['', 'evt_', 'evt_none', 'evt_!!!!!!!!!!!!!!!!!!!!!!!!!!', 'evt_0000000000'])('that was not made so has no time: %j', (id) => {
    expect(timeOfId(id)).toBeNull()
  })

  it('is no secret; a secret has 256 random bits', () => {
    expect(newSecret()).toMatch(/^[\w-]{43}$/)
    expect(newSecret()).not.toBe(newSecret())
  })
})
