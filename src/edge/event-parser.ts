import { StringDecoder } from 'node:string_decoder'
import { LIMITS } from '#std/index.ts'

/** One event of an answer that streams. */
export interface StreamedEvent {
  /** The lines of its data, joined; empty where it has none. */
  readonly data: string
  /** The identifier by which a stream is taken up again; null: none so far. */
  readonly lastId: string | null
  /** What the stream asks its client to wait before that, in milliseconds; null: nothing. */
  readonly retryMs: number | null
}

/** Takes an event stream apart again that was written for a reader of HTTP (WHATWG HTML, server-sent events). */
export interface EventParser {
  /** Throws a plain error when one event is larger than any that may be written here: that would be a defect of ours. */
  push(chunk: Buffer | string): void
}

export function createEventParser(onEvent: (event: StreamedEvent) => void): EventParser {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let data: string[] = []
  let lastId: string | null = null
  let retryMs: number | null = null
  let heldLength = 0

  const endOfEvent = (): void => {
    onEvent({ data: data.join('\n'), lastId, retryMs })
    data = []
    heldLength = 0
  }
  const takeLine = (line: string): void => {
    if (line === '') return endOfEvent()
    const colon = line.indexOf(':')
    // A comment, which keeps the line alive.
    if (colon === 0) return
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') {
      heldLength += value.length
      data.push(value)
    } else if (field === 'id' && !value.includes('\0')) lastId = value
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) retryMs = Number(value)
  }

  return {
    push(chunk) {
      const text = rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk))
      let start = 0
      let lf = text.indexOf('\n')
      let cr = text.indexOf('\r')
      for (;;) {
        // Each is looked for from where it was found last, so that a long text is passed over once.
        if (lf >= 0 && lf < start) lf = text.indexOf('\n', start)
        if (cr >= 0 && cr < start) cr = text.indexOf('\r', start)
        const isCr = cr >= 0 && (lf < 0 || cr < lf)
        const end = isCr ? cr : lf
        // A CR at the very end may be half of a CR LF: it waits.
        if (end < 0 || (isCr && cr + 1 === text.length)) break
        takeLine(text.slice(start, end))
        start = isCr && text[cr + 1] === '\n' ? end + 2 : end + 1
      }
      rest = text.slice(start)
      if (heldLength + rest.length > LIMITS.eventBytesMax) throw new Error(`an event is larger than ${LIMITS.eventBytesMax} bytes`)
    },
  }
}
