import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { LIMITS } from '#std/index.ts'
import { type CgroupLease, leaseCgroup } from './cgroup.ts'
import type { SandboxTools } from './probe-isolation.ts'
import { FD, sandboxCommand, type SandboxPlan } from './sandbox.ts'
import { isFilterArchitecture, seccompFilter } from './seccomp.ts'

/** A server process, in a sandbox or not. */
export interface RunningProcess {
  readonly pid: number
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Whether memory is bounded by a group of its own. */
  readonly hasCgroup: boolean
  /** Resolves once the process is gone and its output was read. */
  readonly exited: Promise<ProcessExit>
  /** Closes its input, asks it to end, and at last kills everything it started. */
  stop(): Promise<ProcessExit>
  kill(): void
}

export interface ProcessExit {
  readonly code: number | null
  readonly signal: string | null
  /** Why it could not even be started. */
  readonly failure: string | null
}

/** Starts a program in a sandbox. */
export function launchSandboxed(tools: SandboxTools, plan: SandboxPlan, cgroupName: string): RunningProcess {
  const { options, command, passwd } = sandboxCommand(plan)
  if (!isFilterArchitecture(process.arch)) throw new Error(`no system-call filter for ${process.arch}`)
  const child = spawn(tools.bwrap, ['--args', String(FD.options), '--', ...command], {
    cwd: '/',
    env: {},
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
  })
  const lease = tools.cgroup === null ? null : tryLease(tools, cgroupName)
  give(child, FD.options, `${options.join('\0')}\0`)
  give(child, FD.filter, seccompFilter(process.arch))
  give(child, FD.passwd, passwd)
  let insidePid: number | null = null
  readInfo(child, (pid) => {
    insidePid = pid
    // Bubblewrap waits at the gate until its processes stand in their group.
    if (lease === null || [child.pid, pid].every((member) => member !== undefined && hasJoined(lease, member))) give(child, FD.gate, '\n')
    else child.kill('SIGKILL')
  })
  const running = watch(child, lease !== null, (signal) => {
    if (signal === 'SIGKILL') child.kill('SIGKILL')
    else for (const pid of childrenOf(insidePid)) kill(pid, signal)
  })
  void running.exited.then(() => lease?.release())
  return running
}

/** Starts a program as it is. Its own process group, so that all of it can be ended. */
export function launchPlain(argv: readonly string[], env: Readonly<Record<string, string>>, cwd: string): RunningProcess {
  const child = spawn(argv[0]!, argv.slice(1), { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  return watch(child, false, (signal) => {
    if (child.pid !== undefined) kill(-child.pid, signal)
  })
}

function watch(child: ChildProcess, hasCgroup: boolean, signalTree: (signal: 'SIGTERM' | 'SIGKILL') => void): RunningProcess {
  let isGone = false
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('error', (error) => {
      isGone = true
      resolve({ code: null, signal: null, failure: error.message })
    })
    const finish = (code: number | null, signal: string | null): void => {
      isGone = true
      for (const stream of child.stdio) stream?.destroy()
      resolve({ code, signal, failure: null })
    }
    child.once('exit', (code, signal) => {
      // Whatever it started and left behind goes too; what hides from that may not hold our end of the streams open.
      signalTree('SIGKILL')
      setTimeout(() => finish(code, signal), LIMITS.lastOutputGraceMs).unref()
    })
    child.once('close', finish)
  })
  const stop = async (): Promise<ProcessExit> => {
    child.stdin?.end()
    const timers = [
      setTimeout(() => signalTree('SIGTERM'), LIMITS.inputClosedGraceMs),
      setTimeout(() => signalTree('SIGKILL'), LIMITS.stopGraceMs),
    ]
    const exit = await exited
    for (const timer of timers) clearTimeout(timer)
    return exit
  }
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin!,
    stdout: child.stdout!,
    stderr: child.stderr!,
    hasCgroup,
    exited,
    stop,
    kill: () => {
      if (!isGone) signalTree('SIGKILL')
    },
  }
}

function give(child: ChildProcess, fd: number, content: string | Buffer): void {
  const stream = child.stdio.at(fd) as Writable | undefined
  // Bubblewrap may have given up already; its exit tells why.
  stream?.on('error', () => {})
  stream?.end(content)
}

/** Bubblewrap says `{ "child-pid": N }`: the process whose end is the end of the sandbox. */
function readInfo(child: ChildProcess, onPid: (pid: number) => void): void {
  const stream = child.stdio.at(FD.info) as Readable | undefined
  let text = ''
  stream?.on('error', () => {})
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  stream?.on('end', () => {
    const pid = /"child-pid":\s*(\d+)/.exec(text)?.[1]
    if (pid !== undefined) onPid(Number(pid))
  })
}

function tryLease(tools: SandboxTools, name: string): CgroupLease | null {
  try {
    return tools.cgroup === null ? null : leaseCgroup(tools.cgroup, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return null
  }
}

/** A sandbox that cannot be bounded after the probe said it can does not start. */
function hasJoined(lease: CgroupLease, pid: number): boolean {
  try {
    lease.add(pid)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return false
  }
}

function childrenOf(pid: number | null): number[] {
  if (pid === null) return []
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  } catch {
    // The process is gone, or this kernel does not tell; what is left is killed after the grace.
    return []
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
