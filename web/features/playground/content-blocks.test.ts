import { describe, expect, it } from 'vitest'
import { jsonIn, shownResult } from './content-blocks.ts'

describe('jsonIn', () => {
  it('finds objects and lists, and leaves other texts alone', () => {
    expect(jsonIn(' {"a":1}')).toEqual({ a: 1 })
    expect(jsonIn('[1]')).toEqual([1])
    for (const text of ['7', 'null', '"x"', '{no', '', `[${'1,'.repeat(200_000)}1]`]) expect(jsonIn(text)).toBeUndefined()
  })
})

describe('shownResult', () => {
  it('does not show twice what a text only repeats', () => {
    expect(shownResult({ content: [{ type: 'text', text: '{"a": 1}' }], structuredContent: { a: 1 } })).toEqual({
      blocks: [],
      structured: { a: 1 },
      isRepeated: true,
    })
  })

  it('shows both where they differ', () => {
    const text = { type: 'text', text: 'It is one.' }
    expect(shownResult({ content: [text], structuredContent: { a: 1 } })).toMatchObject({ blocks: [text], isRepeated: false })
    expect(shownResult({ content: [text] })).toEqual({ blocks: [text], structured: undefined, isRepeated: false })
  })

  it('bears results of no shape', () => {
    expect(shownResult({}).blocks).toEqual([])
    expect(shownResult({ content: 'x' }).blocks).toEqual([])
    expect(shownResult({ content: [null, 1, [], { type: 'text' }] }).blocks).toEqual([{ type: 'text' }])
  })
})
