import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { decodeEvent, encodeEvent } from './event-text.ts'
import type { AuditEvent, FlightStep } from './model.ts'
import { NOON_MS, sampleEvent } from './testing.ts'
import { EVENT_BYTES_MAX, writeEvent } from './write-event.ts'

/** RFC 8785 the slow way: sorted keys, ECMAScript's own literals. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`
}

const text = fc.string({ unit: 'binary', maxLength: 40 })
const whole = fc.integer({ min: 0, max: 2 ** 40 })
const anyEvent = fc.record({
  id: text, atMs: fc.integer({ min: 0, max: NOON_MS * 2 }), tenant: text, kind: fc.constantFrom('call', 'admin', 'system'), actorId: text,
  actorKind: text, actorName: text, endpoint: text, deployment: text, method: text, target: text, era: text,
  verdict: fc.constantFrom('allow', 'deny'), rule: text, outcome: text, status: whole, bytesIn: whole, bytesOut: whole, us: whole, bodySha256: text,
  steps: fc.array(fc.record({ name: fc.constantFrom('identify', 'forward'), us: whole, note: text }, { requiredKeys: ['name', 'us'] }), { maxLength: 5 }),
}) as fc.Arbitrary<AuditEvent> // prettier-ignore

describe('the text of an event', () => {
  it('is canonical JSON on one line, whatever the event holds', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const { atMs, ...rest } = event
        const steps = event.steps.map(({ name, us, note }) => (note === undefined ? [name, us] : [name, us, note]))
        const line = encodeEvent(event)
        expect(line).toBe(canonical({ ...rest, steps, at: new Date(atMs).toISOString() }))
        expect(line).not.toContain('\n')
        expect(decodeEvent(line)?.event).toEqual(event)
      }),
    )
  })

  it('is written where it belongs, and nowhere else', () => {
    const buffer = Buffer.alloc(EVENT_BYTES_MAX + 200)
    fc.assert(
      fc.property(anyEvent, fc.nat(100), (event, from) => {
        buffer.fill(0xff)
        const end = writeEvent(event, buffer, from)
        expect(buffer.toString('utf8', from, end)).toBe(encodeEvent(event))
        expect(buffer.subarray(0, from).every((byte) => byte === 0xff)).toBe(true)
        expect(buffer.subarray(end, end + 100).every((byte) => byte === 0xff)).toBe(true)
      }),
    )
  })

  it('has numbers of any length', () => {
    for (const us of [0, -0, 9, 10, 99, 100, 1e9, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1, -1, -(2 ** 53) + 1])
      expect(decodeEvent(encodeEvent(sampleEvent({ us })))?.event.us).toBe(us + 0)
    for (const atMs of [0, 1, 999, 1_000, NOON_MS + 7, NOON_MS + 70, NOON_MS + 700, -1])
      expect(decodeEvent(encodeEvent(sampleEvent({ atMs })))?.event.atMs).toBe(atMs)
  })

  it('writes lone surrogates, infinities and fractions as something that JSON and every database can hold', () => {
    const line = encodeEvent(sampleEvent({ target: 'a\ud800b\0', us: Number.NaN, bytesIn: Infinity, bytesOut: 1.6 }))
    expect(decodeEvent(line)?.event).toMatchObject({ target: 'a\ufffdb\0', us: 0, bytesIn: 0, bytesOut: 2 })
    expect(line).not.toContain('\0')
  })

  it('cuts what a caller made too long, so that any event fits the slab of the spool', () => {
    const long = '\u0001'.repeat(LIMITS.auditTextLengthMax * 10)
    const texts = [
      'id',
      'tenant',
      'kind',
      'actorId',
      'actorKind',
      'actorName',
      'endpoint',
      'deployment',
      'method',
      'target',
      'era',
      'verdict',
      'rule',
      'outcome',
      'bodySha256',
    ]
    const steps = Array.from({ length: 100 }, () => ({ name: long, us: -1.7976931348623157e308, note: long })) as unknown as FlightStep[]
    const line = encodeEvent(sampleEvent({ ...Object.fromEntries(texts.map((name) => [name, long])), steps }))
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(EVENT_BYTES_MAX)
    expect(Buffer.byteLength(line)).toBeGreaterThan(EVENT_BYTES_MAX * 0.9)
    expect(EVENT_BYTES_MAX * 2).toBeLessThan(LIMITS.spoolSlabBytes)
    expect(EVENT_BYTES_MAX).toBeLessThan(LIMITS.drainBatchBytesMax)
    const short = steps.map((step) => ({ ...step, us: 1 }))
    const event = decodeEvent(encodeEvent(sampleEvent({ target: long, steps: short })))?.event
    expect(event?.target).toHaveLength(LIMITS.auditTextLengthMax)
    expect(event?.steps).toHaveLength(LIMITS.auditStepsMax)
  })

  it('is not read from anything else', () => {
    const good = JSON.parse(encodeEvent(sampleEvent())) as Record<string, unknown>
    for (const bad of ['', '{}', '[]', 'null', '\0\0\0', JSON.stringify(good).slice(0, -1)]) expect(decodeEvent(bad)).toBeNull()
    for (const change of [{ at: 'noon' }, { id: 1 }, { us: '1' }, { status: 1.5 }, { steps: {} }, { tenant: undefined }]) {
      expect(decodeEvent(JSON.stringify({ ...good, ...change }))).toBeNull()
    }
    expect(decodeEvent(JSON.stringify({ ...good, later: 'a field of a newer version' }))).not.toBeNull()
  })
})
