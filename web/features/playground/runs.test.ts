import { describe, expect, it } from 'vitest'
import { createRuns, readRuns, type Run, RUNS_MAX, storable } from './runs.ts'

const run = (id: string, more: Partial<Run> = {}): Run => ({
  id,
  at: '2026-11-21T10:00:00.000Z',
  endpoint: 'starter',
  tool: 'clock__time',
  args: {},
  outcome: 'ok',
  ms: 3,
  message: { result: {} },
  problem: null,
  flight: null,
  isMessageDropped: false,
  ...more,
})

function storage() {
  const kept = new Map<string, string>()
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
}

describe('runs', () => {
  it('keeps the newest runs, and finds them again on the next page of the tab', () => {
    const store = storage()
    const runs = createRuns(store)
    for (let index = 0; index < RUNS_MAX + 5; index++) runs.add(run(`r${index}`))
    expect(runs.all()).toHaveLength(RUNS_MAX)
    expect(runs.all()[0]!.id).toBe('r24')
    expect(
      createRuns(store)
        .all()
        .map(({ id }) => id),
    ).toEqual(runs.all().map(({ id }) => id))
  })

  it('keeps large messages in memory only', () => {
    const store = storage()
    const runs = createRuns(store)
    const message = { text: 'x'.repeat(100_000) }
    runs.add(run('large', { message }))
    expect(runs.all()[0]!.message).toBe(message)
    expect(createRuns(store).all()[0]).toMatchObject({ message: null, isMessageDropped: true })
    expect([...store.kept.values()].join('').length).toBeLessThan(5_000)
    expect(storable(run('a', { args: { text: 'x'.repeat(100_000) } })).args).toEqual({})
  })

  it('tells those who listen, forgets everything when asked, and bears a full storage', () => {
    const store = storage()
    const runs = createRuns({
      ...store,
      setItem: () => {
        throw new Error('full')
      },
    })
    let calls = 0
    const stop = runs.subscribe(() => calls++)
    runs.add(run('a'))
    runs.clear()
    stop()
    runs.add(run('b'))
    expect(calls).toBe(2)
    expect(runs.all()).toHaveLength(1)
  })

  it('leaves out what is spoilt', () => {
    expect(readRuns('{')).toEqual([])
    expect(readRuns('{"a":1}')).toEqual([])
    expect(readRuns(JSON.stringify([null, { id: 1 }, run('good')]))).toHaveLength(1)
  })
})
