import { describe, expect, it } from 'vitest'
import { movedBy } from './moved-by.ts'

const moved = (key: string, index: number, keys: readonly string[]) => movedBy(key, index, (at) => keys[at]!, keys.length)

describe('where the row that was at the top went', () => {
  it('moves down by what came before it', () => expect(moved('b', 1, ['x', 'y', 'a', 'b'])).toBe(2))
  it('moves up by what was dropped before it', () => expect(moved('c', 2, ['c', 'd'])).toBe(-2))
  it('stays when rows came after it', () => expect(moved('b', 1, ['a', 'b', 'c'])).toBe(0))
  it('stays when it is gone', () => expect(moved('z', 1, ['a', 'b'])).toBe(0))
  it('stays when all is gone', () => expect(moved('a', 5, [])).toBe(0))
})
