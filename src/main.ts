// The composition root: the only file that knows everyone. Reads the environment and the clock, and hands them out.
import { homedir } from 'node:os'
import { runCli, type Program } from '#cli/index.ts'
import { loadSettings, type LoadedSettings } from '#config.ts'
import { Problem } from '#std/index.ts'
import { ROOT_FOLDER } from './serve/root-folder.ts'
import { isWorker } from './serve/worker-argument.ts'
import { VERSION } from './serve/version.ts'

const { env } = process
const cwd = process.cwd()
const now = (): number => Date.now()

const SAME_KEY_PRESS_MS = 500

type Flags = Readonly<Record<string, string | undefined>>

// What only some commands need is loaded by them: the others answer at once.

/** All settings; those of the declared file come from the file that the other sources name. */
async function settings(flags: Flags, isClient = false): Promise<LoadedSettings> {
  const first = loadSettings({ env, flags, cwd, isClient })
  if (first.settings.config === undefined) return first
  return loadSettings({ env, flags, file: await readDeclared(first.settings.config), cwd, isClient })
}

/** The mistakes of a declared file as one refusal: what, where, and what was expected. */
async function asRefusal(error: unknown): Promise<unknown> {
  const { DeclaredError } = await import('#declared/index.ts')
  return error instanceof DeclaredError
    ? new Problem('invalid-input', error.message, { remedy: error.remedy ?? 'Mend the declared file, then start again.', cause: error })
    : error
}

async function readDeclared(path: string): Promise<Readonly<Record<string, unknown>>> {
  const { readDeclaredSettings } = await import('#declared/index.ts')
  try {
    return readDeclaredSettings(path)
  } catch (error) {
    throw await asRefusal(error)
  }
}

function stopSignal(): AbortSignal {
  const controller = new AbortController()
  let firstAtMs = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // The second one skips the clean-up; one key press may reach us twice, from the terminal and from the launcher.
      if (controller.signal.aborted && now() - firstAtMs > SAME_KEY_PRESS_MS) process.exit(130)
      firstAtMs ||= now()
      controller.abort()
    })
  }
  return controller.signal
}

const program: Program = {
  version: VERSION,
  env,
  cwd,
  home: homedir(),
  platform: process.platform,
  now,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  settings: (flags) => settings(flags, true),
  async serve(flags) {
    const { serve } = await import('./serve/serve.ts')
    try {
      await serve({ loaded: await settings(flags), env, rootFolder: ROOT_FOLDER, now, stdout: process.stdout, stop: stopSignal() })
      return 0
    } catch (error) {
      throw await asRefusal(error)
    }
  },
  async ownerLink(flags) {
    const { ownerLink } = await import('./serve/owner-link.ts')
    return await ownerLink((await settings(flags)).settings, now)
  },
  probes: {
    isolation: async () => (await import('./serve/probes.ts')).isolationProbe(env),
    database: async (loaded) => (await import('./serve/probes.ts')).databaseProbe(loaded, now),
    declaredFile: async (path) => (await import('./serve/probes.ts')).declaredFileProbe(path),
  },
}

if (isWorker(process.argv)) {
  const { runWorker } = await import('./serve/worker.ts')
  await runWorker(now)
} else {
  process.exitCode = await runCli(process.argv.slice(2), program)
  // A server leaves nothing behind that could keep the process alive, but a hung connection must not either.
  if (process.exitCode !== undefined) process.exit()
}
