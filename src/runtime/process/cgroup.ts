import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LIMITS } from '#std/index.ts'

/** A folder of the memory controller under which we may make groups. */
export interface MemoryCgroup {
  readonly version: 1 | 2
  readonly folder: string
}

/** One group: processes in it share the bound. */
export interface CgroupLease {
  readonly membersFile: string
  /** Throws the file-system error, ESRCH for a process that has ended. */
  add(pid: number): void
  /** Removes the group, at once or as soon as the kernel has emptied it. */
  release(): void
}

const ROOT = '/sys/fs/cgroup'
const BOUND_FILE = { 1: 'memory.limit_in_bytes', 2: 'memory.max' } as const

const PREFIX = 'sallyport-'

/** Tries to make a bounded group, with a process in it, where our own process is and at the top of the hierarchy. */
export function findMemoryCgroup(): MemoryCgroup | null {
  for (const candidate of candidates()) {
    try {
      sweep(candidate.folder)
      const lease = leaseCgroup(candidate, 'probe')
      try {
        execFileSync('/bin/sh', ['-c', 'echo $$ > "$0"', lease.membersFile], { stdio: 'ignore', env: {}, timeout: LIMITS.sandboxProbeMs })
      } finally {
        lease.release()
      }
      return candidate
    } catch {
      // Not here: the folder is read-only, the controller is not delegated, or the group may not be entered.
    }
  }
  return null
}

/** Removes what a former process of ours left behind when it was killed. */
function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = name.startsWith(PREFIX) ? name.slice(PREFIX.length).split('-')[0] : undefined
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeGroup(join(folder, name))
  }
}

function candidates(): MemoryCgroup[] {
  const found: MemoryCgroup[] = []
  if (!existsSync('/proc/self/cgroup')) return found
  // Lines read `4:memory:/path` for version 1 and `0::/path` for version 2 (cgroups(7)).
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) continue
    if (controllers === '') for (const base of [path, '/']) found.push({ version: 2, folder: join(ROOT, base) })
    else if (controllers.split(',').includes('memory'))
      for (const base of [path, '/']) found.push({ version: 1, folder: join(ROOT, 'memory', base) })
  }
  return found
}

/** Makes a bounded group; `name` is unique among ours. Throws the file-system error when that is not possible. */
export function leaseCgroup(cgroup: MemoryCgroup, name: string): CgroupLease {
  const folder = join(cgroup.folder, `${PREFIX}${process.pid}-${name}`)
  mkdirSync(folder)
  try {
    writeFileSync(join(folder, BOUND_FILE[cgroup.version]), String(LIMITS.sandboxMemoryBytesMax), { flag: 'r+' })
    if (cgroup.version === 2) {
      writeIfPresent(join(folder, 'memory.swap.max'), '0')
      writeIfPresent(join(folder, 'memory.oom.group'), '1')
      writeIfPresent(join(folder, 'pids.max'), String(LIMITS.sandboxProcessesMax))
    }
  } catch (error) {
    rmdirSync(folder)
    throw error
  }
  const membersFile = join(folder, 'cgroup.procs')
  return { membersFile, add: (pid) => writeFileSync(membersFile, String(pid), { flag: 'r+' }), release: () => removeGroup(folder) }
}

function writeIfPresent(file: string, text: string): void {
  if (existsSync(file)) writeFileSync(file, text, { flag: 'r+' })
}

const EMPTYING_MS = 1_000

/** The kernel empties a group a moment after its last process was reaped. What is busy even later is swept at the next start. */
function removeGroup(folder: string, isRetry = false): void {
  try {
    rmdirSync(folder)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'EBUSY' && !isRetry) setTimeout(() => removeGroup(folder, true), EMPTYING_MS).unref()
    else if (code !== 'EBUSY' && code !== 'ENOENT') throw error
  }
}
