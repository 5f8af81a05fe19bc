import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { UpstreamAnswer, UpstreamRequest } from '../model.ts'
import { createParking, type WaitingCall } from './parking.ts'
import type { Ticket } from './ticket.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const ticket: Ticket = { running: null, assertWanted: () => undefined }
const request = (principal: string, name = 'book', state?: string, answers: object = {}): UpstreamRequest => ({
  method: 'tools/call',
  params: { name },
  deadlineAtMs: Infinity,
  principal,
  ...(state === undefined ? {} : { given: { state, responses: { ...answers } } }),
})

/** A call that wants to know `a` and `b`. */
function waiting(): WaitingCall & { readonly stopped: string[]; readonly told: string[] } {
  const open = new Set(['a', 'b'])
  const stopped: string[] = []
  const told: string[] = []
  return {
    stopped,
    told,
    questions: () => Object.fromEntries([...open].map((key) => [key, { method: 'roots/list', params: {} }])),
    give({ given }) {
      for (const key of Object.keys(given?.responses ?? {})) if (open.delete(key)) told.push(key)
      return open.size === 0
    },
    goOn: async (): Promise<UpstreamAnswer> => ({ ok: true, result: { told } }),
    stop: (reason) => void stopped.push(reason),
  }
}
const stateOf = (answer: UpstreamAnswer): string => (answer.ok === 'input' ? (answer.input.state ?? '') : '')

describe('calls that wait for their clients', () => {
  it('are taken up part by part, each name once, and live no longer for it', async () => {
    const parking = createParking('docs', Date.now)
    const call = waiting()
    const first = stateOf(parking.park(call, request('ann')))
    vi.advanceTimersByTime(LIMITS.parkedCallMsMax - 1_000)
    const again = await parking.takeUp(first, request('ann', 'book', first, { a: {} }), ticket)
    expect(again).toMatchObject({ ok: 'input', input: { requests: { b: { method: 'roots/list' } } } })
    await expect(parking.takeUp(first, request('ann', 'book', first, { b: {} }), ticket)).rejects.toMatchObject({ type: 'invalid-params' })
    vi.advanceTimersByTime(1_000)
    expect(call.stopped).toHaveLength(1)
    await expect(parking.takeUp(stateOf(again), request('ann', 'book', stateOf(again), { b: {} }), ticket)).rejects.toMatchObject({
      type: 'invalid-params',
    })
    expect(call.told).toEqual(['a'])
  })

  it('leave room for others when they are taken up, expire or are given up', async () => {
    const parking = createParking('docs', Date.now)
    const calls = Array.from({ length: LIMITS.parkedCallsPerPrincipalMax }, waiting)
    const states = calls.map((call) => stateOf(parking.park(call, request('ann'))))
    expect(() => parking.park(waiting(), request('ann'))).toThrow('the most that may')
    expect(await parking.takeUp(states[0]!, request('ann', 'book', states[0], { a: {}, b: {} }), ticket)).toMatchObject({ ok: true })
    parking.park(waiting(), request('ann'))
    expect(() => parking.park(waiting(), request('ann'))).toThrow('the most that may')
    vi.advanceTimersByTime(LIMITS.parkedCallMsMax + LIMITS.upstreamSweepMs)
    expect(calls.filter(({ stopped }) => stopped.length === 1)).toHaveLength(calls.length - 1)
    // The sweep rests while there is nothing to look for.
    expect(vi.getTimerCount()).toBe(0)
    const last = waiting()
    parking.park(last, request('ann'))
    parking.close()
    expect(last.stopped).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are so many at one server, of whomever', () => {
    const parking = createParking('docs', Date.now)
    for (let i = 0; i < LIMITS.parkedCallsMax; i++) parking.park(waiting(), request(`client ${i}`))
    expect(() => parking.park(waiting(), request('one more'))).toThrow('wait for their clients')
    parking.close()
  })

  it('hold so many bytes together', () => {
    const parking = createParking('docs', Date.now)
    expect(parking.hold(LIMITS.parkedBytesMax - 1)).toBe(true)
    expect(parking.hold(2)).toBe(false)
    expect(parking.hold(1)).toBe(true)
    parking.letGo(10)
    expect([parking.hold(11), parking.hold(10)]).toEqual([false, true])
  })
})
