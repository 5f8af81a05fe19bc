import { isUtf8 } from 'node:buffer'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type EventFacts, readFacts } from './read-facts.ts'

const LINE_END = 0x0a
/** How much is made a text at a time. Large texts live outside the young part of the heap, where getting rid of them is dear. */
const TEXT_BYTES = 32 * 1024
/** After how much of it calls get their turn. */
const TURN_BYTES = 128 * 1024

/**
 * Reads the lines in `bytes` from one place to another, blank ones left out. `onBad` is told of each that is no event, or
 * not UTF-8: bytes that are no text could not be stored as they are.
 */
export async function decodeLines(bytes: Buffer, from: number, to: number, onBad: () => void): Promise<EventFacts[]> {
  const events: EventFacts[] = []
  const take = (line: string | null, start: number, end: number): void => {
    const facts = line === null ? null : readFacts(line, start, end)
    if (facts === null) onBad()
    else events.push(facts)
  }
  let turnAt = from + TURN_BYTES
  for (let start = from, end = from; start < to; start = end) {
    if (start >= turnAt) {
      await nextTurn()
      turnAt = start + TURN_BYTES
    }
    end = endOfText(bytes, start, to)
    const text = bytes.toString('utf8', start, end)
    // As many units as bytes: places in the text are places in the bytes.
    if (text.length === end - start && !text.includes('\ufffd')) takeText(text, start, take)
    else takeBytes(bytes, start, end, take)
  }
  return events
}

/** Behind the last line that ends in the next `TEXT_BYTES`, or behind the first one when that is longer. */
function endOfText(bytes: Buffer, start: number, to: number): number {
  if (to - start <= TEXT_BYTES) return to
  const last = bytes.lastIndexOf(LINE_END, start + TEXT_BYTES - 1)
  const end = last >= start ? last : bytes.indexOf(LINE_END, start + TEXT_BYTES)
  return end === -1 || end >= to ? to : end + 1
}

type Take = (line: string | null, start: number, end: number) => void

function takeText(text: string, base: number, take: Take): void {
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf('\n', start)
    if (end === -1) end = text.length
    if (end > start) take(text.slice(start, end), base + start, base + end)
  }
}

function takeBytes(bytes: Buffer, from: number, to: number, take: Take): void {
  for (let start = from, end = from; start < to; start = end + 1) {
    end = bytes.indexOf(LINE_END, start)
    if (end === -1 || end > to) end = to
    if (end > start) take(isUtf8(bytes.subarray(start, end)) ? bytes.toString('utf8', start, end) : null, start, end)
  }
}
