// Starting, pinning and watching the processes of the benchmark. Figures come from /proc, so Linux only.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export const ROOT = join(import.meta.dirname, '../..')
const CLOCK_TICKS_PER_SECOND = 100
const READY_MS_MAX = 30_000
const STOP_MS_MAX = 10_000

/** What is measured runs on the first core, load and upstream on the second: neither slows the other. */
export type Core = 0 | 1
const canPin = existsSync('/usr/bin/taskset') && availableParallelism() > 1

export interface Program {
  readonly child: ChildProcess
  stop(): Promise<void>
}

export interface Environment {
  readonly [name: string]: string | undefined
}

/** Runs `node ...args` on `core`; its output goes to the file descriptor `log`, or here with a channel for messages. */
export function startProgram(core: Core, args: readonly string[], env: Environment = {}, log?: number): Program {
  const command = canPin ? ['taskset', '-c', String(core), process.execPath, ...args] : [process.execPath, ...args]
  const [file = '', ...rest] = command
  const child = spawn(file, rest, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: log === undefined ? ['ignore', 'inherit', 'inherit', 'ipc'] : ['ignore', log, log],
  })
  return {
    child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const pids = treeOf(child.pid ?? 0)
      child.kill('SIGTERM')
      const timer = setTimeout(() => pids.forEach(killHard), STOP_MS_MAX)
      await once(child, 'exit')
      clearTimeout(timer)
    },
  }
}

/** Runs one of the bench's own programs and waits for the port it tells. */
export async function startServer(core: Core, file: string, args: readonly string[] = []): Promise<Program & { readonly port: number }> {
  const program = startProgram(core, [join(import.meta.dirname, file), ...args])
  const { port } = await nextMessage<{ port: number }>(program)
  return { ...program, port }
}

/** What the program says next; rejects when it ends instead. */
export function nextMessage<Message>({ child }: Program): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`${child.spawnargs.at(-1)} stopped with exit code ${code}`))
    child.once('exit', onExit)
    child.once('message', (message) => {
      child.off('exit', onExit)
      resolve(message as Message)
    })
  })
}

/** Milliseconds until `/readyz` says yes. */
export async function waitUntilReady(port: number, program: Program): Promise<number> {
  const startedAt = performance.now()
  while (performance.now() - startedAt < READY_MS_MAX) {
    if (program.child.exitCode !== null) throw new Error(`sallyport stopped with exit code ${program.child.exitCode}`)
    const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null)
    if (response?.ok === true) return performance.now() - startedAt
    await sleep(5)
  }
  throw new Error(`no yes from /readyz within ${READY_MS_MAX} ms`)
}

/** CPU seconds in microseconds, user and system, of a process, its threads and its descendants. */
export function cpuUs(pid: number): number {
  const ticks = treeOf(pid).map((each) => {
    const fields = statOf(each)
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
  })
  return (ticks.reduce((sum, each) => sum + each, 0) * 1e6) / CLOCK_TICKS_PER_SECOND
}

/** Resident megabytes of the largest process of the tree: the one that serves, and not the launcher before it. */
export function rssMb(pid: number): number {
  const sizes = treeOf(pid).map((each) => Number(/VmRSS:\s+(\d+)/.exec(readProc(each, 'status'))?.[1] ?? 0) / 1024)
  return Math.round(Math.max(...sizes))
}

function treeOf(pid: number): number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), Number(statOf(Number(name))[1] ?? 0)]),
  )
  const tree = [pid]
  for (const each of tree) for (const [child, parent] of parents) if (parent === each) tree.push(child)
  return tree
}

/** The fields of /proc/PID/stat after the name, which may hold blanks: state, ppid, …, utime at 11, stime at 12. */
function statOf(pid: number): string[] {
  const text = readProc(pid, 'stat')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has gone by itself.
  }
}

/** What the figures were taken on. */
export function describeMachine(): Record<string, string> {
  const model = /model name\s*: (.*)/.exec(existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '')?.[1] ?? process.arch
  const revision = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).stdout?.trim() ?? ''
  return { node: process.version, cpu: model, cores: String(availableParallelism()), pinned: String(canPin), revision }
}
