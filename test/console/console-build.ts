// The tests look at the console as it is built. It is built anew when something it is made of is newer, and never twice at once.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { REPOSITORY, run } from '../e2e/harness.ts'

export const DIST = join(REPOSITORY, 'web/dist')

const BUILD_MS_MAX = 180_000
const LOCK_POLL_MS = 100
const LOCK = join(tmpdir(), `sallyport-console-build-${createHash('sha256').update(REPOSITORY).digest('hex').slice(0, 12)}`)
const SOURCES = ['web', 'src/api', 'vite.config.ts', 'package-lock.json']

/** Waits for whoever is building, then builds if that is still needed. Throws with what the build said. */
export async function ensureConsoleIsBuilt(): Promise<void> {
  if (isFresh()) return
  await takeLock()
  try {
    if (isFresh()) return
    const { code, stdout, stderr } = await run(['scripts/build-web.ts'], { NODE_ENV: 'production' }, BUILD_MS_MAX)
    if (code !== 0) throw new Error(`The console could not be built:\n${stdout}${stderr}`)
  } finally {
    rmSync(LOCK, { recursive: true, force: true })
  }
}

function isFresh(): boolean {
  const built = statSync(join(DIST, 'index.html'), { throwIfNoEntry: false })
  return built !== undefined && SOURCES.every((source) => newestMs(join(REPOSITORY, source)) <= built.mtimeMs)
}

function newestMs(path: string): number {
  if (path === DIST || path.endsWith('.test.ts')) return 0
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return 0
  if (!found.isDirectory()) return found.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newestMs(join(path, name))))
}

/** A folder is made by one process only. Whoever died while building left its number behind. */
async function takeLock(): Promise<void> {
  for (const until = performance.now() + BUILD_MS_MAX; performance.now() < until; await delay(LOCK_POLL_MS)) {
    try {
      mkdirSync(LOCK)
      writeFileSync(join(LOCK, 'pid'), String(process.pid))
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (!isHeld()) rmSync(LOCK, { recursive: true, force: true })
    }
  }
  throw new Error(`Somebody has been building the console for ${String(BUILD_MS_MAX)} ms; remove ${LOCK} if nobody is.`)
}

function isHeld(): boolean {
  try {
    process.kill(Number(readFileSync(join(LOCK, 'pid'), 'utf8')), 0)
    return true
  } catch (error) {
    // Just made: its number is about to be written.
    const age = Date.now() - (statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? 0)
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && age < 5_000
  }
}
