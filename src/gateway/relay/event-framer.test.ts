import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEventFramer } from './event-framer.ts'

/** Readers drop an event that no blank line ends; so do we. */
const TAIL = 'data: tail without end'
const STREAM = 'id: 1\ndata: {"a":1}\n\n: comment\n\nevent: message\r\ndata: one\r\ndata: two\r\n\r\ndata:x\r\r' + TAIL

function frame(chunks: readonly Buffer[]): { raw: string; data: (string | null)[] } {
  const data: (string | null)[] = []
  let raw = ''
  const framer = createEventFramer(1_000, (bytes, text) => {
    raw += bytes.toString('latin1')
    data.push(text)
  })
  for (const chunk of chunks) framer.push(chunk)
  return { raw, data }
}

describe('event framer', () => {
  it('finds every event and keeps every byte', () => {
    const { raw, data } = frame([Buffer.from(STREAM)])
    expect(data).toEqual(['{"a":1}', null, 'one\ntwo', 'x'])
    expect(raw + TAIL).toBe(STREAM)
  })

  it('gives the same for any cut of the stream', () => {
    const whole = frame([Buffer.from(STREAM)])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: STREAM.length - 1 }), { maxLength: 12 }), (cuts) => {
        const marks = [0, ...[...new Set(cuts)].toSorted((a, b) => a - b), STREAM.length]
        const chunks = marks.slice(1).map((end, index) => Buffer.from(STREAM.slice(marks[index], end)))
        expect(frame(chunks)).toEqual(whole)
      }),
    )
  })

  it('reads over a byte order mark at the start, and only there', () => {
    expect(frame([Buffer.from('\uFEFFdata: a\n\n\uFEFFdata: b\n\n')]).data).toEqual(['a', null])
  })

  it('refuses an event larger than allowed', () => {
    expect(() => frame([Buffer.from(`data: ${'x'.repeat(2_000)}`)])).toThrow(/larger than 1000 bytes/)
  })
})
