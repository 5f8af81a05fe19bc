const NEWLINE = 0x0a

/**
 * Cuts a byte stream into lines. A line of more than `bytesMax` bytes is never held: `onTooLong` is told once and the
 * rest of the line is dropped.
 */
export function createLineReader(bytesMax: number, onLine: (line: string) => void, onTooLong: () => void): (chunk: Buffer) => void {
  let parts: Buffer[] = []
  let size = 0
  let isSkipping = false
  const take = (part: Buffer): void => {
    if (isSkipping) return
    size += part.length
    if (size > bytesMax) {
      isSkipping = true
      parts = []
      onTooLong()
    } else parts.push(part)
  }
  const finish = (): void => {
    const line = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    const wasSkipped = isSkipping
    parts = []
    size = 0
    isSkipping = false
    if (!wasSkipped) onLine(line.toString('utf8'))
  }
  return (chunk) => {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      take(chunk.subarray(start, end))
      finish()
      start = end + 1
    }
    if (start < chunk.length) take(chunk.subarray(start))
  }
}
