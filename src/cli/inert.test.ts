import { describe, expect, it } from 'vitest'
import { displayWidth, pad, truncate } from './display-width.ts'
import { inert } from './inert.ts'
import { safeJson } from './print-json.ts'
import { renderFacts, renderTable } from './table.ts'

const ESC = '\u001B'
const HOSTILE: readonly (readonly [string, string, string])[] = [
  ['an escape sequence', `${ESC}[31mred${ESC}[0m`, '␛[31mred␛[0m'],
  ['a link', `${ESC}]8;;https://evil.example${ESC}\\click${ESC}]8;;${ESC}\\`, '␛]8;;https://evil.example␛\\click␛]8;;␛\\'],
  ['a C1 sequence introducer', '\u009B2J', '⟨U+009B⟩2J'],
  ['a carriage return that overwrites', 'safe\rrm -rf', 'safe␍rm -rf'],
  ['a backspace', 'a\bb', 'a␈b'],
  ['a delete', 'a\u007Fb', 'a␡b'],
  ['a bidirectional override', 'user\u202Enimda', 'user⟨U+202E⟩nimda'],
  ['an isolate', '\u2066x\u2069', '⟨U+2066⟩x⟨U+2069⟩'],
  ['zero-width characters', 'a\u200Bb\u200Dc\uFEFF', 'a⟨U+200B⟩b⟨U+200D⟩c⟨U+FEFF⟩'],
  ['tag characters that hide a text', 'hi\u{E0041}\u{E0042}', 'hi⟨U+E0041⟩⟨U+E0042⟩'],
  ['variation selectors that hide bytes', 'x\u{E0100}\uFE01', 'x⟨U+E0100⟩⟨U+FE01⟩'],
  ['a line separator', 'a\u2028b', 'a⟨U+2028⟩b'],
  ['a lone surrogate', 'a\uD800b', 'a⟨U+D800⟩b'],
  ['a filler that looks empty', '\u3164', '⟨U+3164⟩'],
  ['a tower of combining marks', `a${'\u0301'.repeat(50)}b`, 'á\u0301\u0301…b'.normalize('NFD')],
]

describe('inert', () => {
  it.each(HOSTILE)('shows %s instead of obeying it', (_, text, shown) => {
    expect(inert(text)).toBe(shown)
    expect(inert(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
  })

  it.each(['plain', 'Grüße', '日本語', 'é̂', '👩‍👩‍👧 🏳️‍🌈 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️ 1️⃣', 'नमस्ते'])('leaves %s alone', (text) => expect(inert(text)).toBe(text))

  it('keeps line breaks and tabs only where several lines are wanted', () => {
    expect(inert('a\r\nb\tc\n', { isMultiline: true })).toBe('a\nb  c\n')
    expect(inert('a\nb\tc')).toBe('a␊b␉c')
    expect(inert('a\rb', { isMultiline: true })).toBe('a␍b')
  })
})

describe('safeJson', () => {
  it.each(HOSTILE)('escapes %s and stays the same value', (_, text) => {
    const shown = safeJson({ text })
    expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}]/u)
    expect(JSON.parse(shown)).toEqual({ text })
  })
})

describe('width', () => {
  it.each<[string, number]>([
    ['abc', 3],
    ['日本', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
    ['한국', 4],
    ['ｆ', 2],
    ['', 0],
  ])('of %s is %i', (text, width) => expect(displayWidth(text)).toBe(width))

  it('is kept by cutting and filling', () => {
    expect(truncate('日本語', 5)).toBe('日本…')
    expect(truncate('日本語', 4)).toBe('日…')
    expect(truncate('abc', 3)).toBe('abc')
    expect(pad('日本', 6)).toBe('日本  ')
    expect(pad('7', 3, 'right')).toBe('  7')
  })
})

describe('a table', () => {
  const terminal = (columns: number) => ({ columns, paint: (_style: unknown, text: string) => text })
  const columns = [
    { title: 'NAME', value: (row: { name: string; text: string }) => row.name },
    { title: 'TEXT', value: (row: { name: string; text: string }) => row.text, isFlexible: true },
  ]

  it('aligns wide characters and makes cells inert', () => {
    const rows = [
      { name: '日本', text: `${ESC}[2Jx` },
      { name: 'a', text: 'b\nc' },
    ]
    expect(renderTable(terminal(Infinity), columns, rows)).toBe('NAME  TEXT\n日本  ␛[2Jx\na     b␊c')
  })

  it('never exceeds the terminal', () => {
    const text = renderTable(terminal(40), columns, [{ name: 'short', text: 'long '.repeat(40) }])
    for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(40)
    expect(text).toContain('…')
  })

  it('cuts nothing in a pipe', () =>
    expect(renderTable(terminal(Infinity), columns, [{ name: 'n', text: 'x'.repeat(500) }])).toContain('x'.repeat(500)))

  it('of facts leaves out what is empty and indents further lines', () => {
    expect(
      renderFacts(terminal(80), [
        ['name', 'a'],
        ['gone', null],
        ['text', `b\nc${ESC}`],
      ]),
    ).toBe('name  a\ntext  b\n      c␛')
  })
})
