import { Problem } from '#std/index.ts'

const LF = 0x0a
const CR = 0x0d
const COLON = 0x3a
const SPACE = 0x20
/** What a line costs beyond its bytes, so that an event of a million empty lines is as bounded as a long one. */
const LINE_COST = 64
const NOTHING = Buffer.alloc(0)

export interface StreamEvent {
  /** `message` unless the stream says otherwise. */
  readonly type: string
  readonly data: string
}

/**
 * Frames the bytes of a `text/event-stream` body (WHATWG HTML, server-sent events) into events, in linear time and
 * with bounded memory. `push` throws `upstream-failed` for a line or event larger than `bytesMax`.
 */
export class EventStreamReader {
  /** Of the last complete event that had one; what `Last-Event-ID` repeats. */
  lastEventId: string | null = null
  /** How long the server wants a client to wait before it comes back. */
  retryMs: number | null = null

  readonly #onEvent: (event: StreamEvent) => void
  readonly #bytesMax: number
  #isFirstLine = true
  /** The last chunk ended in CR: an LF that follows belongs to it. */
  #skipsLf = false
  #line: Buffer[] = []
  #lineBytes = 0
  #data: Buffer[] = []
  #dataBytes = 0
  #type = ''
  #id: string | null = null

  constructor(onEvent: (event: StreamEvent) => void, bytesMax: number) {
    this.#onEvent = onEvent
    this.#bytesMax = bytesMax
  }

  push(chunk: Buffer): void {
    let start = this.#skipsLf && chunk[0] === LF ? 1 : 0
    if (chunk.length > 0) this.#skipsLf = false
    // Each kind of line end is searched for once over the chunk, however many lines there are of the other kind.
    let lf = chunk.indexOf(LF, start)
    let cr = chunk.indexOf(CR, start)
    while (lf !== -1 || cr !== -1) {
      const end = lf === -1 || (cr !== -1 && cr < lf) ? cr : lf
      this.#endLine(chunk.subarray(start, end))
      start = end + 1
      if (end === cr) {
        if (start === chunk.length) this.#skipsLf = true
        else if (chunk[start] === LF) start++
      }
      if (lf !== -1 && lf < start) lf = chunk.indexOf(LF, start)
      if (cr !== -1 && cr < start) cr = chunk.indexOf(CR, start)
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start))
  }

  #keep(part: Buffer): void {
    this.#lineBytes += part.length
    this.#refuseOver(this.#lineBytes)
    this.#line.push(part)
  }

  #endLine(tail: Buffer): void {
    let line = tail
    if (this.#line.length > 0) {
      this.#keep(tail)
      line = Buffer.concat(this.#line, this.#lineBytes)
      this.#line = []
      this.#lineBytes = 0
    }
    if (this.#isFirstLine) {
      this.#isFirstLine = false
      if (line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf) line = line.subarray(3)
    }
    if (line.length === 0) this.#endEvent()
    else if (line[0] !== COLON) this.#field(line)
  }

  #field(line: Buffer): void {
    const colon = line.indexOf(COLON)
    const name = line.toString('latin1', 0, Math.min(colon === -1 ? line.length : colon, 8))
    const value = colon === -1 ? NOTHING : line.subarray(line[colon + 1] === SPACE ? colon + 2 : colon + 1)
    if (name === 'data') {
      this.#dataBytes += value.length + LINE_COST
      this.#refuseOver(this.#dataBytes)
      this.#data.push(value)
    } else if (name === 'event') this.#type = value.toString('utf8')
    else if (name === 'id' && !value.includes(0)) this.#id = value.toString('utf8')
    else if (name === 'retry') this.retryMs = digits(value) ?? this.retryMs
  }

  #endEvent(): void {
    const parts = this.#data
    const type = this.#type === '' ? 'message' : this.#type
    if (this.#id !== null) this.lastEventId = this.#id
    this.#data = []
    this.#dataBytes = 0
    this.#type = ''
    const data = parts.length === 1 ? parts[0]!.toString('utf8') : parts.map((part) => part.toString('utf8')).join('\n')
    if (data !== '') this.#onEvent({ type, data })
  }

  #refuseOver(bytes: number): void {
    if (bytes > this.#bytesMax) throw new Problem('upstream-failed', `The server sent an event of more than ${this.#bytesMax} bytes.`)
  }
}

/** A number of at most nine digits; null for anything else. */
function digits(value: Buffer): number | null {
  const text = value.toString('latin1', 0, 10)
  return /^\d{1,9}$/.test(text) ? Number(text) : null
}
