import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readLines, type StdioLine } from './stdio-lines.ts'

async function linesOf(chunks: readonly (string | Buffer)[], bytesMax = 100): Promise<StdioLine[]> {
  const lines: StdioLine[] = []
  for await (const line of readLines(Readable.from(chunks, { objectMode: true }), bytesMax)) lines.push(line)
  return lines
}

describe('the lines of standard input', () => {
  it('are whole, wherever a chunk ends; empty ones and one without its end are none', async () => {
    const bytes = Buffer.from('{"a":1}\r\n\n  \n{"b":"grün 日本"}\n{"unfinished"')
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(await linesOf([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(['{"a":1}', '{"b":"grün 日本"}'])
  })

  it('are passed over when they are too long, and the next one is as ever', async () => {
    expect(await linesOf(['x'.repeat(101), 'x'.repeat(10_000), 'x\nnext\n', `${'y'.repeat(100)}\n`])).toEqual([
      null,
      'next',
      'y'.repeat(100),
    ])
  })
})
