import { describe, expect, it } from 'vitest'
import type { Caller, Scope } from '#identity/index.ts'
import { authorize, createLimiter, EVERYTHING, TokenBucket, type GuardedEndpoint } from './index.ts'

const caller = (over: Partial<Caller> = {}): Caller => ({
  id: 'key_1',
  kind: 'key',
  name: 'ci',
  keyRule: 'key:ci',
  tenant: 'default',
  scopes: new Set<Scope>(['mcp:list', 'mcp:call']),
  endpoints: null,
  tools: null,
  expiresAtMs: Infinity,
  sessionId: null,
  ...over,
})
const endpoint = (over: Partial<GuardedEndpoint> = {}): GuardedEndpoint => ({ tenant: 'default', name: 'docs', access: 'granted', ...over })
const anonymous = caller({ id: 'anonymous', kind: 'anonymous', scopes: new Set() })
const ask = (who: Caller, at: GuardedEndpoint, scope: Scope | null = 'mcp:call', tool: string | null = null) =>
  authorize({ caller: who, endpoint: at, scope, tool })
const refusal = (type: string) => expect.objectContaining({ type }) as Error

describe('authorize', () => {
  it('names the rule that allowed', () => {
    expect(ask(caller({ kind: 'owner' }), endpoint()).rule).toBe('owner-may-all')
    expect(ask(caller(), endpoint()).rule).toBe('key:ci')
    expect(ask(caller(), endpoint({ access: 'tenant' })).rule).toBe('tenant-member')
    expect(ask(anonymous, endpoint({ access: 'public' })).rule).toBe('public-endpoint')
    expect(ask(caller({ endpoints: new Set(['docs']) }), endpoint()).rule).toBe('key:ci')
  })

  it('answers an endpoint that is not granted as an unknown one', () => {
    for (const [who, at] of [
      [anonymous, endpoint()],
      [anonymous, endpoint({ access: 'tenant' })],
      [caller({ endpoints: new Set(['other']) }), endpoint()],
      [caller({ endpoints: new Set(['other']) }), endpoint({ access: 'tenant' })],
      [caller({ tenant: 'acme' }), endpoint()],
      [caller({ tenant: 'acme', kind: 'owner' }), endpoint()],
      [caller({ tenant: 'acme', kind: 'owner' }), endpoint({ name: EVERYTHING })],
    ] as const) {
      expect(() => ask(who, at)).toThrow(refusal('not-found'))
    }
  })

  it('names the scope that is missing where the endpoint is granted', () => {
    expect(() => ask(caller({ scopes: new Set<Scope>(['mcp:list']) }), endpoint())).toThrow(refusal('insufficient-scope'))
    expect(ask(caller({ scopes: new Set<Scope>(['admin']) }), endpoint()).rule).toBe('key:ci')
    expect(ask(caller({ scopes: new Set() }), endpoint(), null).rule).toBe('key:ci')
  })

  it('answers a tool outside the restriction of the credential as an unknown one', () => {
    const restricted = caller({ tools: ['docs__search', 'git__*'] })
    expect(ask(restricted, endpoint(), 'mcp:call', 'git__log').rule).toBe('key:ci')
    expect(ask(restricted, endpoint(), 'mcp:call', 'docs__search').rule).toBe('key:ci')
    expect(() => ask(restricted, endpoint(), 'mcp:call', 'docs__delete')).toThrow(refusal('invalid-params'))
  })
})

describe('limits', () => {
  it('a bucket gives its burst, then fills at its rate', () => {
    const bucket = new TokenBucket(10, 3, 0)
    expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([0, 0, 0])
    expect(bucket.take(0)).toBe(100)
    expect(bucket.take(99)).toBeGreaterThan(0)
    expect(bucket.take(100)).toBe(0)
    expect([bucket.take(10_000), bucket.take(10_000), bucket.take(10_000)]).toEqual([0, 0, 0])
    expect(bucket.take(10_000)).toBe(100)
  })

  it('a clock that goes back gives nothing away', () => {
    const bucket = new TokenBucket(1, 1, 1_000)
    expect(bucket.take(1_000)).toBe(0)
    expect(bucket.take(0)).toBeGreaterThan(0)
  })

  it('callers have buckets of their own, anonymous ones by address', () => {
    const limiter = createLimiter({ callsPerSecond: 1 })
    const twice = (who: Caller, address: string) => {
      limiter.take(who, address, 0)
      limiter.take(who, address, 0)
    }
    twice(caller(), 'a')
    expect(() => limiter.take(caller(), 'b', 0)).toThrow(refusal('rate-limited'))
    twice(caller({ id: 'key_2' }), 'a')
    twice(anonymous, 'a')
    expect(() => limiter.take(anonymous, 'a', 0)).toThrow(refusal('rate-limited'))
    twice(anonymous, 'b')
  })
})
