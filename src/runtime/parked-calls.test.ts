import { describe, expect, it } from 'vitest'
import { Problem } from '#std/index.ts'
import { createParkedCalls, type ParkedRequest } from './parked-calls.ts'

const request = (principal: string | undefined, name = 'book'): ParkedRequest => ({
  method: 'tools/call',
  params: { name },
  ...(principal === undefined ? {} : { principal }),
})
const EXPIRES_AT_MS = 1_000

function problemOf(work: () => unknown): { type: string; message: string } {
  try {
    work()
  } catch (error) {
    if (error instanceof Problem) return { type: error.type, message: error.message }
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('parked calls', () => {
  it('are taken once, by whom they belong to', () => {
    const parked = createParkedCalls<string>()
    const name = parked.park('the call', request('ann'), EXPIRES_AT_MS, 0)
    expect(parked.count()).toBe(1)
    expect(parked.take(name, request('ann'), 999)).toBe('the call')
    expect(parked.count()).toBe(0)
    expect(problemOf(() => parked.take(name, request('ann'), 999)).type).toBe('invalid-params')
  })

  it('do not tell why they cannot be taken, and stay for the one whose they are', () => {
    const parked = createParkedCalls<string>()
    const name = parked.park('the call', request('ann'), EXPIRES_AT_MS, 0)
    const refusals = [
      problemOf(() => parked.take(name, request('bob'), 1)),
      problemOf(() => parked.take(name, request(undefined), 1)),
      problemOf(() => parked.take(name, request('null'), 1)),
      problemOf(() => parked.take(name, request('ann', 'pay'), 1)),
      problemOf(() => parked.take(name, { ...request('ann'), method: 'prompts/get' }, 1)),
      problemOf(() => parked.take('made up', request('ann'), 1)),
      problemOf(() => parked.take(name, request('ann'), EXPIRES_AT_MS)),
    ]
    expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size).toBe(1)
    expect(refusals[0]).toMatchObject({ type: 'invalid-params' })
    expect(parked.take(name, request('ann'), 1)).toBe('the call')
  })

  it('of the gateway itself are not those of a principal with an odd name', () => {
    const parked = createParkedCalls<string>()
    const name = parked.park('ours', request(undefined), EXPIRES_AT_MS, 0)
    for (const odd of ['null', '']) expect(() => parked.take(name, request(odd), 1)).toThrow('not known here')
    expect(parked.take(name, request(undefined), 1)).toBe('ours')
  })

  it('are dropped when they expire or are given up', () => {
    const parked = createParkedCalls<string>()
    parked.park('first', request('ann'), 10, 0)
    parked.park('second', request('ann'), 20, 0)
    const third = parked.park('third', request('ann'), 30, 0)
    expect(parked.expire(20)).toEqual(['first', 'second'])
    expect(parked.expire(20)).toEqual([])
    expect([parked.drop(third), parked.drop(third), parked.count()]).toEqual([true, false, 0])
  })

  it('are bounded, and expired ones make room', () => {
    const parked = createParkedCalls<string>(2)
    parked.park('first', request('ann'), 10, 0)
    parked.park('second', request('bob'), 20, 0)
    expect(problemOf(() => parked.park('third', request('eve'), 30, 5)).type).toBe('overloaded')
    expect(parked.count()).toBe(2)
    expect(parked.park('third', request('eve'), 30, 10)).toMatch(/^[\w-]{43}$/)
    expect(parked.count()).toBe(2)
  })
})
