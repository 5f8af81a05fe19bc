import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { draftBlocks } from './block.ts'
import { decodeLines } from './decode-lines.ts'
import { encodeEvent } from './event-text.ts'
import { readFacts } from './read-facts.ts'
import { NOON_MS, sampleEvent } from './testing.ts'

const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('x'.repeat(1_000), '\u4e2d'),
)
const event = fc
  .record({ target: text, rule: text, us: fc.nat(), atMs: fc.integer({ min: 0, max: 9_000 }) })
  .map(({ atMs, ...rest }) => encodeEvent(sampleEvent({ ...rest, atMs: NOON_MS + atMs })))
const line = fc.oneof({ weight: 9, arbitrary: event }, fc.constantFrom('', '{}', 'no event', '\ufffd'))

async function decode(bytes: Buffer, from = 0, to = bytes.length) {
  let bad = 0
  const events = await decodeLines(bytes, from, to, () => bad++)
  return { events, bad }
}

describe('the lines of a spool file', () => {
  it('are read as one by one, and lie where they are said to', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 120 }), fc.nat(30), async (lines, margin) => {
        const body = Buffer.from(lines.map((each) => `${each}\n`).join(''))
        const bytes = Buffer.concat([Buffer.alloc(margin, 'x'), body, Buffer.alloc(margin, 'y')])
        const { events, bad } = await decode(bytes, margin, margin + body.length)
        const whole = lines.filter((each) => readFacts(each) !== null)
        expect(events.map(({ from, to }) => bytes.toString('utf8', from, to))).toEqual(whole)
        expect(events).toEqual(whole.map((each, i) => readFacts(each, events[i]!.from, events[i]!.to)))
        expect(bad).toBe(lines.filter((each) => each !== '' && readFacts(each) === null).length)
      }),
      { numRuns: 60 },
    )
  })

  it('are left out when they are no UTF-8, whatever stands beside them', async () => {
    const [good, other] = [encodeEvent(sampleEvent({ target: '\u4e2d' })), encodeEvent(sampleEvent({ rule: 'ab' }))]
    const broken = Buffer.from(`${other}\n`)
    broken[broken.indexOf('"ab"') + 1] = 0xff
    for (const neighbour of [good, encodeEvent(sampleEvent())]) {
      const { events, bad } = await decode(Buffer.concat([Buffer.from(`${neighbour}\n`), broken, Buffer.from(`${other}\n`)]))
      expect({ count: events.length, bad }).toEqual({ count: 2, bad: 1 })
    }
  })

  it('make blocks that hold them in the order of time, whatever the order they lie in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 40 }), async (lines) => {
        const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''))
        const { events } = await decode(bytes)
        events.sort((a, b) => a.atMs - b.atMs)
        const wanted = events.map(({ from, to }) => bytes.toString('utf8', from, to))
        const blocks = await draftBlocks(events, { bytes, room: Buffer.alloc(bytes.length) })
        expect(blocks.flatMap(({ body }) => body.toString().split('\n'))).toEqual(wanted)
        expect(blocks.map(({ body }) => body.toString().split('\n').length)).toEqual(blocks.map(({ count }) => count))
        for (const { fromMs, toMs } of blocks) expect(toMs - fromMs).toBeLessThanOrEqual(LIMITS.auditBlockMsMax)
      }),
      { numRuns: 60 },
    )
  })
})
