import { spawnSync } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Problem } from '#std/index.ts'
import { temporaryFolder } from '#store/testing.ts'
import { encodeEvent } from './event-text.ts'
import type { AuditEvent } from './model.ts'
import { openSpool, type Spool, type SpoolOptions } from './spool.ts'
import { recorded, sampleEvent, spoolFiles } from './testing.ts'

const MEGABYTE = 1024 * 1024

function open(dir: string, options: Partial<SpoolOptions> = {}): Spool {
  const spool = openSpool({ dir, node: 'node-a', bytesMax: MEGABYTE, ...options })
  onTestFinished(() => spool.close())
  return spool
}

const linesIn = (dir: string): string[] => spoolFiles(dir).flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n').filter((line) => line !== '')) // prettier-ignore

function refusal(work: () => void): Problem {
  try {
    work()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('not refused')
}

describe('the spool', () => {
  it('holds an event in its file before it says so, and answers in order with one write per turn', async () => {
    const dir = join(temporaryFolder(), 'spool')
    const spool = open(dir)
    const events = Array.from({ length: 50 }, (_, i) => sampleEvent({ us: i }))
    const answered: string[] = []
    await new Promise<void>((resolve) => {
      for (const event of events) {
        spool.record(event, (failure) => {
          expect(failure).toBeNull()
          expect(linesIn(dir)).toHaveLength(events.length)
          if (answered.push(event.id) === events.length) resolve()
        })
      }
      expect(linesIn(dir)).toEqual([])
    })
    expect(answered).toEqual(events.map(({ id }) => id))
    expect(linesIn(dir)).toEqual(events.map(encodeEvent))
    expect(spool.undrainedBytes()).toBe(Buffer.byteLength(`${linesIn(dir).join('\n')}\n`))
  })

  it('keeps its folder and files to itself', async () => {
    const dir = join(temporaryFolder(), 'spool')
    await recorded(open(dir))
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    expect(statSync(join(dir, spoolFiles(dir)[0]!)).mode & 0o777).toBe(0o600)
  })

  it('takes more in one turn than its slab holds', async () => {
    const dir = temporaryFolder()
    const spool = open(dir, { bytesMax: 64 * MEGABYTE })
    const events = Array.from({ length: 5_000 }, () => sampleEvent({ rule: 'ä'.repeat(100) }))
    await Promise.all(events.map((event) => recorded(spool, event)))
    expect(linesIn(dir)).toEqual(events.map(encodeEvent))
  })

  it('answers all others when one callback throws', async () => {
    const spool = open(temporaryFolder())
    const uncaught = new Promise((resolve) => {
      const listeners = process.rawListeners('uncaughtException')
      process.removeAllListeners('uncaughtException')
      process.once('uncaughtException', (error) => {
        for (const listener of listeners) process.on('uncaughtException', listener as NodeJS.UncaughtExceptionListener)
        resolve(error)
      })
    })
    spool.record(sampleEvent(), () => {
      throw new Error('a bug of the caller')
    })
    await recorded(spool)
    expect(await uncaught).toMatchObject({ message: 'a bug of the caller' })
  })

  it('starts a new file when one is full and forgets files that the drain removed', async () => {
    const dir = temporaryFolder()
    let now = 1_000
    const spool = open(dir, { fileBytesMax: 2_000, now: () => now })
    for (let i = 0; i < 10; i++) await recorded(spool)
    const names = spoolFiles(dir)
    expect(names.length).toBeGreaterThan(2)
    const before = spool.undrainedBytes()
    const { size } = statSync(join(dir, names[0]!))
    unlinkSync(join(dir, names[0]!))
    now += 1_000
    expect(spool.undrainedBytes()).toBe(before - size)
  })

  it('refuses when too much waits, keeps what it has, and goes on when it is drained', async () => {
    const dir = temporaryFolder()
    const spool = open(dir, { bytesMax: 20_000 })
    let taken = 0
    const fill = (): void => {
      for (;;) {
        spool.record(sampleEvent(), () => {})
        taken += 1
      }
    }
    const problem = refusal(fill)
    expect(problem.type).toBe('audit-unavailable')
    expect(problem.remedy).toContain('SALLYPORT_SPOOL_BYTES_MAX')
    await new Promise((resolve) => setImmediate(resolve))
    expect(linesIn(dir)).toHaveLength(taken)
    expect(() => spool.assertWritable()).toThrow(Problem)
    for (const name of spoolFiles(dir)) spool.acknowledge(name, statSync(join(dir, name)).size)
    expect(spool.undrainedBytes()).toBe(0)
    await recorded(spool)
    expect(linesIn(dir)).toHaveLength(taken + 1)
  })

  it('counts what dead processes left, and not what living ones still write', async () => {
    const dir = temporaryFolder()
    writeFileSync(join(dir, 'node-a-999999999.1.abcdef-00000001.spool'), 'x'.repeat(1_000))
    const living = open(dir)
    await recorded(living)
    const spool = open(dir, { bytesMax: 20_000 })
    expect(spool.undrainedBytes()).toBe(1_000)
    expect(() => open(dir, { bytesMax: 900 }).assertWritable()).toThrow(Problem)
  })

  it('wakes the drain once for many events', async () => {
    let nudges = 0
    const woken = Promise.withResolvers<void>()
    const onNudge = (): void => {
      nudges += 1
      woken.resolve()
    }
    const spool = open(temporaryFolder(), { onNudge })
    for (let i = 0; i < 20; i++) await recorded(spool)
    await woken.promise
    expect(nudges).toBe(1)
  })

  it('writes what waits when it closes, leaves no empty file, and refuses from then on', async () => {
    const dir = temporaryFolder()
    const spool = open(dir)
    const event = recorded(spool)
    spool.close()
    await event
    expect(linesIn(dir)).toHaveLength(1)
    expect(() => spool.record(sampleEvent(), () => {})).toThrow(Problem)
    open(join(dir, 'unused')).close()
    expect(readdirSync(join(dir, 'unused'))).toEqual([])
  })

  it('prints what one event costs', async () => {
    const spool = open(temporaryFolder(), { bytesMax: 1024 * MEGABYTE })
    const event = sampleEvent()
    const turns = 600
    const perTurn = 32
    let cpu = process.cpuUsage()
    for (let i = 0; i < turns; i++) {
      // The first third warms up.
      if (i === turns / 3) cpu = process.cpuUsage()
      const turn = Promise.withResolvers<void>()
      let left = perTurn
      const then = (): void => void (--left === 0 && turn.resolve())
      for (let k = 0; k < perTurn; k++) spool.record(event, then)
      await turn.promise
    }
    const { user, system } = process.cpuUsage(cpu)
    const events = (turns * perTurn * 2) / 3
    console.log(`      audit spool: ${((user + system) / events).toFixed(2)} CPU-µs per event, ${perTurn} events per turn`)
    expect(spool.undrainedBytes()).toBe((encodeEvent(event).length + 1) * turns * perTurn)
  })
})

describe('a spool that cannot be written', () => {
  it.runIf(process.platform === 'linux')('refuses while the disk is full, drops half a line, and recovers by itself', async () => {
    const dir = temporaryFolder()
    let now = 1_000
    const spool = open(dir, { now: () => now })
    const before = await recorded(spool)
    const restore = fillDisk(dir)
    await expect(recorded(spool)).rejects.toMatchObject({ type: 'audit-unavailable', message: expect.stringContaining('ENOSPC') as string })
    expect(refusal(() => spool.assertWritable()).remedy).toContain('disk')
    expect(() => spool.record(sampleEvent(), () => {})).toThrow(Problem)
    restore()
    now += 1_000
    const after = await recorded(spool)
    expect(linesIn(dir)).toEqual([before, after].map(encodeEvent))
  })

  it('refuses while no new file can be made, and goes on when it can', async () => {
    const dir = join(temporaryFolder(), 'spool')
    let now = 1_000
    const spool = open(dir, { fileBytesMax: 100, now: () => now })
    await recorded(spool)
    rmSync(dir, { recursive: true })
    // This one still fits into the file that has lost its name; the next file cannot be made.
    await recorded(spool)
    expect(() => spool.assertWritable()).toThrow(Problem)
    now += 1_000
    expect(() => spool.assertWritable()).toThrow(Problem)
    mkdirSync(dir)
    now += 1_000
    const event = await recorded(spool)
    expect(linesIn(dir)).toEqual([encodeEvent(event)])
  })

  it.runIf(process.platform === 'linux')('keeps the whole lines of a write that the system cut short', () => {
    const dir = temporaryFolder()
    const script = `
      import { openSpool } from ${JSON.stringify(new URL('spool.ts', import.meta.url).href)}
      import { sampleEvent } from ${JSON.stringify(new URL('testing.ts', import.meta.url).href)}
      process.on('SIGXFSZ', () => {})
      const spool = openSpool({ dir: ${JSON.stringify(dir)}, node: 'n', bytesMax: 64 * 1024 * 1024 })
      let failures = 0
      for (let i = 0; i < 300; i++) spool.record(sampleEvent(), (failure) => { if (failure !== null) failures++ })
      setImmediate(() => console.log(failures))`
    const file = join(dir, 'child.ts')
    writeFileSync(file, script)
    // No file of this process may grow beyond 64 blocks of 512 (dash) or 1024 (bash) bytes.
    const child = spawnSync('sh', ['-c', 'ulimit -f 64 && exec "$0" "$1"', process.execPath, file], { encoding: 'utf8' })
    expect(child.stderr).toBe('')
    expect(Number(child.stdout)).toBe(300)
    const spooled = readdirSync(dir).filter((name) => name.endsWith('.spool'))
    const text = spooled.map((name) => readFileSync(join(dir, name), 'utf8')).join('')
    expect(text.length).toBeGreaterThan(20_000)
    expect(text.endsWith('}\n')).toBe(true)
    for (const line of text.trimEnd().split('\n')) expect((JSON.parse(line) as AuditEvent).tenant).toBe('default')
  })
})

/** Puts a device that is always full in the place of the spool's file. */
function fillDisk(dir: string): () => void {
  const spooled = join(dir, spoolFiles(dir)[0]!)
  const fd = readdirSync('/proc/self/fd').map(Number).find((number) => isOpenOn(number, spooled)) // prettier-ignore
  if (fd === undefined) throw new Error('the spool has no file open')
  closeSync(fd)
  const spare: number[] = []
  for (let taken = openSync('/dev/full', 'w'); taken !== fd; taken = openSync('/dev/full', 'w')) spare.push(taken)
  return () => {
    for (const number of spare) closeSync(number)
  }
}

function isOpenOn(fd: number, path: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`) === path
  } catch {
    return false
  }
}
