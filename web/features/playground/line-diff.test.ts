import { describe, expect, it } from 'vitest'
import { lineDiff } from './line-diff.ts'

const drawn = (before: string, after: string): string =>
  lineDiff(before, after)
    .map(({ kind, text }) => ({ same: ' ', removed: '-', added: '+' })[kind] + text)
    .join('|')

describe('lineDiff', () => {
  it('marks what was removed and what was added', () => {
    expect(drawn('a\nb\nc', 'a\nx\nc')).toBe(' a|-b|+x| c')
    expect(drawn('a\nb', 'a\nb')).toBe(' a| b')
    expect(drawn('a\nb\nc\nd', 'b\nd\ne')).toBe('-a| b|-c| d|+e')
    expect(drawn('a', 'a\na')).toBe(' a|+a')
  })

  it('shows whole blocks when the texts are too long to compare', () => {
    const many = (word: string): string => Array.from({ length: 2_000 }, (_, index) => `${word}${index}`).join('\n')
    const lines = lineDiff(many('a'), many('b'))
    expect(lines.filter(({ kind }) => kind === 'removed')).toHaveLength(2_000)
    expect(lines.filter(({ kind }) => kind === 'added')).toHaveLength(2_000)
  })
})
