import { describe, expect, it, vi } from 'vitest'
import { LIMITS } from '#std/index.ts'
import type { BusMessage } from '../deps.ts'
import { createClientQuestions } from './client-questions.ts'

const ROOTS = { method: 'roots/list', params: {} } as const

function withBus() {
  const said: BusMessage[] = []
  return { said, questions: createClientQuestions({ publish: (message) => void said.push(message), subscribe: () => {} }) }
}

describe('questions to a client', () => {
  it('are answered once, by the session that was asked', async () => {
    const { questions, said } = withBus()
    const question = questions.open('mine', ROOTS, 1_000)
    questions.give('yours', question.id, { result: { roots: ['foreign'] } })
    questions.give('mine', question.id, { result: { roots: [] } })
    expect(await question.answer).toEqual({ result: { roots: [] } })
    questions.give('mine', question.id, { result: { roots: ['late'] } })
    // What is not known here may be waited for in another process.
    expect(said).toEqual([
      { kind: 'given', nonce: 'yours', id: question.id, answer: { result: { roots: ['foreign'] } } },
      { kind: 'given', nonce: 'mine', id: question.id, answer: { result: { roots: ['late'] } } },
    ])
  })

  it('have names that cannot be guessed', () => {
    const { questions } = withBus()
    const ids = Array.from({ length: LIMITS.clientQuestionsMax }, () => questions.open('mine', ROOTS, 1_000).id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids[0]).toMatch(/^q-[\w-]{22}$/)
  })

  it('are refused beyond the limit of a session, until one is settled', () => {
    const { questions } = withBus()
    const open = Array.from({ length: LIMITS.clientQuestionsMax }, () => questions.open('mine', ROOTS, 1_000))
    expect(() => questions.open('mine', ROOTS, 1_000)).toThrow('questions open')
    expect(() => questions.open('yours', ROOTS, 1_000)).not.toThrow()
    open[0]!.forget()
    expect(() => questions.open('mine', ROOTS, 1_000)).not.toThrow()
  })

  it('end when nobody answers in time', async () => {
    vi.useFakeTimers()
    try {
      const { questions } = withBus()
      const { answer, id } = questions.open('mine', ROOTS, 1_000)
      vi.advanceTimersByTime(1_001)
      await expect(answer).rejects.toMatchObject({ type: 'upstream-timeout' })
      expect(questions.take('mine', id, { result: {} })).toBe(false)
    } finally {
      vi.useRealTimers()
    }
  })
})
