import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventStreamReader, type StreamEvent } from './event-stream.ts'

function read(chunks: readonly Buffer[], bytesMax = 1_000_000): { events: StreamEvent[]; reader: EventStreamReader } {
  const events: StreamEvent[] = []
  const reader = new EventStreamReader((event) => void events.push(event), bytesMax)
  for (const chunk of chunks) reader.push(chunk)
  return { events, reader }
}
const readText = (text: string): StreamEvent[] => read([Buffer.from(text)]).events

describe('an event stream', () => {
  it('is read as the standard says', () => {
    expect(readText('data: one\n\n')).toEqual([{ type: 'message', data: 'one' }])
    expect(readText('event: note\ndata:one\ndata:  two\n\n')).toEqual([{ type: 'note', data: 'one\n two' }])
    expect(readText(': comment\n\ndata\ndata: x\n\n')).toEqual([{ type: 'message', data: '\nx' }])
    expect(readText('\uFEFFdata: x\n\n')).toEqual([{ type: 'message', data: 'x' }])
    expect(readText('event: lost\n\ndata: x\n\n')).toEqual([{ type: 'message', data: 'x' }])
    expect(readText('data: unfinished\n')).toEqual([])
    expect(readText('database: x\ndata : y\n\n')).toEqual([])
    expect(readText('data: größer ✓\n\n')).toEqual([{ type: 'message', data: 'größer ✓' }])
  })

  it('remembers the last id and the wished wait, and no broken ones', () => {
    const { reader } = read([Buffer.from('id: 7\nretry: 250\ndata:\n\nid: a\0b\nretry: soon\ndata: x\n\nid: never complete\n')])
    expect(reader).toMatchObject({ lastEventId: '7', retryMs: 250 })
  })

  it('reads the same whichever line ends it has and wherever it is cut', () => {
    const lines = ['data: {"a":1}', '', ': ping', '', 'event: x', 'data: one', 'data: ✓ two', 'id: 9', '', '']
    const expected = readText(lines.join('\n'))
    expect(expected).toHaveLength(2)
    const property = fc.property(
      fc.oneof(fc.constant(Array.from({ length: 9 }, () => '\r')), fc.array(fc.constantFrom('\n', '\r\n'), { minLength: 9, maxLength: 9 })),
      fc.array(fc.nat(80), { maxLength: 6 }),
      (ends, cuts) => {
        const bytes = Buffer.from(
          lines
            .slice(0, 9)
            .map((line, index) => line + ends[index]!)
            .join(''),
        )
        const marks = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length]
        const { events, reader } = read(marks.slice(1).map((mark, index) => bytes.subarray(marks[index], mark)))
        expect(events).toEqual(expected)
        expect(reader.lastEventId).toBe('9')
      },
    )
    fc.assert(property, { numRuns: 300 })
  })

  it('refuses a line, an event and a heap of empty lines above the bound', () => {
    expect(() => read([Buffer.from(`data: ${'x'.repeat(2_000)}`)], 1_000)).toThrow('more than 1000 bytes')
    expect(() => read([Buffer.from('data: xxxxxxxx\n'.repeat(200))], 1_000)).toThrow('more than 1000 bytes')
    expect(() => read([Buffer.from('data\n'.repeat(200))], 1_000)).toThrow('more than 1000 bytes')
    expect(read([Buffer.from('data: x\n\n'.repeat(200))], 1_000).events).toHaveLength(200)
  })

  it('takes time in proportion to the bytes, also for one long line in small pieces', () => {
    // Joining the pieces again and again would copy more than 100 GB here.
    const piece = Buffer.alloc(1_024, 'x')
    const startedMs = performance.now()
    const { events } = read([Buffer.from('data: '), ...Array.from({ length: 16_000 }, () => piece), Buffer.from('\n\n')], 64_000_000)
    expect(events[0]?.data).toHaveLength(16_000 * 1_024)
    expect(performance.now() - startedMs).toBeLessThan(5_000)
  })
})
