import { describe, expect, it } from 'vitest'
import { filterOf, hasFilters, queryOf, readActivitySearch, withField, withoutFilters } from './activity-search.ts'

const NOW_MS = Date.parse('2026-11-21T10:00:00.000Z')

describe('the filter in the address', () => {
  it('reads what it writes', () => {
    const search = { kind: 'call', verdict: 'deny', actor: 'key_1', target: 'docs__search', range: '24h', id: 'evt_1' } as const
    expect(readActivitySearch(JSON.parse(JSON.stringify(search)) as Record<string, unknown>)).toEqual(search)
  })

  it('leaves out what means nothing, and keeps the rest', () => {
    const read = readActivitySearch({
      kind: 'nonsense',
      verdict: 'DENY',
      range: 'toString',
      since: 'yesterday',
      deployment: '',
      target: 'a',
      x: '1',
    })
    expect(read).toEqual({ target: 'a' })
    expect(Object.keys(read)).toEqual(['target'])
  })

  it('takes names that look like numbers, and none that is longer than the server takes', () => {
    expect(readActivitySearch({ target: 42, deployment: true })).toEqual({ target: '42', deployment: 'true' })
    expect(readActivitySearch({ target: 'a'.repeat(257) })).toEqual({})
    expect(readActivitySearch({ target: ['a'], outcome: { ok: 1 } })).toEqual({})
  })

  it('prefers exact times to a range', () => {
    expect(readActivitySearch({ range: '1h', until: '2026-11-21T09:00:00Z' })).toEqual({ until: '2026-11-21T09:00:00.000Z' })
  })

  it('adds and removes a condition without touching others or the open event', () => {
    const search = withField({ verdict: 'deny', id: 'evt_1' }, 'deployment', 'clock')
    expect(search).toEqual({ verdict: 'deny', deployment: 'clock', id: 'evt_1' })
    expect(withField(search, 'verdict', undefined)).toEqual({ deployment: 'clock', id: 'evt_1' })
    expect(withoutFilters(search)).toEqual({ id: 'evt_1' })
    expect([hasFilters(search), hasFilters({ id: 'evt_1' }), hasFilters({ range: '1h' })]).toEqual([true, false, true])
  })
})

describe('what the server is asked', () => {
  it('counts a range back from now', () => {
    expect(queryOf({ range: '1h', target: 'a' }, NOW_MS)).toEqual({ target: 'a', since: '2026-11-21T09:00:00.000Z' })
  })

  it('has exact times as they are', () => {
    const times = { since: '2026-11-20T00:00:00.000Z', until: '2026-11-21T00:00:00.000Z' }
    expect(queryOf(times, NOW_MS)).toEqual(times)
  })

  it('never has the open event, nor times for the live tail', () => {
    expect(queryOf({ id: 'evt_1' }, NOW_MS)).toEqual({})
    expect(filterOf({ id: 'evt_1', range: '1h', kind: 'call' })).toEqual({ kind: 'call' })
  })
})
