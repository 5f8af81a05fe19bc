import { describe, expect, it } from 'vitest'
import { copyText, idOf, type JsonNode, PAGE_SIZE, pathText, rowsOf } from './json-tree.ts'

const NOTHING = { open: new Map<string, boolean>(), shown: new Map<string, number>() }
const paths = (value: unknown, choices = NOTHING) =>
  rowsOf(value, choices).map((row) => (row.kind === 'more' ? `+${row.left}` : pathText(row.path)))

describe('the rows of a JSON view', () => {
  it('opens what is small and lists it in order', () => {
    expect(paths({ a: [1, { b: null }], c: 'x' })).toEqual(['$', 'a', 'a[0]', 'a[1]', 'a[1].b', 'c'])
  })

  it('shows a page of a long list and says how much is left', () => {
    const rows = rowsOf(
      Array.from({ length: 100_000 }, (_, index) => ({ index })),
      NOTHING,
    )
    expect(rows).toHaveLength(PAGE_SIZE + 2)
    expect(rows.at(-1)).toMatchObject({ kind: 'more', left: 100_000 - PAGE_SIZE, parentId: idOf([]) })
    // Members of something large stay closed.
    expect(rows.slice(1, -1).every((row) => row.kind !== 'more' && !row.isOpen)).toBe(true)
  })

  it('shows more when asked', () => {
    const rows = rowsOf(
      Array.from({ length: 70 }, () => 0),
      { ...NOTHING, shown: new Map([[idOf([]), 200]]) },
    )
    expect(rows).toHaveLength(71)
  })

  it('follows what was opened and closed by hand', () => {
    const deep = { a: { b: { c: { d: 1 } } } }
    expect(paths(deep)).toEqual(['$', 'a', 'a.b', 'a.b.c'])
    expect(paths(deep, { ...NOTHING, open: new Map([[idOf(['a', 'b', 'c']), true]]) }).at(-1)).toBe('a.b.c.d')
    expect(paths(deep, { ...NOTHING, open: new Map([[idOf([]), false]]) })).toEqual(['$'])
  })

  it('does not open what is empty', () => {
    expect(rowsOf([], NOTHING)).toMatchObject([{ kind: 'array', size: 0, isOpen: false }])
    expect(rowsOf('text', NOTHING)).toMatchObject([{ kind: 'string', size: 0 }])
  })

  it('tells places apart that would read the same', () => {
    const rows = rowsOf({ 'a.b': 1, a: { b: 2 } }, NOTHING) as readonly JsonNode[]
    expect(rows.map(({ path }) => pathText(path))).toEqual(['$', '["a.b"]', 'a', 'a.b'])
    expect(new Set(rows.map(({ id }) => id)).size).toBe(4)
  })

  it('is not led astray by keys of objects', () => {
    expect(paths(JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}'))).toEqual(['$', '__proto__', '__proto__.x', 'constructor'])
  })

  it('copies texts as they are and all else as JSON', () => {
    expect(copyText('a "quoted" text')).toBe('a "quoted" text')
    expect(copyText({ a: 1 })).toBe('{\n  "a": 1\n}')
    expect(copyText(undefined)).toBe('undefined')
  })
})
