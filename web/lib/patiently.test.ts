import { describe, expect, it, vi } from 'vitest'
import { patiently } from './patiently.ts'

// Nothing here asks the server.
vi.mock('./api.ts', () => ({}))

/** Takes the next of the list at each call; an error is thrown. */
function inTurn<Value>(values: readonly (Value | Error)[]): (() => Promise<Value>) & { readonly calls: () => number } {
  let calls = 0
  const next = (): Promise<Value> => {
    const value = values[calls++]
    if (value instanceof Error) return Promise.reject(value)
    return value === undefined ? Promise.reject(new Error('asked too often')) : Promise.resolve(value)
  }
  return Object.assign(next, { calls: () => calls })
}

const gone = new TypeError('Failed to fetch dynamically imported module')

describe('a part that is loaded patiently', () => {
  it('is there at once when it is there', async () => {
    const isThere = inTurn<boolean>([])
    await expect(patiently(inTurn(['part']), isThere, 0)()).resolves.toBe('part')
    expect(isThere.calls()).toBe(0)
  })

  it('is waited for while nobody answers', async () => {
    const load = inTurn([gone, gone, 'part'])
    await expect(patiently(load, inTurn([false, true]), 0)()).resolves.toBe('part')
    expect(load.calls()).toBe(3)
  })

  it('is given up when the server answers and does not have it', async () => {
    const load = inTurn([gone, 'part'])
    await expect(patiently(load, inTurn([true]), 0)()).rejects.toBe(gone)
    expect(load.calls()).toBe(1)
  })

  it('is given up when the server is back without it', async () => {
    const load = inTurn([gone, gone, gone])
    await expect(patiently(load, inTurn([false, true, true]), 0)()).rejects.toBe(gone)
  })
})
