import { describe, expect, it } from 'vitest'
import type { Upstream } from '#runtime/index.ts'
import { LIMITS } from '#std/index.ts'
import type { InspectedCall } from '../call.ts'
import { createResultCache } from './result-cache.ts'

type Listener = (method: string, params: Record<string, unknown>) => void

function fakeUpstream(digest = 'd1') {
  const listeners: Listener[] = []
  let watched = 0
  const upstream = {
    deployment: { id: 'dep_1', digest },
    onNotification: (listener: Listener) => (listeners.push(listener), () => {}),
    watch: () => (watched++, () => void watched--),
  } as unknown as Upstream
  return { upstream, tell: (method: string, params = {}) => listeners.forEach((hear) => hear(method, params)), watched: () => watched }
}

const callOf = (callerId: string, params: Record<string, unknown> = {}, kind = 'key'): InspectedCall =>
  ({
    shape: 'mcp',
    caller: { kind, tenant: 'default', id: callerId },
    endpoint: { tenant: 'default', name: 'dev' },
    message: { method: 'resources/read', params },
  }) as unknown as InspectedCall

const READ = { uri: 'file:///a' }
const result = (scope: string, ttlMs = 1_000) => ({ contents: [{ uri: 'file:///a', text: 'mine' }], ttlMs, cacheScope: scope })

function prepared(scope: string) {
  let nowMs = 0
  const cache = createResultCache(() => nowMs)
  const fake = fakeUpstream()
  cache.keep(callOf('alice'), fake.upstream, READ, 7, result(scope))
  const find = (call: InspectedCall, revision = 7, upstream = fake.upstream) => cache.find(call, upstream, READ, revision)
  return { cache, fake, find, at: (ms: number) => void (nowMs = ms) }
}

describe('the result cache', () => {
  it('R28: never gives a private result to a second principal', () => {
    const { find } = prepared('private')
    expect(find(callOf('alice'))?.result).toMatchObject({ contents: [{ text: 'mine' }] })
    expect(find(callOf('bob'))).toBeNull()
    expect(find(callOf('', {}, 'anonymous'))).toBeNull()
  })

  it('takes what does not say whose it is for private', () => {
    const cache = createResultCache(() => 0)
    const { upstream } = fakeUpstream()
    cache.keep(callOf('alice'), upstream, READ, 7, { contents: [], ttlMs: 1_000 })
    expect(cache.find(callOf('bob'), upstream, READ, 7)).toBeNull()
  })

  it('keeps nothing private for those who show no credential', () => {
    const cache = createResultCache(() => 0)
    const { upstream } = fakeUpstream()
    const nobody = callOf('', {}, 'anonymous')
    cache.keep(nobody, upstream, READ, 7, result('private'))
    expect(cache.find(nobody, upstream, READ, 7)).toBeNull()
  })

  it('shares what is public, and tells what is left of its time', () => {
    const { find, at } = prepared('public')
    at(400)
    expect(find(callOf('bob'))?.ttlMs).toBe(600)
    at(1_000)
    expect(find(callOf('bob'))).toBeNull()
  })

  it('ends with the configuration, the specification and the process of the server', () => {
    const { find } = prepared('public')
    expect(find(callOf('bob'), 8)).toBeNull()
    expect(find(callOf('bob'), 7, fakeUpstream('d2').upstream)).toBeNull()
    expect(find(callOf('bob'), 7, fakeUpstream().upstream)).toBeNull()
  })

  it.each([
    ['notifications/resources/updated', { uri: 'file:///a' }],
    ['notifications/resources/list_changed', {}],
  ])('ends when the server says %s, and then watches no more', (method, params) => {
    const { fake, find } = prepared('public')
    expect(fake.watched()).toBe(1)
    fake.tell('notifications/resources/updated', { uri: 'file:///other' })
    expect(find(callOf('bob'))).not.toBeNull()
    fake.tell(method, params)
    expect(find(callOf('bob'))).toBeNull()
    expect(fake.watched()).toBe(0)
  })

  it('keeps no retry, nothing without a lifetime and nothing too large', () => {
    const cache = createResultCache(() => 0)
    const { upstream } = fakeUpstream()
    cache.keep(callOf('alice', { inputResponses: {} }), upstream, READ, 7, result('public'))
    cache.keep(callOf('alice'), upstream, READ, 7, result('public', 0))
    cache.keep(callOf('alice'), upstream, READ, 7, { ...result('public'), text: 'x'.repeat(LIMITS.resultCacheEntryBytesMax) })
    expect(cache.find(callOf('alice'), upstream, READ, 7)).toBeNull()
  })
})
