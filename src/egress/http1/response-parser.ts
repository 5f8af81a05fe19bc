import { LIMITS } from '#std/index.ts'
import { ChunkedBody } from './chunked-body.ts'
import { FieldBlock } from './field-block.ts'
import { ProtocolError } from './protocol-error.ts'
import { CHUNKED, readResponseHead, UNTIL_CLOSE, type ResponseHead, type ResponseHeaders } from './response-head.ts'

/** Receives one answer. */
export interface ResponseSink {
  onHead(status: number, headers: ResponseHeaders): void
  /** The bytes are the receiver's own. Return false for no more until told. */
  onData(chunk: Buffer): boolean
}

const STATUS_LINE_START = 'HTTP/1.'
/** A head up to this size is remembered. */
const KNOWN_HEAD_BYTES_MAX = 512

/**
 * Reads one answer after the other from the bytes of a connection, in linear time and in bounded memory. It does not
 * know where its bytes come from: `read` gives it some, `hasEnded` tells that the answer is complete.
 */
export class ResponseParser {
  /** The answer is complete. */
  hasEnded = true
  /** How long the connection may be kept after this answer; 0: not at all. */
  idleMs = 0
  /** Whether the last chunk was one too many for the receiver. */
  isHeld = false
  #sink: ResponseSink | null = null
  readonly #headLines = new FieldBlock()
  /** The last head that came in one piece, byte for byte, and what it says: a busy server sends the same for a second. */
  #knownBytes: Buffer | null = null
  #knownLength = 0
  #known: ResponseHead | null = null
  #interim = 0
  #hasHead = false
  #remaining = 0
  #chunks: ChunkedBody | null = null

  /** Begins with a new answer. */
  start(sink: ResponseSink): void {
    this.#sink = sink
    this.hasEnded = false
    this.isHeld = false
    this.#hasHead = false
    this.#interim = 0
  }

  /** Gives up in the middle: nothing is told any more. */
  stop(): void {
    this.#sink = null
    this.hasEnded = true
  }

  /**
   * Reads from the start of `bytes` to `end` and returns how far it came: less than `end` means that bytes follow which
   * nobody asked for. Parts of `bytes` may be overwritten. Throws `ProtocolError`.
   */
  read(bytes: Buffer, end: number): number {
    let at = 0
    while (!this.#hasHead) {
      at = this.#readHead(bytes, at, end)
      if (at === -1) return end
    }
    if (this.hasEnded) return at
    if (this.#chunks !== null) {
      const next = this.#chunks.read(bytes, at, end)
      this.#pass(bytes, this.#chunks.dataStart, this.#chunks.dataEnd)
      if (this.#chunks.hasEnded) this.hasEnded = true
      return next
    }
    if (this.#remaining === UNTIL_CLOSE) {
      this.#pass(bytes, at, end)
      return end
    }
    const next = Math.min(end, at + this.#remaining)
    this.#remaining -= next - at
    this.#pass(bytes, at, next)
    if (this.#remaining === 0) this.hasEnded = true
    return next
  }

  /** The connection has ended properly: tells whether the answer is complete by that. */
  readEnd(): boolean {
    if (this.#hasHead && this.#chunks === null && this.#remaining === UNTIL_CLOSE) this.hasEnded = true
    return this.hasEnded
  }

  /** Reads one head; returns the place after it, or -1 when it is not complete. Interim answers are skipped. */
  #readHead(bytes: Buffer, at: number, end: number): number {
    const lines = this.#headLines
    const pendingBefore = lines.pending.length
    if (pendingBefore === 0 && this.#isKnown(bytes, at, end)) {
      this.#begin(this.#known!)
      return at + this.#knownLength
    }
    const next = lines.take(bytes, at, end)
    if (next === -1) {
      // Whoever answers a greeting of another protocol is recognized by it, not by the deadline.
      if (pendingBefore < STATUS_LINE_START.length && !startsLikeStatusLine(lines.pending))
        throw new ProtocolError('HPE_INVALID_CONSTANT', 'the answer is not HTTP/1.1')
      return -1
    }
    const head = readResponseHead(lines.text)
    if (head.status < 200) {
      if (head.status === 101) throw new ProtocolError('HPE_INVALID_STATUS', 'a switch of protocols that was not asked for')
      if (++this.#interim > LIMITS.upstreamInterimAnswersMax)
        throw new ProtocolError('HPE_HEADER_OVERFLOW', `more than ${LIMITS.upstreamInterimAnswersMax} interim answers`)
      return next
    }
    if (pendingBefore === 0) this.#remember(head, bytes, at, next)
    this.#begin(head)
    return next
  }

  /** Whether a whole head stands here that was read before: what the same bytes say is the same. */
  #isKnown(bytes: Buffer, at: number, end: number): boolean {
    const length = this.#knownLength
    return length !== 0 && end - at >= length && this.#knownBytes!.compare(bytes, at, at + length, 0, length) === 0
  }

  #remember(head: ResponseHead, bytes: Buffer, at: number, next: number): void {
    this.#knownLength = 0
    if (next - at > KNOWN_HEAD_BYTES_MAX) return
    this.#knownBytes ??= Buffer.allocUnsafeSlow(KNOWN_HEAD_BYTES_MAX)
    this.#knownLength = bytes.copy(this.#knownBytes, 0, at, next)
    this.#known = head
  }

  #begin({ status, headers, bodyLength, idleMs }: ResponseHead): void {
    this.#hasHead = true
    this.idleMs = idleMs
    this.#remaining = bodyLength
    this.#chunks = bodyLength === CHUNKED ? new ChunkedBody() : null
    this.#sink?.onHead(status, headers)
    if (bodyLength === 0) this.hasEnded = true
  }

  #pass(bytes: Buffer, start: number, end: number): void {
    if (start === end || this.#sink === null) return
    const chunk = Buffer.allocUnsafe(end - start)
    bytes.copy(chunk, 0, start, end)
    if (!this.#sink.onData(chunk)) this.isHeld = true
  }
}

const startsLikeStatusLine = (text: string): boolean =>
  text.length < STATUS_LINE_START.length ? STATUS_LINE_START.startsWith(text) : text.startsWith(STATUS_LINE_START)
