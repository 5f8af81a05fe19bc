import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Store } from '#store/index.ts'
import { openTestStores, temporaryFolder } from '#store/testing.ts'
import { createDrain, type Drain } from './drain.ts'
import { openSpool } from './spool.ts'
import { NOON_MS, recorded, spoolFiles, storedIds } from './testing.ts'
import { verifyChain } from './verify.ts'

/** Records without end, some events in each turn, and names on standard output each one that may be answered. */
const WRITER = `
  import { writeSync } from 'node:fs'
  import { openSpool } from ${JSON.stringify(new URL('spool.ts', import.meta.url).href)}
  import { sampleEvent } from ${JSON.stringify(new URL('testing.ts', import.meta.url).href)}
  const spool = openSpool({ dir: process.argv[2], node: 'victim', bytesMax: 1e9, fileBytesMax: 50_000 })
  function turn(i) {
    for (let k = 0; k < 1 + (i % 40); k++) {
      const event = sampleEvent({ tenant: k % 3 === 0 ? 'acme' : 'default', target: 'x'.repeat((i * 7) % 500) })
      spool.record(event, (failure) => { if (failure === null) writeSync(1, event.id + '\\n') })
    }
    setImmediate(turn, i + 1)
  }
  turn(0)`

function startWriter(dir: string): ChildProcess {
  const file = join(temporaryFolder(), 'writer.ts')
  writeFileSync(file, WRITER)
  const child = spawn(process.execPath, [file, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Lets it answer that many events, kills it in the middle of its work, and returns what it had answered by then. */
async function killAfter(child: ChildProcess, count: number): Promise<string[]> {
  const answered: string[] = []
  const exited = once(child, 'exit')
  for await (const id of createInterface({ input: child.stdout! })) {
    if (answered.push(id) === count) child.kill('SIGKILL')
  }
  await exited
  return answered.filter((id) => /^evt_[0-9a-z]{26}$/.test(id))
}

async function idsIn(store: Store): Promise<string[]> {
  return [...(await storedIds(store)), ...(await storedIds(store, 'acme'))]
}

function drainOf(store: Store, dir: string, onProgress = (): void => {}): Drain {
  const drain = createDrain({ store, dir, now: () => NOON_MS, onProgress, onError: () => {} })
  onTestFinished(() => drain.close())
  return drain
}

const [sqlite] = openTestStores()

describe('a data plane that is killed', () => {
  it.each([1, 50, 400, 900, 2_000])('has every event it answered in the audit, once, when it dies after %i', async (count) => {
    const store = await sqlite!.open()
    const dir = temporaryFolder()
    const child = startWriter(dir)
    const drain = drainOf(store, dir)
    // Half of the cases are drained while they are written.
    if (count % 100 === 0) await once(child.stdout!, 'readable').then(() => drain.drainNow())
    const answered = await killAfter(child, count)
    expect(answered.length).toBeGreaterThanOrEqual(count)
    await drain.drainNow()
    const stored = await idsIn(store)
    const known = new Set(stored)
    expect(stored).toHaveLength(known.size)
    expect(answered.filter((id) => !known.has(id))).toEqual([])
    expect(spoolFiles(dir)).toEqual([])
    for (const tenant of ['acme', 'default']) expect(await verifyChain({ store, tenant })).toMatchObject({ ok: true, isComplete: true })
    const counted = await store.db.selectFrom('call_minute').select('calls').execute()
    expect(counted.reduce((sum, { calls }) => sum + calls, 0)).toBe(stored.length)
  })

  it('leaves its files alone while it lives', async () => {
    const store = await sqlite!.open()
    const dir = temporaryFolder()
    const spool = openSpool({ dir, node: 'living', bytesMax: 1e6 })
    onTestFinished(() => spool.close())
    await recorded(spool)
    const drain = drainOf(store, dir)
    await drain.drainNow()
    await drain.drainNow()
    expect(spoolFiles(dir)).toHaveLength(1)
    expect(await idsIn(store)).toHaveLength(1)
  })
})
