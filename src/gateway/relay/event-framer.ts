import { Problem } from '#std/index.ts'

const LF = 0x0a
const CR = 0x0d
const EMPTY = Buffer.alloc(0)

/** Cuts a `text/event-stream` body into its blocks without changing a byte of it (WHATWG HTML, server-sent events). */
export interface EventFramer {
  /** Throws `upstream-failed` when one event is larger than allowed. */
  push(chunk: Buffer): void
}

/** Of CR LF CR LF, this much may end one chunk while the rest begins the next. */
const OVERLAP_BYTES = 3

/** `onEvent` gets each block as it came, with the blank line that ends it, and the text of its data. */
export function createEventFramer(bytesMax: number, onEvent: (raw: Buffer, data: string | null) => void): EventFramer {
  /** The block that is not complete: chunks without a blank line, and their last bytes, which the next search begins with. */
  let held: Buffer[] = []
  let heldBytes = 0
  let overlap: Buffer = EMPTY
  let isFirst = true
  return {
    push(chunk) {
      let view = overlap.length === 0 ? chunk : Buffer.concat([overlap, chunk])
      for (let end = endOfBlock(view); end >= 0; end = endOfBlock(view)) {
        const raw = held.length === 0 ? view.subarray(0, end) : Buffer.concat([...held, view.subarray(0, end)])
        held = []
        heldBytes = 0
        view = view.subarray(end)
        onEvent(raw, dataOf(raw, isFirst))
        isFirst = false
      }
      const kept = Math.max(0, view.length - OVERLAP_BYTES)
      if (kept > 0) held.push(view.subarray(0, kept))
      heldBytes += kept
      overlap = view.subarray(kept)
      if (heldBytes > bytesMax) throw new Problem('upstream-failed', `One event of its stream is larger than ${bytesMax} bytes.`)
    },
  }
}

/** The index after the first blank line, or -1. A lone CR at the very end may be half of a CR LF: it waits. */
function endOfBlock(bytes: Buffer): number {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte !== LF && byte !== CR) continue
    const next = byte === CR && bytes[i + 1] === LF ? i + 2 : i + 1
    if (byte === CR && next === i + 1 && next === bytes.length) return -1
    const after = bytes[next]
    if (after === LF) return next + 1
    if (after === CR) {
      if (next + 1 === bytes.length) return -1
      return bytes[next + 1] === LF ? next + 2 : next + 1
    }
  }
  return -1
}

/** A byte order mark counts at the start of the stream only. */
function dataOf(raw: Buffer, isFirst: boolean): string | null {
  if (!raw.includes('data')) return null
  const text = raw.toString('utf8')
  const lines = (isFirst && text.startsWith('\uFEFF') ? text.slice(1) : text)
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => (line[5] === ' ' ? line.slice(6) : line.slice(5)))
  return lines.length === 0 ? null : lines.join('\n')
}
