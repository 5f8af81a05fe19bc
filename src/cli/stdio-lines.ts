import type { Readable } from 'node:stream'

/** A line without its end; null: it was longer than allowed and was passed over. */
export type StdioLine = string | null

const LF = 0x0a

/** The lines of a stream, one by one, each of at most `bytesMax` bytes. Empty ones are passed over. */
export async function* readLines(input: Readable, bytesMax: number): AsyncGenerator<StdioLine> {
  let held: Buffer[] = []
  let bytes = 0
  let isTooLong = false
  const take = (part: Buffer): void => {
    bytes += part.length
    isTooLong ||= bytes > bytesMax
    if (isTooLong) held = []
    else held.push(part)
  }
  for await (const chunk of input as AsyncIterable<Buffer | string>) {
    let rest = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    for (let end = rest.indexOf(LF); end >= 0; end = rest.indexOf(LF)) {
      take(rest.subarray(0, end))
      const line = isTooLong ? null : Buffer.concat(held).toString('utf8').trim()
      if (line !== '') yield line
      ;[held, bytes, isTooLong] = [[], 0, false]
      rest = rest.subarray(end + 1)
    }
    take(rest)
  }
}
