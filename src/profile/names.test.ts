import { describe, expect, it } from 'vitest'
import { isName, matchesTool, normaliseName } from './index.ts'

describe('a name', () => {
  it.each([
    ['everything', 'everything'],
    ['My Server', 'my-server'],
    ['io.github.ada/engine', 'io-github-ada-engine'],
    ['snake_case', 'snake-case'],
    ['café🙂x', 'caf--x'],
    ['İstanbul', 'i-stanbul'],
    ['@scope/pkg', '-scope-pkg'],
    ['x'.repeat(63), 'x'.repeat(63)],
  ])('is made of %j', (text, name) => {
    expect(normaliseName(text)).toEqual({ ok: true, value: name })
    expect(isName(name)).toBe(true)
  })

  it.each([
    ['', 'empty'],
    ['a__b', 'separates server and tool'],
    ['sse', 'reserved'],
    ['ws', 'reserved'],
    ['Messages', 'reserved'],
    ['INVOKE', 'reserved'],
    ['x'.repeat(64), 'longer than 63'],
    ['y'.repeat(100_000), 'longer than 63'],
  ])('is never made of %j', (text, why) => {
    expect(normaliseName(text)).toEqual({ ok: false, error: expect.stringContaining(why) as string })
    expect(JSON.stringify(normaliseName(text)).length, 'an answer of bounded length').toBeLessThan(250)
  })

  it.each(['', 'A', 'a_b', 'a b', 'ws', 'x'.repeat(64), 'a\n', '../a'])('is not %j as it stands', (text) => {
    expect(isName(text)).toBe(false)
  })
})

describe('a tool pattern', () => {
  it.each([
    ['echo__say', 'echo__say', true],
    ['echo__*', 'echo__say', true],
    ['*', 'anything', true],
    ['*', '', true],
    ['echo__say', 'echo__say2', false],
    ['echo__s*', 'echo__tell', false],
    ['e*o__say', 'echo__say', false],
    ['e*o', 'e*o', true],
    ['Echo__say', 'echo__say', false],
    ['', 'echo', false],
    ['.*', 'echo', false],
  ])('%j against %j: %s', (pattern, name, matches) => {
    expect(matchesTool(pattern, name)).toBe(matches)
  })
})
