import { LIMITS } from '#std/index.ts'
import { FieldBlock, readFields } from './field-block.ts'
import { ProtocolError } from './protocol-error.ts'

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const SEMICOLON = 0x3b
const DELETE = 0x7f
/** 1 TiB a chunk: far below where numbers become inexact. */
const SIZE_DIGITS_MAX = 10

const AT_SIZE = 0
const AT_EXTENSION = 1
const AT_SIZE_LF = 2
const AT_DATA = 3
const AT_DATA_CR = 4
const AT_DATA_LF = 5
const AT_TRAILERS = 6
const AT_END = 7

/** Reads the chunked transfer coding (RFC 9112 §7.1), as strictly as the grammar is written. */
export class ChunkedBody {
  /** Where in `bytes` the data of the last `read` stands. */
  dataStart = 0
  dataEnd = 0
  #state = AT_SIZE
  #size = 0
  #digits = 0
  #extensionBytes = 0
  readonly #trailers = new FieldBlock()

  get hasEnded(): boolean {
    return this.#state === AT_END
  }

  /**
   * Reads on from `at`; returns the place it came to: `end`, or the one after the body. The data of all chunks is moved
   * together within `bytes`, so that a server that sends byte by byte does not cost a call a byte.
   */
  read(bytes: Buffer, from: number, end: number): number {
    let at = from
    this.dataStart = this.dataEnd = from
    while (at < end && this.#state !== AT_END) {
      if (this.#state === AT_DATA) {
        const length = Math.min(this.#size, end - at)
        if (this.dataStart === this.dataEnd) this.dataStart = this.dataEnd = at
        else bytes.copyWithin(this.dataEnd, at, at + length)
        this.dataEnd += length
        at += length
        this.#size -= length
        if (this.#size === 0) this.#state = AT_DATA_CR
      } else if (this.#state === AT_TRAILERS) {
        at = this.#readTrailers(bytes, at, end)
      } else this.#readFraming(bytes[at++]!)
    }
    return at
  }

  #readFraming(byte: number): void {
    switch (this.#state) {
      case AT_SIZE:
        return this.#readSize(byte)
      case AT_EXTENSION:
        // Counted over the whole body: otherwise one byte of data could carry kilobytes that nobody counts.
        if (++this.#extensionBytes > LIMITS.headerBytesMax)
          throw new ProtocolError('HPE_CHUNK_EXTENSIONS_OVERFLOW', `more than ${LIMITS.headerBytesMax} bytes of chunk extensions`)
        if (byte === CR) this.#state = AT_SIZE_LF
        else if (byte < SPACE ? byte !== TAB : byte === DELETE) throw badChunk()
        return
      case AT_SIZE_LF:
        if (byte !== LF) throw badChunk()
        this.#state = this.#size === 0 ? AT_TRAILERS : AT_DATA
        return
      case AT_DATA_CR:
        if (byte !== CR) throw badChunk()
        this.#state = AT_DATA_LF
        return
      default:
        if (byte !== LF) throw badChunk()
        this.#state = AT_SIZE
        this.#digits = 0
    }
  }

  #readSize(byte: number): void {
    const digit = hexDigit(byte)
    if (digit >= 0) {
      if (++this.#digits > SIZE_DIGITS_MAX) throw badChunk()
      this.#size = this.#size * 16 + digit
    } else if (this.#digits > 0 && byte === CR) this.#state = AT_SIZE_LF
    else if (this.#digits > 0 && byte === SEMICOLON) this.#state = AT_EXTENSION
    else throw badChunk()
  }

  /** Trailers are checked like headers and then forgotten: nothing here may depend on them. */
  #readTrailers(bytes: Buffer, at: number, end: number): number {
    const next = this.#trailers.take(bytes, at, end)
    if (next === -1) return end
    readFields(this.#trailers.text, 0, () => undefined)
    this.#state = AT_END
    return next
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

const badChunk = (): ProtocolError => new ProtocolError('HPE_INVALID_CHUNK_SIZE', 'a chunk without valid size or end')
