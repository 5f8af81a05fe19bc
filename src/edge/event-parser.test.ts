import { describe, expect, it } from 'vitest'
import { createEventParser, type StreamedEvent } from './event-parser.ts'

function parse(...chunks: readonly (Buffer | string)[]): StreamedEvent[] {
  const events: StreamedEvent[] = []
  const parser = createEventParser((event) => events.push(event))
  for (const chunk of chunks) parser.push(chunk)
  return events
}

const dataOf = (...chunks: readonly (Buffer | string)[]): string[] => parse(...chunks).flatMap(({ data }) => (data === '' ? [] : [data]))

describe('the parser of event streams', () => {
  it('gives the data of each event, whatever ends its lines', () => {
    for (const eol of ['\n', '\r\n', '\r'])
      expect(
        dataOf(['event: message', 'data: {"a":1}', '', 'data:b', 'data: c', '', ': alive', '', 'data: d', '', '\n'].join(eol)),
      ).toEqual(['{"a":1}', 'b\nc', 'd'])
  })

  it('does not mind where a chunk ends, within a character neither', () => {
    const bytes = Buffer.from('data: grün\r\n\r\ndata: 日本\n\n')
    for (let cut = 0; cut <= bytes.length; cut++) expect(dataOf(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(['grün', '日本'])
  })

  it('remembers what a stream is taken up again with', () => {
    expect(
      parse('id: 7\nretry: 250\ndata: a\n\n', 'data: b\n\n', 'id: 8\ndata:\n\n').map(({ lastId, retryMs }) => [lastId, retryMs]),
    ).toEqual([
      ['7', 250],
      ['7', 250],
      ['8', 250],
    ])
    expect(parse('retry: soon\ndata: a\n\n')[0]?.retryMs).toBeNull()
  })

  it('takes time in proportion to the length, and not more than an event may have', () => {
    const startedAt = performance.now()
    expect(dataOf(`${'data: x\n'.repeat(500_000)}\n`)[0]).toHaveLength(999_999)
    expect(performance.now() - startedAt).toBeLessThan(3_000)
    expect(() => parse('data: ', 'x'.repeat(20_000_000))).toThrow(/larger than/)
  })
})
