import { LIMITS } from '#std/index.ts'
import { ProtocolError } from './protocol-error.ts'

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const DELETE = 0x7f
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** Bytes of a line: no control character but the tab (RFC 9110 §5.5). */
const TEXT = Uint8Array.from({ length: 256 }, (_, byte) => (byte === TAB || (byte >= SPACE && byte !== DELETE) ? 1 : 0))

/**
 * Collects the lines of a head or of trailers up to the empty line that ends them. Every byte is looked at once, however
 * the block was cut: lines end in CRLF and nothing else, and there is no control character in them but the tab.
 */
export class FieldBlock {
  /** The whole lines, each with its CRLF, once `take` has found the end. */
  text = ''
  #before = ''
  #lineLength = 0
  #isAfterCr = false

  /** Reads on from `at`; returns the place after the block, or -1 when it does not end before `end`. */
  take(bytes: Buffer, at: number, end: number): number {
    const stop = Math.min(end, at + LIMITS.headerBytesMax - this.#before.length)
    let lineStart = at - this.#lineLength
    let isAfterCr = this.#isAfterCr
    for (let i = at; i < stop; i++) {
      if (isAfterCr) {
        if (bytes[i] !== LF) throw new ProtocolError('HPE_INVALID_HEADER_TOKEN', 'a carriage return stands alone')
        isAfterCr = false
        if (i - 1 === lineStart) return this.#finish(bytes, at, i + 1)
        lineStart = i + 1
        continue
      }
      i = skipText(bytes, i, stop)
      if (i === stop) break
      if (bytes[i] !== CR) throw loneControl(bytes[i]!)
      isAfterCr = true
    }
    if (stop < end) throw new ProtocolError('HPE_HEADER_OVERFLOW', `more than ${LIMITS.headerBytesMax} bytes of headers`)
    this.#before += bytes.toString('latin1', at, end)
    this.#lineLength = end - lineStart
    this.#isAfterCr = isAfterCr
    return -1
  }

  /** What came so far of a block that has not ended. */
  get pending(): string {
    return this.#before
  }

  #finish(bytes: Buffer, at: number, end: number): number {
    this.text =
      this.#before === '' ? bytes.toString('latin1', at, end - 2) : (this.#before + bytes.toString('latin1', at, end)).slice(0, -2)
    this.#before = ''
    this.#lineLength = 0
    this.#isAfterCr = false
    return end
  }
}

/** A function of its own: as a loop within a loop V8 makes code of it that takes twice as long. */
function skipText(bytes: Buffer, from: number, stop: number): number {
  let at = from
  while (at < stop && TEXT[bytes[at]!] === 1) at++
  return at
}

function loneControl(byte: number): ProtocolError {
  return new ProtocolError('HPE_INVALID_HEADER_TOKEN', byte === LF ? 'a line feed stands alone' : 'a control character in a header')
}

/**
 * Calls `onField` with the lower-case name and the value of every line from `at` on. A folded line, a blank before the
 * colon (RFC 9112 §5.1, §5.2) and a name that is no token are refused, all by the same check of the name.
 */
export function readFields(text: string, at: number, onField: (name: string, value: string) => void): void {
  let lineStart = at
  for (let count = 0; lineStart < text.length; count++) {
    if (count === LIMITS.headersMax) throw new ProtocolError('HPE_HEADER_OVERFLOW', `more than ${LIMITS.headersMax} headers`)
    const lineEnd = text.indexOf('\r\n', lineStart)
    const colon = text.indexOf(':', lineStart)
    const name = text.slice(lineStart, colon)
    if (colon === -1 || colon > lineEnd || !TOKEN.test(name)) {
      throw new ProtocolError('HPE_INVALID_HEADER_TOKEN', 'a header line without a valid name')
    }
    onField(name.toLowerCase(), trimBlanks(text, colon + 1, lineEnd))
    lineStart = lineEnd + 2
  }
}

export const isToken = (text: string): boolean => TOKEN.test(text)

/** Only these two are blanks here: `trim` would also take a no-break space, which is data. */
function trimBlanks(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

const isBlank = (code: number): boolean => code === SPACE || code === TAB
