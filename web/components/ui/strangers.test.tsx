import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { hasHidden } from '@/lib/inert.ts'
import { ProblemNote, Remedy } from './problem.tsx'
import { Untrusted } from './untrusted.tsx'

const MARKUP = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg/onload=alert(1)>',
  '<a href="https://evil.example/">sign in again</a>',
  '[sign in](https://evil.example/)',
  'https://evil.example/',
  'javascript:alert(1)',
  "{{constructor.constructor('alert(1)')()}}",
  '</p><style>*{display:none}</style>',
]
const HIDDEN = ['txt.\u202Eexe', 'ad\u200Bmin', 'a\u001B[31mb\u001B[0m', '\u2066x\u2069', '\uFEFFy', 'z\u{E0041}', 'a\u0000b\rc']
const HOSTILE = [...MARKUP, ...HIDDEN, `${MARKUP.join(' ')}${HIDDEN.join('')}`]

/** Elements that our own components write; anything else came out of the text. */
const OWN = /^<\/?(?:span|div|p|code|button|svg|path|circle|line|rect|polyline)(?:\s|\/?>)/

/** What in the markup is not of our components, leads away, runs or hides. */
function faultsOf(markup: string): string[] {
  const elements = markup.match(/<[^>]*>/g) ?? []
  const strange = elements.filter((element) => !OWN.test(element) || /\s(?:href|src|style|on\w+)=/.test(element))
  return hasHidden(markup) ? [...strange, 'hidden characters'] : strange
}

describe('text of strangers', () => {
  it.each(HOSTILE)('comes out of Untrusted as the characters it is: %j', (text) => {
    expect(faultsOf(renderToStaticMarkup(<Untrusted text={text} />))).toEqual([])
  })

  it.each(HOSTILE)('comes out of every part of a problem as the characters it is: %j', (text) => {
    const problem = {
      type: text,
      title: text,
      status: 400,
      detail: text,
      remedy: text,
      incident: text,
      errors: [{ path: text, detail: text }],
    }
    expect(faultsOf(renderToStaticMarkup(<ProblemNote problem={problem} />))).toEqual([])
  })

  it.each(HOSTILE)('comes out of a remedy as the characters it is, in a command too: %j', (text) => {
    expect(faultsOf(renderToStaticMarkup(<Remedy text={text} />))).toEqual([])
    expect(faultsOf(renderToStaticMarkup(<Remedy text={`Run \`sallyport ${text}\` now.`} />))).toEqual([])
  })

  it('would be told apart if it came out as markup', () => {
    expect(faultsOf('<script>')).toHaveLength(1)
    expect(faultsOf('<span onclick="x">a\u202E</span>')).toHaveLength(2)
  })

  it('is bounded', () => {
    const markup = renderToStaticMarkup(<Untrusted text={'x'.repeat(1_000_000)} />)
    expect(markup.length).toBeLessThan(5_000)
    expect(markup).toContain('Show more')
  })

  it('links a problem of ours to its page, and no other', () => {
    const link = (type: string): string[] =>
      renderToStaticMarkup(<ProblemNote problem={{ type, title: 't', status: 404, detail: 'd' }} />).match(/href="[^"]*"/g) ?? []
    expect(link('https://sallyport.dev/problems/not-found')).toEqual(['href="/app/problems/not-found"'])
    expect(link('https://evil.example/problems/not-found')).toEqual([])
    expect(link('javascript:alert(1)')).toEqual([])
  })
})
