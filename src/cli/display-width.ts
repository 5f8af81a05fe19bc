const ASCII = /^[\x20-\x7e]*$/
const ZERO_WIDTH = /^[\p{M}\p{Cf}\p{Cc}]+$/u
const WIDE_EMOJI = /\p{Emoji_Presentation}|\p{RGI_Emoji}/v
/** East Asian Wide and Fullwidth blocks (UAX #11), first and last code point. */
const WIDE_BLOCKS: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
]

let segmenter: Intl.Segmenter | undefined

function graphemes(text: string): readonly string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return Array.from(segmenter.segment(text), (part) => part.segment)
}

function graphemeWidth(grapheme: string): number {
  if (ZERO_WIDTH.test(grapheme)) return 0
  if (WIDE_EMOJI.test(grapheme)) return 2
  const code = grapheme.codePointAt(0)!
  return WIDE_BLOCKS.some(([first, last]) => code >= first && code <= last) ? 2 : 1
}

/** Columns a terminal gives to `text`, which must hold no escape sequences. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length
  return graphemes(text).reduce((sum, grapheme) => sum + graphemeWidth(grapheme), 0)
}

/** Cuts `text` to at most `columns`, with `…` in place of what is missing. */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text
  let kept = ''
  let width = 0
  for (const grapheme of graphemes(text)) {
    width += graphemeWidth(grapheme)
    if (width > columns - 1) break
    kept += grapheme
  }
  return columns < 1 ? '' : `${kept}…`
}

/** Fills `text` with spaces up to `columns`. */
export function pad(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const missing = ' '.repeat(Math.max(0, columns - displayWidth(text)))
  return align === 'left' ? text + missing : missing + text
}
