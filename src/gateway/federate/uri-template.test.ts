import { describe, expect, it } from 'vitest'
import { newStepBudget, parseUriTemplate } from './uri-template.ts'

const matches = (template: string, uri: string): boolean | undefined => parseUriTemplate(template)?.matches(uri, newStepBudget())

describe('a URI template', () => {
  it.each([
    // RFC 6570 §3.2, with the variables of its examples.
    ['{var}', 'value', true],
    ['{hello}', 'Hello%20World%21', true],
    ['{x,y}', '1024,768', true],
    ['map?{x,y}', 'map?1024,768', true],
    ['{+path}/here', '/foo/bar/here', true],
    ['here?ref={+path}', 'here?ref=/foo/bar', true],
    ['X{#path:6}here', 'X#/foo/bhere', true],
    ['X{.x,y}', 'X.1024.768', true],
    ['{/var,x}/here', '/value/1024/here', true],
    ['{/list*}', '/red/green/blue', true],
    ['{;x,y}', ';x=1024;y=768', true],
    ['{?x,y}', '?x=1024&y=768', true],
    ['?fixed=yes{&x}', '?fixed=yes&x=1024', true],
    // Variables without a value vanish with their mark.
    ['search{?q}', 'search', true],
    ['a{/b}', 'a', true],
    ['a{#b}', 'a', true],
    // What a server has and another has not.
    ['test://template/{id}/data', 'test://template/7/data', true],
    ['test://template/{id}/data', 'test://template/7/8/data', false],
    ['test://template/{id}/data', 'test://template//data', false],
    ['test://template/{id}/data', 'test://template/7/data/', false],
    ['demo://{kind}/{id}', 'demo://text/1', true],
    ['demo://{kind}/{id}', 'demo://text/1?x', false],
    ['file:///{+path}', 'file:///a/b/c', true],
    ['file:///{+path}', 'file:///', false],
    ['x{a}y{b}z', 'x1y2y3z', true],
    // The first place where the text fits is not the right one.
    ['{+a}/x/{b}.txt', 'p/x/q/x/r.txt', true],
    ['{+a}/x/{b}.txt', 'p/x/q/r.txt', false],
    ['{a}{b}', 'xy', true],
    ['{a}{b}', 'x', false],
    ['', '', true],
    ['plain', 'plain', true],
    ['plain', 'plainer', false],
  ])('%s and %s: %s', (template, uri, expected) => {
    expect(matches(template, uri)).toBe(expected)
  })

  it.each(['{', 'a{b', '{}', 'a{+}'])('is not %j', (text) => {
    expect(parseUriTemplate(text)).toBeNull()
  })

  it('R13: is compared with hostile input in bounded time', () => {
    const hostile = [
      ['{+a}'.repeat(2_000), 'x'.repeat(8_000)],
      ['{+a}x'.repeat(1_500), `${'x'.repeat(8_000)}y`],
      [`${'a'.repeat(4_000)}{b}`, 'a'.repeat(8_000)],
      [`{+a}${'a'.repeat(4_000)}{+b}`, 'a'.repeat(8_000)],
      ['{a}', 'x'.repeat(100_000)],
      [`{+a}${'/x'.repeat(2_000)}`, '/x'.repeat(50_000)],
    ] as const
    for (const [template, uri] of hostile) matches(template, uri)
    for (const [template, uri] of hostile) {
      // The time of this thread alone: what else a busy machine does is not meant.
      const started = process.threadCpuUsage()
      matches(template, uri)
      const { user, system } = process.threadCpuUsage(started)
      expect((user + system) / 1_000).toBeLessThan(50)
    }
  })

  it('gives up when the budget of a request is used up', () => {
    const budget = { left: 100 }
    expect(parseUriTemplate('{+a}')?.matches('x'.repeat(90), budget)).toBe(true)
    expect(parseUriTemplate('{+a}')?.matches('x'.repeat(90), budget)).toBe(false)
  })
})
