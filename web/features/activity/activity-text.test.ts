import { describe, expect, it } from 'vitest'
import type { ActivityItem } from './activity-search.ts'
import { actorName, fieldText, outcomeTone, sentenceOf } from './activity-text.ts'

const call: ActivityItem = {
  id: 'evt_1',
  at: '2026-11-21T10:00:00.000Z',
  kind: 'call',
  actor: { id: 'key_1', kind: 'key', name: 'laptop' },
  endpoint: 'starter',
  deployment: 'echo',
  method: 'tools/call',
  target: 'echo__say',
  era: 'modern',
  verdict: 'allow',
  rule: 'grant',
  outcome: 'ok',
  status: 200,
  bytesIn: 1,
  bytesOut: 1,
  us: 12_000,
}
const nobody = { id: '', kind: 'anonymous', name: '' }

describe('an event in one sentence', () => {
  it('says who did what, where, and by which rule', () => {
    expect(sentenceOf(call)).toBe('Key laptop called echo__say on starter: allowed by rule grant, 12.0 ms.')
  })

  it('says how it ended when it did not end well', () => {
    expect(sentenceOf({ ...call, outcome: 'tool-error' })).toContain('allowed by rule grant, but the tool reported an error, 12.0 ms.')
    expect(sentenceOf({ ...call, outcome: 'upstream-timeout' })).toContain('but it failed (upstream-timeout)')
  })

  it('names no rule where none decided, and nobody where nobody is known', () => {
    const refused = {
      ...call,
      actor: nobody,
      target: '',
      method: 'tools/list',
      verdict: 'deny',
      rule: '',
      outcome: 'unauthenticated',
      us: 90,
    } as const
    expect(sentenceOf(refused)).toBe('Somebody without a known credential listed the tools on starter: denied (unauthenticated), 90 µs.')
    expect(actorName(refused)).toBe('nobody known')
  })

  it('has words for requests without a message, and does not name the owner twice', () => {
    const read = { ...call, actor: { id: 'key_0', kind: 'owner', name: 'Owner' }, method: 'GET', target: '', endpoint: '*' }
    expect(sentenceOf(read)).toBe('The owner read what there is on everything: allowed by rule grant, 12.0 ms.')
    expect(fieldText('method', 'GET')).toBe('read endpoint')
    expect(fieldText('method', 'tools/call')).toBe('tools/call')
  })

  it('shows what callers wrote as the characters it is', () => {
    expect(sentenceOf({ ...call, target: 'say\u202Egnp' })).toContain('say⟨U+202E⟩gnp')
    expect(fieldText('target', 'a\nb')).toBe('a b')
    expect(sentenceOf({ ...call, target: 'x'.repeat(5_000) }).length).toBeLessThan(300)
  })
})

describe('how an end is to be seen', () => {
  it('is bad only when something failed', () => {
    const tone = (verdict: 'allow' | 'deny', outcome: string) => outcomeTone({ verdict, outcome })
    expect([
      tone('allow', 'ok'),
      tone('allow', 'tool-error'),
      tone('allow', 'upstream-down'),
      tone('allow', 'cancelled'),
      tone('deny', 'not-found'),
    ]).toEqual(['ok', 'warn', 'bad', 'neutral', 'neutral'])
  })
})
