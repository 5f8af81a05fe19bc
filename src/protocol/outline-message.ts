import { isUtf8 } from 'node:buffer'
import { err, ok, type Result } from '#std/index.ts'
import type { JsonFault, JsonLimits } from './inspect-json.ts'
import { MALFORMED, skipBlanks, skipDigits, skipNumber, skipString, skipWord } from './json-bytes.ts'

/** What decides about a JSON-RPC message that is passed on as it came. Its content is checked and not built. */
export interface MessageOutline {
  /** What stands there, undefined when nothing does. */
  readonly id: unknown
  readonly method: unknown
  /** True when the member is there, undefined otherwise. */
  readonly result: true | undefined
  readonly error: true | undefined
  /** The result says of itself that it is one of a tool that failed. */
  readonly isToolError: boolean
}

// Not from elsewhere: V8 takes a constant of the same file for the number that it is.
const QUOTE = 0x22
const COMMA = 0x2c
const ZERO = 0x30
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const LETTER_F = 0x66
const LETTER_N = 0x6e
const LETTER_T = 0x74
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

const TOO_DEEP = -2
const TOO_MANY_KEYS = -3
/** So many digits are a number without rounding. */
const SMALL_DIGITS_MAX = 9

/** Whose members are of interest. */
type Role = 'message' | 'result' | 'other'

/**
 * Reads the outline of one JSON-RPC message in one pass over its bytes. It takes exactly the texts that `JSON.parse`
 * takes, within the bounds, and sees what `JSON.parse` would see: of a key written twice the last, of an escaped key what
 * it means. Null when the text is JSON and no object. To build the values of an answer would cost more than everything
 * else that is done with it, and leave more behind.
 */
export function outlineMessage(bytes: Buffer, limits: JsonLimits): Result<MessageOutline | null, JsonFault> {
  if (!isUtf8(bytes)) return err({ reason: 'malformed', detail: 'the text is not UTF-8' })
  const scan = new Scan(bytes, limits)
  const start = skipBlanks(bytes, 0)
  const end = scan.skipValue(start, 0, 'message')
  if (end === TOO_DEEP) return err({ reason: 'too-deep', detail: `it is nested deeper than ${limits.depthMax}` })
  if (end === TOO_MANY_KEYS) return err({ reason: 'too-many-keys', detail: `it has more than ${limits.keysMax} keys` })
  if (end < 0 || skipBlanks(bytes, end) !== bytes.length) return err({ reason: 'malformed', detail: 'it is not JSON' })
  return ok(bytes[start] === OPEN_BRACE ? scan.outline() : null)
}

/** One pass. Like the functions of json-bytes.ts, its methods return the place after what they skip, or why there is none. */
class Scan {
  readonly #bytes: Buffer
  readonly #depthMax: number
  #keysLeft: number
  #id: unknown = undefined
  #method: unknown = undefined
  #result: true | undefined = undefined
  #error: true | undefined = undefined
  #isToolError = false

  constructor(bytes: Buffer, { depthMax, keysMax }: JsonLimits) {
    this.#bytes = bytes
    this.#depthMax = depthMax
    this.#keysLeft = keysMax
  }

  outline(): MessageOutline {
    return { id: this.#id, method: this.#method, result: this.#result, error: this.#error, isToolError: this.#isToolError }
  }

  skipValue(at: number, depth: number, role: Role): number {
    switch (this.#bytes[at]) {
      case QUOTE:
        return skipString(this.#bytes, at + 1)
      case OPEN_BRACE:
        return depth < this.#depthMax ? this.#skipObject(at + 1, depth + 1, role) : TOO_DEEP
      case OPEN_BRACKET:
        return depth < this.#depthMax ? this.#skipArray(at + 1, depth + 1) : TOO_DEEP
      case LETTER_T:
        return skipWord(this.#bytes, at, 'true')
      case LETTER_F:
        return skipWord(this.#bytes, at, 'false')
      case LETTER_N:
        return skipWord(this.#bytes, at, 'null')
      default:
        return skipNumber(this.#bytes, at)
    }
  }

  #skipArray(from: number, depth: number): number {
    const bytes = this.#bytes
    let at = skipBlanks(bytes, from)
    if (bytes[at] === CLOSE_BRACKET) return at + 1
    for (;;) {
      const end = this.skipValue(at, depth, 'other')
      if (end < 0) return end
      at = skipBlanks(bytes, end)
      if (bytes[at] === CLOSE_BRACKET) return at + 1
      if (bytes[at] !== COMMA) return MALFORMED
      at = skipBlanks(bytes, at + 1)
    }
  }

  #skipObject(from: number, depth: number, role: Role): number {
    const bytes = this.#bytes
    let at = skipBlanks(bytes, from)
    if (bytes[at] === CLOSE_BRACE) return at + 1
    for (;;) {
      if (bytes[at] !== QUOTE) return MALFORMED
      const keyStart = at + 1
      const keyEnd = skipString(bytes, keyStart) - 1
      if (keyEnd < 0) return MALFORMED
      at = skipBlanks(bytes, keyEnd + 1)
      if (bytes[at] !== COLON) return MALFORMED
      if (--this.#keysLeft < 0) return TOO_MANY_KEYS
      const start = skipBlanks(bytes, at + 1)
      const isResult = role === 'message' && isKey(bytes, keyStart, keyEnd, 'result')
      if (isResult) this.#isToolError = false
      const end = this.skipValue(start, depth, isResult ? 'result' : 'other')
      if (end < 0) return end
      if (isResult) this.#result = true
      else if (role !== 'other') this.#note(role, keyStart, keyEnd, start, end)
      at = skipBlanks(bytes, end)
      if (bytes[at] === CLOSE_BRACE) return at + 1
      if (bytes[at] !== COMMA) return MALFORMED
      at = skipBlanks(bytes, at + 1)
    }
  }

  #note(role: 'message' | 'result', keyStart: number, keyEnd: number, start: number, end: number): void {
    const bytes = this.#bytes
    if (role === 'result') {
      if (isKey(bytes, keyStart, keyEnd, 'isError')) this.#isToolError = bytes[start] === LETTER_T
    } else if (isKey(bytes, keyStart, keyEnd, 'id')) this.#id = readValue(bytes, start, end)
    else if (isKey(bytes, keyStart, keyEnd, 'error')) this.#error = true
    else if (isKey(bytes, keyStart, keyEnd, 'method')) this.#method = readValue(bytes, start, end)
  }
}

/** The value between two places, where JSON stands: mostly a small whole number. */
function readValue(bytes: Buffer, start: number, end: number): unknown {
  if (end - start > SMALL_DIGITS_MAX || skipDigits(bytes, start) !== end) return JSON.parse(bytes.toString('utf8', start, end))
  let number = 0
  for (let at = start; at < end; at++) number = number * 10 + bytes[at]! - ZERO
  return number
}

/** Whether a key, written as it stands there, means `word`, of which no character needs an escape. */
function isKey(bytes: Buffer, start: number, end: number, word: string): boolean {
  const length = end - start
  if (length === word.length) return skipWord(bytes, start, word) === end
  // The longest way to write a letter is `\u` with four digits.
  if (length < word.length || length > 6 * word.length) return false
  const text = bytes.toString('latin1', start, end)
  return text.includes('\\') && JSON.parse(`"${text}"`) === word
}
