import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startSallyport } from '../e2e/harness.ts'
import type { RawServer } from '../fixtures/raw-server.ts'
import { expectAudited } from './audit.ts'
import { CONNECTIONS, killRepeatedly, PER_SECOND } from './kill-rounds.ts'
import { declaredEcho, isAnswered, openConnection, startEcho, startLoad } from './load.ts'
import { readyWorkers } from './processes.ts'

const ROUNDS = 5
const ANSWERS_PER_ROUND_MIN = 10
const WORKER_KILLS = 3

let upstream: RawServer
beforeAll(async () => void (upstream = await startEcho()))
afterAll(() => upstream.close())

describe('a server with two data-plane processes that is killed under load', () => {
  it('has every answered call in the audit exactly once', async () => {
    const { survivor, answers } = await killRepeatedly({ upstream, rounds: ROUNDS, args: ['--workers', '2'] })
    expect(answers.length).toBeGreaterThan(ROUNDS * ANSWERS_PER_ROUND_MIN)
    await expectAudited(survivor, answers)
  })

  it('answers new clients although one process has just died and the first one had no time to notice', async () => {
    const sallyport = await startSallyport({ declared: declaredEcho(upstream), args: ['--workers', '2'] })
    onTestFinished(() => sallyport.stop())
    const [victim = 0] = await readyWorkers(sallyport)
    process.kill(sallyport.pid, 'SIGSTOP')
    try {
      process.kill(victim, 'SIGKILL')
      for (let number = 0; number < 4; number++) {
        const connection = openConnection({ url: sallyport.url, key: sallyport.ownerKey })
        expect(await connection.call(`meanwhile-${String(number)}`)).toSatisfy(isAnswered)
        connection.close()
      }
    } finally {
      process.kill(sallyport.pid, 'SIGCONT')
    }
  })

  it('replaces a killed data-plane process, and calls go on meanwhile', async () => {
    const sallyport = await startSallyport({ declared: declaredEcho(upstream), args: ['--workers', '2'] })
    onTestFinished(() => sallyport.stop())
    const load = startLoad({ url: sallyport.url, key: sallyport.ownerKey, perSecond: PER_SECOND, connections: CONNECTIONS, name: 'worker' })
    for (let number = 0; number < WORKER_KILLS; number++) {
      await load.next(isAnswered, 10_000)
      const [victim = 0, other] = await readyWorkers(sallyport)
      process.kill(victim, 'SIGKILL')
      const killedAtMs = performance.now()
      await load.next((answer) => isAnswered(answer) && answer.sentAtMs > killedAtMs, 5_000)
      expect(await readyWorkers(sallyport, victim)).toContain(other)
    }
    await load.stop()
    expect(load.answers.filter((answer) => answer.isComplete && !isAnswered(answer))).toEqual([])
    // Calls that were with the victim break off; none is refused, none hangs, and the next ones find the other process.
    expect(load.failures.filter((code) => code !== 'ECONNRESET' && code !== 'EPIPE')).toEqual([])
    expect(load.failures.length).toBeLessThanOrEqual(CONNECTIONS * WORKER_KILLS)
    await expectAudited(sallyport, load.answers)
  }, 60_000)
})
