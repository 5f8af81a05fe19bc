import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeEvent, encodeEvent } from './event-text.ts'
import type { AuditEvent } from './model.ts'
import { readFacts } from './read-facts.ts'
import { NOON_MS, sampleEvent } from './testing.ts'

const plain = fc.string({ maxLength: 20 })
const text = fc.oneof(
  plain,
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('],"target":"x', '","id":"evt_1', '\u2028', '\x7f'),
)
const whole = fc.oneof(fc.integer({ min: 0, max: 2 ** 40 }), fc.constantFrom(-1, 2 ** 53 - 1, 1e15, -0))
const anyEvent = fc.record({
  id: text, atMs: fc.integer({ min: 0, max: NOON_MS * 2 }), tenant: text, kind: text, actorId: text, actorKind: text, actorName: text,
  endpoint: text, deployment: text, method: text, target: text, era: text, verdict: text, rule: text, outcome: text,
  status: whole, bytesIn: whole, bytesOut: whole, us: whole, bodySha256: text,
  steps: fc.array(fc.record({ name: text, us: whole, note: text }, { requiredKeys: ['name', 'us'] }), { maxLength: 5 }),
}) as unknown as fc.Arbitrary<AuditEvent> // prettier-ignore

/** The same facts, the slow way. */
function decoded(line: string): unknown {
  const event = decodeEvent(line)?.event
  if (event === undefined) return null
  const { id, atMs, tenant, kind, actorId, actorKind, endpoint, deployment, method, target, verdict, outcome, us } = event
  return { from: 0, to: 0, id, atMs, tenant, kind, actorId, actorKind, endpoint, deployment, method, target, verdict, outcome, us }
}

describe('the facts of an event', () => {
  it('are those of its text, whatever it holds', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const line = encodeEvent(event)
        expect(readFacts(line)).toEqual(decoded(line))
      }),
    )
  })

  it('are read exactly where the whole event can be read, however the text is damaged', () => {
    const line = encodeEvent(sampleEvent({ rule: 'a rule' }))
    const damage = fc.record({ at: fc.nat(line.length), cut: fc.nat(3), insert: fc.string({ unit: 'binary', maxLength: 2 }) })
    fc.assert(
      fc.property(damage, ({ at, cut, insert }) => {
        const damaged = line.slice(0, at) + insert + line.slice(at + cut)
        expect(readFacts(damaged)).toEqual(decoded(damaged))
      }),
      { numRuns: 2_000 },
    )
    for (const change of ['\0', '\n', '\\', '"', '\\u0041', '\ud800', ',', '[]', '00', '1e5']) {
      for (const place of ['a rule', '200', '"deny"', '[3,', '3,', '"us":512', '12:00:00', '2026-11-21'])
        expect(readFacts(line.replace(place, change))).toEqual(decoded(line.replace(place, change)))
    }
    expect(readFacts(line.replace('12:00:00', '24:00:00'))).toEqual(decoded(line.replace('12:00:00', '24:00:00')))
    expect(readFacts(`${line.slice(0, -1)},"zeal":1}`)).toEqual(decoded(`${line.slice(0, -1)},"zeal":1}`))
    for (const bad of ['', '{}', 'null', '\0\0\0', `${line}\n${line}`, `${line} x`]) expect(readFacts(bad)).toBeNull()
  })

  it('are found out about a long text in a time that grows with its length only', () => {
    const [open] = encodeEvent(sampleEvent()).split('"target"')
    const long = `${open!}"target":"${'["a",1],'.repeat(50_000)}`
    const startedAt = performance.now()
    expect(readFacts(long)).toBeNull()
    expect(readFacts(`${open!.replace('"steps":[', `"steps":[${'["forward",1],'.repeat(20_000)}`)}"target":1}`)).toBeNull()
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})
