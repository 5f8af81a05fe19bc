// Text that servers and callers wrote may hold what turns a page around: control characters, directional marks, letters
// without width. React escapes markup; this makes the rest visible and bounds the length.

/** C0 and C1 controls but tab and line feed, zero-width and directional characters, tags, byte-order mark. */
const HOSTILE =
  // oxlint-disable-next-line no-control-regex -- these are exactly what is looked for
  /\u001B\[[0-9;?]{0,32}[ -/]{0,4}[@-~]|[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]|[\u{E0000}-\u{E007F}]/gu

/** A text as it may be shown: hidden characters become `⟨U+202E⟩`, terminal colours go. */
export function inert(text: string): string {
  return text.replaceAll(HOSTILE, (found) =>
    found.length > 1 && found.startsWith('\u001B') ? '' : `⟨U+${found.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`,
  )
}

export const hasHidden = (text: string): boolean => text.search(HOSTILE) >= 0

/** The beginning of a text, and how much was left out. */
export function cut(text: string, lengthMax: number): { readonly text: string; readonly left: number } {
  if (text.length <= lengthMax) return { text, left: 0 }
  const end = /[\uD800-\uDBFF]/.test(text[lengthMax - 1]!) ? lengthMax - 1 : lengthMax
  return { text: text.slice(0, end), left: text.length - end }
}

/** For one line: hidden characters shown, white space joined, length bounded. */
export function inertLine(text: string, lengthMax = 300): string {
  const short = cut(text, lengthMax)
  return inert(short.text).replaceAll(/\s+/g, ' ').trim() + (short.left > 0 ? '…' : '')
}
