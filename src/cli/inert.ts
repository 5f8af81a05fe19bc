/** A whole emoji is kept, joiners included; anything else without a glyph of its own is made visible. */
const SEQUENCES = /\p{RGI_Emoji}|[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|\p{M}{4,}/gv
const PLAIN = /^[\x20-\x7e]*$/
const C0_PICTURES = 0x2400

/**
 * Makes text from servers harmless on a terminal: escape sequences, bidirectional overrides, zero-width and other
 * invisible characters become visible marks, so that nothing can move the cursor, hide words or fake our own output.
 * With `isMultiline` line breaks stay and tabs become two spaces.
 */
export function inert(text: string, { isMultiline = false } = {}): string {
  if (PLAIN.test(text)) return text
  const lines = isMultiline ? text.replaceAll('\r\n', '\n').replaceAll('\t', '  ') : text
  return lines.replace(SEQUENCES, (found) => (isMultiline && found === '\n' ? found : visible(found)))
}

function visible(found: string): string {
  if (/\p{RGI_Emoji}/v.test(found)) return found
  const code = found.codePointAt(0)!
  // Stacked combining marks can paint over the lines above and below; three are more than any script needs here.
  if (/^\p{M}{4}/u.test(found) && !/\p{Default_Ignorable_Code_Point}/u.test(found)) return `${found.slice(0, 3)}…`
  if (code < 0x20) return String.fromCodePoint(C0_PICTURES + code)
  if (code === 0x7f) return '\u2421'
  return Array.from(found, (character) => `⟨U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`).join('')
}
