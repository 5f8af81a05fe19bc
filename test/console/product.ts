// The real program on an empty data folder, as somebody starts it who has just installed it.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Finished, REPOSITORY, run } from '../e2e/harness.ts'
import { ensureConsoleIsBuilt } from './console-build.ts'

const READY_MS_MAX = 45_000
const READY_POLL_MS = 25
const STOP_MS_MAX = 15_000
const FLAGS = ['--max-semi-space-size=8', '--min-semi-space-size=8', '--disable-warning=ExperimentalWarning']

export interface Product {
  readonly url: string
  readonly dataDir: string
  readonly pid: number
  /** The one-time link of the first start; null once there is an owner. */
  readonly ownerLink: string | null
  /** Everything it wrote so far, all starts together. */
  readonly logs: string
  /** Asks the control plane as owner. Throws on a refusal. */
  api<Answer = unknown>(method: string, path: string, body?: unknown): Promise<Answer>
  /** A fresh key, its text and identifier. */
  createKey(name: string, options?: object): Promise<{ readonly id: string; readonly key: string }>
  /** The command line against this server, as owner. */
  cli(...args: string[]): Promise<Finished>
  /** Ends the process and leaves the data. */
  halt(): Promise<void>
  /** Starts it again on the same port. */
  resume(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

export interface ProductOptions {
  readonly env?: Readonly<Record<string, string>>
  /** A data folder that was prepared; a fresh empty one otherwise. */
  readonly dataDir?: string
  /** Any free one, if none is named. */
  readonly port?: number
}

/** Builds the console if needed and runs `sallyport serve` until it is ready. */
export async function startProduct({ env = {}, dataDir, port = 0 }: ProductOptions = {}): Promise<Product> {
  await ensureConsoleIsBuilt()
  const folder = dataDir ?? join(mkdtempSync(join(tmpdir(), 'sallyport-console-')), 'data')
  const logs: string[] = []
  let child = start(folder, port, env, logs)
  const onExit = (): void => killGroup(child.pid)
  process.once('exit', onExit)
  const halt = async (): Promise<void> => {
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      await Promise.race([exited, delay(STOP_MS_MAX, undefined, { ref: false })])
    }
    killGroup(child.pid)
  }
  const stop = async (): Promise<void> => {
    await halt()
    process.off('exit', onExit)
    rmSync(dataDir === undefined ? join(folder, '..') : folder, { recursive: true, force: true })
  }
  const url = await ready(child, folder, logs).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  const ownerKey = (): string => readFileSync(join(folder, 'cli.key'), 'utf8').trim()
  const api = <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => ask<Answer>(url, ownerKey(), method, path, body)
  return {
    url,
    dataDir: folder,
    ownerLink: /http:\S+\/welcome\?token=[\w-]+/.exec(logs.join(''))?.[0] ?? null,
    get pid() {
      return child.pid ?? 0
    },
    get logs() {
      return logs.join('')
    },
    api,
    createKey: (name, options = {}) => api('POST', '/keys', { name, scopes: ['admin', 'mcp:list', 'mcp:call'], ...options }),
    cli: (...words) => run(['bin/sallyport.mjs', ...words], { SALLYPORT_URL: url, SALLYPORT_KEY: ownerKey() }, 60_000),
    halt,
    resume: async () => {
      rmSync(join(folder, 'server.json'), { force: true })
      child = start(folder, Number(new URL(url).port), env, logs)
      await ready(child, folder, logs)
    },
    stop,
  }
}

function start(folder: string, port: number, env: Readonly<Record<string, string>>, logs: string[]): ChildProcess {
  const kept = Object.entries(process.env).filter(([name]) => !/^(SALLYPORT_|VITEST|NODE_ENV$|NODE_OPTIONS$|FORCE_COLOR$)/.test(name))
  const child = spawn(process.execPath, [...FLAGS, join(REPOSITORY, 'bin/sallyport.mjs'), 'serve', '--port', String(port)], {
    cwd: tmpdir(),
    env: { ...(Object.fromEntries(kept) as Record<string, string>), NO_COLOR: '1', SALLYPORT_DATA_DIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => logs.push(text))
  return child
}

/** The address it wrote down, once it answers there. */
async function ready(child: ChildProcess, folder: string, logs: readonly string[]): Promise<string> {
  const note = join(folder, 'server.json')
  for (const until = performance.now() + READY_MS_MAX; performance.now() < until; await delay(READY_POLL_MS)) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`Sallyport ended before it was ready:\n${logs.join('')}`)
    if (!existsSync(note)) continue
    const { url } = JSON.parse(readFileSync(note, 'utf8')) as { url: string }
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    if (answer?.ok === true) return url
  }
  throw new Error(`Sallyport was not ready after ${String(READY_MS_MAX)} ms:\n${logs.join('')}`)
}

async function ask<Answer>(url: string, key: string, method: string, path: string, body: unknown): Promise<Answer> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${String(answer.status)} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as Answer
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
