// JSON as bytes (RFC 8259): what those share that look at a text without building its values.

const QUOTE = 0x22
const PLUS = 0x2b
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const BACKSLASH = 0x5c
const LETTER_E = 0x65
const LETTER_U = 0x75

const bytesWhere = (is: (byte: number) => boolean): Uint8Array => Uint8Array.from({ length: 256 }, (_, byte) => (is(byte) ? 1 : 0))
const among = (characters: string): Uint8Array => bytesWhere((byte) => characters.includes(String.fromCharCode(byte)))

/** Bytes within a string that mean themselves. */
const PLAIN = bytesWhere((byte) => byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH)
const BLANK = among(' \t\n\r')
const ESCAPE = among('"\\/bfnrt')
const HEX = among('0123456789abcdefABCDEF')
const DIGIT = among('0123456789')

/** What a place can be instead of a place. */
export const MALFORMED = -1

// Each takes the place where something begins and returns the place after it. The loops are functions of their own:
// within another loop V8 makes code of them that takes twice as long.

/** Goes on while bytes mean themselves: to the end of the string, an escape, or what a string may not hold. */
function skipPlain(bytes: Buffer, from: number): number {
  const { length } = bytes
  let at = from
  while (at < length && PLAIN[bytes[at]!] === 1) at++
  return at
}

export function skipBlanks(bytes: Buffer, from: number): number {
  const { length } = bytes
  let at = from
  while (at < length && BLANK[bytes[at]!] === 1) at++
  return at
}

export function skipDigits(bytes: Buffer, from: number): number {
  const { length } = bytes
  let at = from
  while (at < length && DIGIT[bytes[at]!] === 1) at++
  return at
}

/** `from` is the place after the opening quote. */
export function skipString(bytes: Buffer, from: number): number {
  let at = from
  for (;;) {
    at = skipPlain(bytes, at)
    if (bytes[at] === QUOTE) return at + 1
    if (bytes[at] !== BACKSLASH) return MALFORMED
    const escape = bytes[at + 1] ?? 0
    if (ESCAPE[escape] === 1) at += 2
    else if (escape === LETTER_U && areHex(bytes, at + 2, at + 6)) at += 6
    else return MALFORMED
  }
}

function areHex(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (HEX[bytes[at] ?? 0] !== 1) return false
  return true
}

export function skipWord(bytes: Buffer, from: number, word: string): number {
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word.charCodeAt(i)) return MALFORMED
  return from + word.length
}

/** §6: no leading zero, and digits on both sides of a point. */
export function skipNumber(bytes: Buffer, from: number): number {
  const first = bytes[from] === MINUS ? from + 1 : from
  let at = skipDigits(bytes, first)
  if (at === first || (bytes[first] === ZERO && at > first + 1)) return MALFORMED
  if (bytes[at] === POINT) {
    const fraction = at + 1
    at = skipDigits(bytes, fraction)
    if (at === fraction) return MALFORMED
  }
  if (((bytes[at] ?? 0) | 0x20) !== LETTER_E) return at
  const sign = bytes[at + 1]
  const exponent = sign === PLUS || sign === MINUS ? at + 2 : at + 1
  at = skipDigits(bytes, exponent)
  return at === exponent ? MALFORMED : at
}
