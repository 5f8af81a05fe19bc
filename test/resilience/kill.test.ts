import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RawServer } from '../fixtures/raw-server.ts'
import { expectAudited } from './audit.ts'
import { killRepeatedly } from './kill-rounds.ts'
import { startEcho } from './load.ts'

const ROUNDS = 20
const ANSWERS_PER_ROUND_MIN = 10

let upstream: RawServer
beforeAll(async () => void (upstream = await startEcho()))
afterAll(() => upstream.close())

describe('a server that is killed under load', () => {
  it('has every answered call in the audit exactly once after 20 kills', async () => {
    const { survivor, answers } = await killRepeatedly({ upstream, rounds: ROUNDS, args: [] })
    expect(answers.length).toBeGreaterThan(ROUNDS * ANSWERS_PER_ROUND_MIN)
    await expectAudited(survivor, answers)
  }, 90_000)
})
