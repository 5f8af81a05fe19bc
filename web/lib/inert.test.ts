import { describe, expect, it } from 'vitest'
import { cut, hasHidden, inert, inertLine } from './inert.ts'

const HIDDEN: readonly (readonly [what: string, text: string, shown: string])[] = [
  ['a terminal colour', 'a\u001B[31mred\u001B[0m', 'ared'],
  ['a bare escape', 'a\u001Bb', 'a⟨U+001B⟩b'],
  ['an operating-system command', '\u001B]0;title\u0007', '⟨U+001B⟩]0;title⟨U+0007⟩'],
  ['a carriage return', 'safe\rEVIL', 'safe⟨U+000D⟩EVIL'],
  ['a null', 'a\u0000b', 'a⟨U+0000⟩b'],
  ['a C1 control', 'a\u009Bb', 'a⟨U+009B⟩b'],
  ['a right-to-left override', 'txt.\u202Eexe', 'txt.⟨U+202E⟩exe'],
  ['an isolate', '\u2066a\u2069', '⟨U+2066⟩a⟨U+2069⟩'],
  ['a zero-width space', 'ad\u200Bmin', 'ad⟨U+200B⟩min'],
  ['a zero-width joiner', 'a\u200Db', 'a⟨U+200D⟩b'],
  ['a soft hyphen', 'ad\u00ADmin', 'ad⟨U+00AD⟩min'],
  ['a byte-order mark', '\uFEFFa', '⟨U+FEFF⟩a'],
  ['a line separator', 'a\u2028b', 'a⟨U+2028⟩b'],
  ['a tag character', 'a\u{E0041}b', 'a⟨U+E0041⟩b'],
]

describe('text of strangers', () => {
  it.each(HIDDEN)('shows %s', (_what, text, shown) => {
    expect(inert(text)).toBe(shown)
    expect(hasHidden(text)).toBe(true)
    expect(hasHidden(inert(text))).toBe(false)
  })

  it.each(['plain', 'tab\tand\nline', 'Grüße, 日本語, עברית', '👩‍🚀'.replaceAll('\u200D', ''), '<b>markup</b>'])(
    'leaves %o as it is',
    (text) => {
      expect(inert(text)).toBe(text)
      expect(hasHidden(text)).toBe(false)
    },
  )

  it('keeps lone halves of surrogate pairs from breaking anything', () => {
    expect(() => inert('\uD800x\uDC00')).not.toThrow()
    expect(() => inertLine('\uDFFF'.repeat(500))).not.toThrow()
  })

  it('does not look twice: what it writes holds nothing hidden even when markers are forged', () => {
    expect(inert('⟨U+202E⟩')).toBe('⟨U+202E⟩')
    expect(inert('\u001B[\u001B[31mm')).not.toContain('\u001B')
  })

  // Work that grows with the square of the length would not end within the time a test may take.
  it.each([
    ['hidden characters', '\u202E'],
    ['escapes', '\u001B['],
    ['digits after an escape', '\u001B[0'],
    ['spaces', ' '],
    ['letters', 'a'],
  ])('takes a megabyte of %s', (_what, part) => {
    const text = part.repeat(1_000_000 / part.length)
    expect(hasHidden(inert(text))).toBe(false)
    expect(inertLine(text, 2_000).length).toBeLessThanOrEqual(2_000 * '⟨U+E0000⟩'.length + 1)
  })
})

describe('a cut', () => {
  it('says how much is left', () => {
    expect(cut('abcdef', 4)).toEqual({ text: 'abcd', left: 2 })
    expect(cut('abc', 3)).toEqual({ text: 'abc', left: 0 })
  })

  it('does not part a surrogate pair', () => {
    expect(cut('ab👩cd', 3)).toEqual({ text: 'ab', left: 4 })
    expect(cut('ab👩cd', 4)).toEqual({ text: 'ab👩', left: 2 })
  })
})

describe('one line', () => {
  it('joins white space and ends in an ellipsis', () => {
    expect(inertLine('  a\n\n b\tc ')).toBe('a b c')
    expect(inertLine('abcdef', 3)).toBe('abc…')
  })
})
