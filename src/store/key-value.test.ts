import { describe, expect, it } from 'vitest'
import type { KeyValue } from './key-value.ts'
import { createMemoryKeyValue } from './memory-key-value.ts'
import { problem } from './testing.ts'

interface Setting {
  readonly shared: KeyValue
  /** Lets time pass. */
  readonly pass: (ms: number) => Promise<void>
}

/** Every adapter, with the way to let its time pass. */
const adapters: readonly { readonly name: string; readonly open: () => Promise<Setting> }[] = [
  {
    name: 'memory',
    open: async () => {
      let nowMs = 1_000
      return {
        shared: createMemoryKeyValue({ now: () => nowMs, entriesMax: 100 }),
        pass: async (ms) => {
          nowMs += ms
        },
      }
    },
  },
]

describe.each(adapters)('the key-value port over $name', ({ open }) => {
  it('gives what was set until it expires', async () => {
    const { shared, pass } = await open()
    expect(await shared.get('a')).toBeNull()
    await shared.set('a', 'one', 50)
    await shared.set('a', '', 100)
    await pass(99)
    expect(await shared.get('a')).toBe('')
    await pass(1)
    expect(await shared.get('a')).toBeNull()
  })

  it('tells exactly one of many that it was first, and somebody again after the expiry', async () => {
    const { shared, pass } = await open()
    const first = await Promise.all(Array.from({ length: 20 }, (_, index) => shared.setIfAbsent('once', String(index), 100)))
    expect(first.filter(Boolean)).toHaveLength(1)
    expect(await shared.get('once')).toBe(String(first.indexOf(true)))
    await pass(100)
    expect(await shared.setIfAbsent('once', 'again', 100)).toBe(true)
  })

  it('deletes, and says whether there was something', async () => {
    const { shared, pass } = await open()
    await shared.set('a', 'one', 100)
    expect(await shared.delete('a')).toBe(true)
    expect(await shared.delete('a')).toBe(false)
    await shared.set('a', 'one', 100)
    await pass(100)
    expect(await shared.delete('a')).toBe(false)
  })

  it('counts what comes together, for a time that the first one starts', async () => {
    const { shared, pass } = await open()
    const counts = await Promise.all([1, 2, 3].map(() => shared.increment('hits', 100)))
    expect(counts.toSorted((one, other) => one - other)).toEqual([1, 2, 3])
    await pass(60)
    expect(await shared.increment('hits', 100)).toBe(4)
    await pass(40)
    expect(await shared.increment('hits', 100)).toBe(1)
  })

  it('refuses to count on what is no number', async () => {
    const { shared } = await open()
    await shared.set('a', 'one', 100)
    await expect(shared.increment('a', 100)).rejects.toThrow(/counter|integer/)
    expect(await shared.get('a')).toBe('one')
  })
})

describe('the memory of one process', () => {
  it('takes no more entries than it may, drops none that lives, and makes room of those that do not', async () => {
    let nowMs = 0
    const shared = createMemoryKeyValue({ now: () => nowMs, entriesMax: 3 })
    await shared.set('short', '1', 10)
    await shared.set('long', '2', 1_000)
    await shared.increment('count', 1_000)
    await expect(shared.set('more', 'x', 1_000)).rejects.toEqual(problem('overloaded'))
    await expect(shared.setIfAbsent('more', 'x', 1_000)).rejects.toEqual(problem('overloaded'))
    await expect(shared.increment('more', 1_000)).rejects.toEqual(problem('overloaded'))
    await shared.set('long', 'changed', 1_000)
    nowMs = 10
    await shared.set('more', 'x', 1_000)
    expect([await shared.get('short'), await shared.get('long'), await shared.get('count'), await shared.get('more')]).toEqual([
      null,
      'changed',
      '1',
      'x',
    ])
    await expect(shared.set('again', 'x', 1_000)).rejects.toEqual(problem('overloaded'))
  })
})
