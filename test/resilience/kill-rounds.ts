// Servers that are killed one after the other on one data folder.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { type Sallyport, startSallyport } from '../e2e/harness.ts'
import type { RawServer } from '../fixtures/raw-server.ts'
import { type Answer, declaredEcho, isAnswered, startLoad } from './load.ts'
import { gone, processTree } from './processes.ts'

export const PER_SECOND = 250
export const CONNECTIONS = 6
const ROUND_MS = 350

export interface Killing {
  readonly upstream: RawServer
  readonly rounds: number
  readonly args: readonly string[]
}

/** Starts on a data folder, calls for a while, kills in the middle of it, and tells what was answered. */
async function round(dataDir: string, number: number, { upstream, args }: Killing): Promise<readonly Answer[]> {
  const sallyport = await startSallyport({ dataDir, declared: declaredEcho(upstream), args })
  const started = processTree(sallyport.pid)
  try {
    const load = startLoad({
      url: sallyport.url,
      key: sallyport.ownerKey,
      perSecond: PER_SECOND,
      connections: CONNECTIONS,
      name: `round${String(number)}`,
    })
    await load.next(isAnswered, 10_000)
    // Never at the same point of a write, a drain or a poll.
    await delay(ROUND_MS + number * 17)
    process.kill(sallyport.pid, 'SIGKILL')
    await load.stop()
    await gone(started, 5_000)
    expect(load.answers.filter((answer) => answer.isComplete && !isAnswered(answer))).toEqual([])
    return load.answers
  } finally {
    await sallyport.kill9()
  }
}

/** Kills one server after the other on one data folder; gives a last one, that runs on, and all that was answered before. */
export async function killRepeatedly(killing: Killing): Promise<{ survivor: Sallyport; answers: readonly Answer[] }> {
  const { upstream, rounds, args } = killing
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-kill-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  const answers: Answer[] = []
  for (let number = 0; number < rounds; number++) answers.push(...(await round(dataDir, number, killing)))
  const survivor = await startSallyport({ dataDir, declared: declaredEcho(upstream), args })
  onTestFinished(() => survivor.stop())
  return { survivor, answers }
}
