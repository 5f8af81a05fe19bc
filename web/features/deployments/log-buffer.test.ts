import { describe, expect, it } from 'vitest'
import { createLogBuffer, type LogBuffer, shownText } from './log-buffer.ts'

const at = (second: number): string => new Date(Date.UTC(2026, 10, 21, 10, 0, second)).toISOString()
const told = (buffer: LogBuffer): Promise<void> => new Promise((resolve) => void buffer.subscribe(() => resolve()))
const texts = (buffer: LogBuffer): string[] => buffer.lines().map(({ text, isGap }) => (isGap ? 'GAP' : text))

async function filled(linesMax: number, steps: (buffer: LogBuffer) => void): Promise<LogBuffer> {
  const buffer = createLogBuffer(linesMax, 0)
  const done = told(buffer)
  steps(buffer)
  await done
  return buffer
}

describe('a log that is followed', () => {
  it('passes over what a new connection repeats, also lines of the same moment', async () => {
    const buffer = await filled(100, (log) => {
      log.connected()
      for (const [second, text] of [
        [1, 'a'],
        [2, 'b'],
        [2, 'b'],
      ] as const)
        log.add({ at: at(second), text })
      log.connected()
      for (const [second, text] of [
        [1, 'a'],
        [2, 'b'],
        [2, 'b'],
        [2, 'c'],
        [3, 'd'],
      ] as const)
        log.add({ at: at(second), text })
    })
    expect(texts(buffer)).toEqual(['a', 'b', 'b', 'c', 'd'])
  })

  it('says where lines may be missing', async () => {
    const buffer = await filled(100, (log) => {
      log.connected()
      log.add({ at: at(1), text: 'a' })
      log.connected()
      log.add({ at: at(9), text: 'z' })
    })
    expect(texts(buffer)).toEqual(['a', 'GAP', 'z'])
  })

  it('keeps the last lines only, twice as many while somebody reads', async () => {
    const fill = (isReading: boolean) => (log: LogBuffer) => {
      log.setReading(isReading)
      for (let line = 0; line < 5_000; line++) log.add({ at: at(1), text: String(line) })
    }
    const [following, reading] = [await filled(1_000, fill(false)), await filled(1_000, fill(true))]
    expect(following.lines().length).toBeLessThanOrEqual(1_256)
    expect(reading.lines().length).toBeGreaterThanOrEqual(2_000)
    expect(reading.lines().length).toBeLessThanOrEqual(2_256)
    expect(following.lines().at(-1)?.text).toBe('4999')
    expect(new Set(following.lines().map(({ id }) => id)).size).toBe(following.lines().length)
  })

  it('tells once for many lines', async () => {
    const buffer = createLogBuffer(1_000, 0)
    let times = 0
    buffer.subscribe(() => times++)
    const done = told(buffer)
    for (let line = 0; line < 500; line++) buffer.add({ at: at(1), text: 'x' })
    await done
    expect(times).toBe(1)
  })
})

describe('a line as it is shown', () => {
  it.each([
    ['\u001B[31mred\u001B[0m', 'red'],
    ['␛[31mred␛[0m', 'red'],
    ['␛ alone', '␛ alone'],
    ['a\u202Eb\u200B', 'a⟨U+202E⟩b⟨U+200B⟩'],
    ['<img onerror=x>', '<img onerror=x>'],
  ])('%j becomes %j', (text, shown) => expect(shownText(text)).toBe(shown))

  it('is bounded', () => expect(shownText('y'.repeat(1_000_000)).length).toBeLessThan(8_300))
})
