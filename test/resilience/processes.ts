// Processes as the operating system shows them: what a server started, and what is left of it.
import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { vi } from 'vitest'
import type { Sallyport } from '../e2e/harness.ts'

const WORKERS = 2
const WORKERS_READY_MS_MAX = 20_000

export interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/** Everything that runs, without the dead that nobody has collected. */
function processes(): ProcessEntry[] {
  const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 })
  return text.split('\n').flatMap((line) => {
    const [, pid, parent, state, command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    return pid === undefined || state?.startsWith('Z') === true ? [] : [{ pid: Number(pid), parent: Number(parent), command }]
  })
}

/** A process, its children, their children and so on. */
export function processTree(pid: number): ProcessEntry[] {
  const all = processes()
  const below = (entry: ProcessEntry): ProcessEntry[] => [entry, ...all.filter(({ parent }) => parent === entry.pid).flatMap(below)]
  return all.filter((entry) => entry.pid === pid).flatMap(below)
}

/** The data-plane processes of a server, as far as they have started. */
export const workersOf = (pid: number): number[] =>
  processes()
    .filter((entry) => entry.parent === pid && entry.command.includes('data-plane-worker'))
    .map((entry) => entry.pid)

/** Waits for two data-plane processes that take calls; `without` is one that was just killed. */
export function readyWorkers({ pid, dataDir }: Pick<Sallyport, 'pid' | 'dataDir'>, without = 0): Promise<readonly number[]> {
  const look = (): readonly number[] | false => {
    const spools = spoolBytes(dataDir)
    const ready = workersOf(pid).filter((worker) => worker !== without && spools.has(worker))
    return ready.length === WORKERS && ready
  }
  return vi.waitUntil(look, { timeout: WORKERS_READY_MS_MAX, interval: 20 })
}

/** Resolves when none of these processes runs any more. */
export async function gone(entries: readonly ProcessEntry[], withinMs: number): Promise<void> {
  const check = (): void => {
    const now = new Map(processes().map((entry) => [entry.pid, entry.command]))
    const left = entries.filter(({ pid, command }) => now.get(pid) === command)
    if (left.length > 0) throw new Error(`Still running: ${left.map(({ pid, command }) => `${String(pid)} ${command}`).join('; ')}`)
  }
  await vi.waitFor(check, { timeout: withinMs, interval: 50 })
}

/** Bytes that each process has in its spool files: shows which of them answered a call. */
export function spoolBytes(dataDir: string): ReadonlyMap<number, number> {
  const folder = join(dataDir, 'data/spool')
  const bytes = new Map<number, number>()
  for (const name of readdirSync(folder)) {
    const pid = Number(/-(\d+)\.\d+\.[0-9a-f]+-\d+\.spool$/.exec(name)?.[1])
    const size = statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0
    if (!Number.isNaN(pid)) bytes.set(pid, (bytes.get(pid) ?? 0) + size)
  }
  return bytes
}
