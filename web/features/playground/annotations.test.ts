import { describe, expect, it } from 'vitest'
import { askingOf, hintsOf } from './annotations.ts'

const tool = (annotations?: Record<string, unknown>) => ({ name: 't', annotations })
const ids = (annotations?: Record<string, unknown>): readonly string[] => hintsOf(tool(annotations)).map(({ id }) => id)

describe('hintsOf', () => {
  it('repeats what the server says', () => {
    expect(ids({ readOnlyHint: true, idempotentHint: true, openWorldHint: true })).toEqual(['read-only', 'idempotent', 'open-world'])
    expect(ids({ readOnlyHint: false, destructiveHint: true })).toEqual(['destructive'])
    expect(ids({ destructiveHint: false })).toEqual([])
  })

  it('does not believe a read-only tool to be destructive, and says when nothing was said', () => {
    expect(ids({ readOnlyHint: true, destructiveHint: true })).toEqual(['read-only'])
    expect(ids()).toEqual(['unannotated'])
    expect(ids({ readOnlyHint: 'true' })).toEqual(['unannotated'])
  })
})

describe('askingOf', () => {
  it('asks each time for what destroys, once for what does not say, never for the rest', () => {
    expect(askingOf(tool({ destructiveHint: true }))).toBe('each-time')
    expect(askingOf(tool())).toBe('once')
    expect(askingOf(tool({ readOnlyHint: false }))).toBe('once')
    expect(askingOf(tool({ readOnlyHint: true, destructiveHint: true }))).toBe('never')
    expect(askingOf(tool({ readOnlyHint: false, destructiveHint: false }))).toBe('never')
  })
})
