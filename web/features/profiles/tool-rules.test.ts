import { describe, expect, it } from 'vitest'
import { offers, type ToolRules, withoutServer, withoutTool, withOverride, withServer, withTools } from './tool-rules.ts'

const NONE: ToolRules = { include: [], exclude: [], rename: {}, describe: {}, fix: {}, search: false }
const ALL = ['a__one', 'a__two', 'b__one', 'ab__one']
const offered = (rules: ToolRules): string[] => ALL.filter((name) => offers(rules, name))

describe('switching tools of a profile', () => {
  it('takes one out and gives it back, leaving the rules as they were', () => {
    const without = withoutTool(NONE, 'a__one')
    expect(offered(without)).toEqual(['a__two', 'b__one', 'ab__one'])
    expect(withTools(without, ['a__one'], ALL)).toEqual(NONE)
  })

  it('never opens everything by emptying the inclusions', () => {
    const only = { ...NONE, include: ['a__one'] }
    expect(offered(withoutTool(only, 'a__one'))).toEqual([])
    expect(offered(withoutTool({ ...NONE, include: ['a__one', 'b__one'] }, 'a__one'))).toEqual(['b__one'])
    expect(offered(withoutTool({ ...NONE, include: ['a__one', 'a__*'] }, 'a__one'))).toEqual(['a__two'])
  })

  it('adds to inclusions where there are some', () => {
    expect(offered(withTools({ ...NONE, include: ['a__one'] }, ['b__one'], ALL))).toEqual(['a__one', 'b__one'])
  })

  it('gives one tool of an excluded server back and keeps the others out', () => {
    const rules = withTools(withoutServer(NONE, 'a'), ['a__one'], ALL)
    expect(rules.exclude).toEqual(['a__two'])
    expect(offered(rules)).toEqual(['a__one', 'b__one', 'ab__one'])
  })

  it('takes out a whole server with what it will have later, and no other', () => {
    const rules = withoutServer({ ...NONE, exclude: ['a__one', 'b__one'] }, 'a')
    expect(rules.exclude).toEqual(['b__one', 'a__*'])
    expect(offers(rules, 'a__later')).toBe(false)
    expect(offered(withServer(rules, 'a', ALL))).toEqual(['a__one', 'a__two', 'ab__one'])
  })

  it('includes a server as a pattern where only some tools are included', () => {
    const rules = withServer({ ...NONE, include: ['b__one'] }, 'a', ALL)
    expect(rules.include).toEqual(['b__one', 'a__*'])
  })

  it('gives a server back whose tools are not known at the moment', () => {
    expect(withServer({ ...NONE, exclude: ['gone__*'] }, 'gone', ALL)).toEqual(NONE)
  })

  it('shrinks a wide exclusion to the others', () => {
    const rules = withServer({ ...NONE, exclude: ['a*'] }, 'a', ALL)
    expect(rules.exclude).toEqual(['ab__one'])
  })
})

describe('overriding a tool', () => {
  it('sets, changes and clears without touching others', () => {
    const base = { ...NONE, rename: { b__one: 'first' }, fix: { a__one: { x: 1 } } }
    const set = withOverride(base, 'a__one', { name: 'uno', description: 'One.' })
    expect(set).toMatchObject({ rename: { b__one: 'first', a__one: 'uno' }, describe: { a__one: 'One.' }, fix: { a__one: { x: 1 } } })
    expect(withOverride(set, 'a__one', { name: '', description: '' })).toEqual(base)
  })
})
