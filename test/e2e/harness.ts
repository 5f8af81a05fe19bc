// Starts the real program, as a user would, and the servers it talks to. Nothing here knows the inside of src/.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type ConformanceFixture, startConformanceFixture } from '../conformance/fixture/index.ts'
import { freePort } from '../fixtures/raw-server.ts'

export { freePort, type RawServer, type SeenRequest, startRawServer } from '../fixtures/raw-server.ts'

export const REPOSITORY = join(import.meta.dirname, '../..')

const READY_MS_MAX = 30_000
const READY_POLL_MS = 25
const STOP_MS_MAX = 15_000
/** With these the launcher has nothing to add and stays in its process, so that there is one process to signal and to measure. */
const SERVER_FLAGS = ['--max-semi-space-size=8', '--min-semi-space-size=8', '--disable-warning=ExperimentalWarning']

export interface SallyportOptions {
  /** Content of the declared file: an object, or the text itself when it is meant to be broken. */
  readonly declared?: object | string
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  /** A data folder to go on with; a fresh empty one otherwise. */
  readonly dataDir?: string
  /** Default: a free one. */
  readonly port?: number
}

export interface Sallyport {
  readonly url: string
  readonly dataDir: string
  readonly ownerKey: string
  readonly pid: number
  /** Everything written to stdout and stderr so far. */
  readonly logs: string
  /** Runs the command line client against this server as owner. */
  cli(...args: string[]): Promise<Finished>
  /** Asks it to stop and waits; removes the data folder if it was made here. */
  stop(): Promise<void>
  /** Kills it without warning and leaves the data folder. */
  kill9(): Promise<void>
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts `sallyport serve` on a free port of loopback and waits for `/readyz`. Throws with the log when it does not get there. */
export async function startSallyport({ declared, env = {}, args = [], dataDir, port: wanted }: SallyportOptions = {}): Promise<Sallyport> {
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'sallyport-e2e-'))
  const port = wanted ?? (await freePort())
  const url = `http://127.0.0.1:${String(port)}`
  const ownerKey = `owner-${randomBytes(24).toString('hex')}-abcdefgh`
  const file = join(folder, 'declared.json')
  if (declared !== undefined) writeFileSync(file, typeof declared === 'string' ? declared : JSON.stringify(declared, null, 2))
  const settings = {
    SALLYPORT_PORT: String(port),
    SALLYPORT_DATA_DIR: join(folder, 'data'),
    SALLYPORT_OWNER_KEY: ownerKey,
    ...(declared === undefined ? {} : { SALLYPORT_CONFIG: file }),
    ...env,
  }
  const child = spawn(process.execPath, [...SERVER_FLAGS, join(REPOSITORY, 'bin/sallyport.mjs'), 'serve', ...args], {
    cwd: folder,
    env: { ...inheritedEnvironment(), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const output = collect(child)
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  // The child leads a group of its own, so that all of it can be ended; it must not outlive us either.
  const onExit = () => killGroup(child.pid)
  process.once('exit', onExit)
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal)
      await Promise.race([exited, delay(STOP_MS_MAX, undefined, { ref: false })])
    }
    killGroup(child.pid)
    process.off('exit', onExit)
  }
  const stop = async () => {
    await end('SIGTERM')
    if (dataDir === undefined) rmSync(folder, { recursive: true, force: true })
  }
  try {
    await waitUntilReady(url, child, output)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url,
    ownerKey,
    dataDir: folder,
    pid: child.pid ?? 0,
    get logs() {
      return output.text()
    },
    cli: (...words) => run(['bin/sallyport.mjs', ...words], { SALLYPORT_URL: url, SALLYPORT_KEY: ownerKey }),
    stop,
    kill9: () => end('SIGKILL'),
  }
}

async function waitUntilReady(url: string, child: ChildProcess, output: Output): Promise<void> {
  for (const until = performance.now() + READY_MS_MAX; performance.now() < until; await delay(READY_POLL_MS)) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`Sallyport ended with ${String(child.exitCode ?? child.signalCode)} before it was ready:\n${output.text()}`)
    }
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    if (answer?.ok === true) return
  }
  throw new Error(`Sallyport was not ready after ${String(READY_MS_MAX)} ms:\n${output.text()}`)
}

/** Runs a script of this repository to its end with the Node of the tests. */
export async function run(words: readonly string[], env: Readonly<Record<string, string>> = {}, timeoutMs = 30_000): Promise<Finished> {
  const [script = '', ...args] = words
  const child = spawn(process.execPath, [join(REPOSITORY, script), ...args], {
    cwd: tmpdir(),
    env: { ...inheritedEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  return { code, stdout, stderr }
}

/** What the shell of the tests has, without settings of ours that would leak in. */
function inheritedEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(SALLYPORT_|VITEST|NODE_OPTIONS$|FORCE_COLOR$)/.test(name))
  return { ...(Object.fromEntries(kept) as Record<string, string>), NO_COLOR: '1' }
}

interface Output {
  text(): string
}

function collect(child: ChildProcess): Output {
  const parts: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => parts.push(text))
  return { text: () => parts.join('') }
}

/** What the program started goes with it, however it ended. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Resident memory of a process in KiB. */
export function rssKib(pid: number): number {
  const file = `/proc/${String(pid)}/status`
  if (existsSync(file)) return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(file, 'utf8'))?.[1])
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }))
}

/** The fixture of the conformance suites: a well-behaved server of both eras. */
export const startFixture = (): Promise<ConformanceFixture> => startConformanceFixture()
