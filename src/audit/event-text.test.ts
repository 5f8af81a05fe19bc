import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '#std/index.ts'
import { decodeEvent, encodeEvent } from './event-text.ts'
import type { AuditEvent } from './model.ts'
import { NOON_MS, sampleEvent } from './testing.ts'

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
      'actorId',
      'actorKind',
      'actorName',
      'endpoint',
      'deployment',
      'method',
      'target',
      'era',
      'rule',
      'outcome',
      'bodySha256',
    ]
    const steps = Array.from({ length: 100 }, () => ({ name: 'forward', us: 1, note: long }) as const)
    const line = encodeEvent(sampleEvent({ ...Object.fromEntries(texts.map((name) => [name, long])), steps }))
    expect(line.length * 3).toBeLessThan(LIMITS.spoolSlabBytes)
    const event = decodeEvent(line)?.event
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
