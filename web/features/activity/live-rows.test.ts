import { describe, expect, it } from 'vitest'
import type { ActivityItem } from './activity-search.ts'
import { compareItems, justAfter, mergeItems, NO_ROWS, orderItems, takeItems } from './live-rows.ts'

const item = (second: number, id = `evt_${String(second).padStart(5, '0')}`): ActivityItem =>
  ({ id, at: new Date(Date.UTC(2026, 10, 21, 10, 0, second)).toISOString() }) as ActivityItem
const ids = (items: readonly ActivityItem[]): string[] => items.map(({ id }) => id)
const range = (from: number, to: number): ActivityItem[] => Array.from({ length: from - to + 1 }, (_, index) => item(from - index))

describe('the order of events', () => {
  it('is newest first, and by identifier within a millisecond', () => {
    const found = orderItems([item(1), item(3), item(2, 'evt_a'), item(2, 'evt_b')])
    expect(ids(found)).toEqual(['evt_00003', 'evt_b', 'evt_a', 'evt_00001'])
  })

  it('has each event once', () => {
    expect(ids(orderItems([item(1), item(2), item(1)]))).toEqual(['evt_00002', 'evt_00001'])
    expect(compareItems(item(1), item(1))).toBe(0)
  })
})

describe('merging what is live with what was loaded', () => {
  it('puts events in their place, also those that come late', () => {
    expect(ids(mergeItems([item(9), item(4)], [item(7), item(5), item(3)]))).toEqual(ids([item(9), item(7), item(5), item(4), item(3)]))
  })

  it('shows an event once that came both ways', () => {
    expect(ids(mergeItems(range(9, 4), range(6, 1)))).toEqual(ids(range(9, 1)))
    expect(mergeItems([], range(3, 1))).toHaveLength(3)
    expect(mergeItems(range(3, 1), [])).toHaveLength(3)
  })
})

describe('the live tail', () => {
  it('shows events that come while the newest row is in view', () => {
    const first = takeItems(NO_ROWS, { items: [item(1), item(2)], isAtTop: true, rowsMax: 10 })
    const second = takeItems(first, { items: [item(2), item(3)], isAtTop: true, rowsMax: 10 })
    expect(ids(second.shown)).toEqual(ids(range(3, 1)))
    expect(second).toMatchObject({ waiting: [], skipped: 0, cutAt: null })
  })

  it('lets them wait while somebody reads further down, and counts each once', () => {
    const shown = takeItems(NO_ROWS, { items: range(3, 1), isAtTop: true, rowsMax: 10 })
    const reading = takeItems(shown, { items: range(5, 3), isAtTop: false, rowsMax: 10 })
    const again = takeItems(reading, { items: [item(5), item(6)], isAtTop: false, rowsMax: 10 })
    expect(again.shown).toBe(shown.shown)
    expect(ids(again.waiting)).toEqual(ids(range(6, 4)))
    expect(ids(takeItems(again, { items: [], isAtTop: true, rowsMax: 10 }).shown)).toEqual(ids(range(6, 1)))
  })

  it('keeps a bounded number of rows, and says from where the pages must be asked for anew', () => {
    const full = takeItems(NO_ROWS, { items: range(10, 1), isAtTop: true, rowsMax: 10 })
    expect(full.cutAt).toBeNull()
    const over = takeItems(full, { items: [item(11)], isAtTop: true, rowsMax: 10 })
    expect(ids(over.shown)).toEqual(ids(range(11, 4)))
    expect(over.cutAt).toBe(item(4).at)
  })

  it('leaves no hole when more waited than it holds', () => {
    const shown = takeItems(NO_ROWS, { items: range(3, 1), isAtTop: true, rowsMax: 4 })
    const reading = takeItems(shown, { items: range(12, 4), isAtTop: false, rowsMax: 4 })
    expect(reading).toMatchObject({ skipped: 5 })
    const back = takeItems(reading, { items: [], isAtTop: true, rowsMax: 4 })
    expect(ids(back.shown)).toEqual(ids(range(12, 9)))
    expect(back.cutAt).toBe(item(9).at)
  })

  it('asks for a moment that takes the events of the same millisecond in', () => {
    expect(justAfter('2026-11-21T10:00:00.999Z')).toBe('2026-11-21T10:00:01.000Z')
  })
})
