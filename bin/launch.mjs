// Starts a script on a Node that runs TypeScript natively. On Node >= 24 that is this very process;
// on an older one the current LTS is fetched once as the npm package `node-<os>-<cpu>` (the binary lies
// inside the package, no install script runs) and remembered.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const NODE_MAJOR_MIN = 24
const NODE_VERSION = '26.10.0'
/** Small semi-spaces keep the pauses of the young generation under a millisecond. */
const NODE_FLAGS = ['--max-semi-space-size=8', '--min-semi-space-size=8', '--disable-warning=ExperimentalWarning']
const STARTED_BY_LAUNCHER = 'SALLYPORT_LAUNCHED'
const BIN = dirname(fileURLToPath(import.meta.url))
/** A program that was told to stop and has not by then is ended. */
const STOP_MS_MAX = 30_000

/** Runs `script` with `args`. `isServer` asks for the garbage-collector flags of a long-running process. */
export async function launch(script, args, { isServer = false } = {}) {
  const file = resolve(script)
  assertInstalled()
  const isCurrent = Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN
  if (isCurrent && (!isServer || process.execArgv.includes(NODE_FLAGS[0]))) {
    process.argv = [process.execPath, file, ...args]
    const { enableCompileCache } = await import('node:module')
    enableCompileCache?.(join(cacheFolder(), 'compile'))
    if (process.env[STARTED_BY_LAUNCHER] !== undefined) {
      delete process.env[STARTED_BY_LAUNCHER]
      // The launcher holds the other end of this channel: when it is killed, nobody is left to stop us.
      process.once('disconnect', () => process.emit('SIGTERM') || process.exit(143))
      process.channel?.unref()
    }
    await import(pathToFileURL(file).href)
    return
  }
  const node = isCurrent ? process.execPath : currentNode()
  const child = spawn(node, [...NODE_FLAGS, join(BIN, 'node.mjs'), file, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [STARTED_BY_LAUNCHER]: '1' },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // On a terminal Ctrl-C reaches the child by itself: a second one would tell it to skip its clean-up.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
      setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX).unref()
    })
  }
  child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 128 + (signal === 'SIGKILL' ? 9 : 15)))
}

/** Without its dependencies the program would only print a stack of the module loader. */
function assertInstalled() {
  if (BIN.includes('node_modules') || existsSync(join(BIN, '../node_modules/zod'))) return
  process.stderr.write('✘ The dependencies are not installed.\n→ npm ci\n')
  process.exit(3)
}

function cacheFolder() {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sallyport')
}

function currentNode() {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const note = join(cacheFolder(), `${name}-${NODE_VERSION}`)
  if (existsSync(note)) {
    const known = readFileSync(note, 'utf8').trim()
    if (existsSync(known)) return known
  }
  process.stderr.write(
    `Node ${process.versions.node} is older than ${NODE_MAJOR_MIN}: fetching Node ${NODE_VERSION} (package ${name}, once)\n`,
  )
  const found = spawnSync('npm', ['exec', '--yes', `--package=${name}@${NODE_VERSION}`, '--', 'node', '-p', 'process.execPath'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const path = found.stdout?.trim().split('\n').at(-1) ?? ''
  if (found.status !== 0 || !existsSync(path)) {
    process.stderr.write(
      `✘ Sallyport needs Node ${NODE_MAJOR_MIN} or newer, and fetching it failed.\n  ${(found.stderr ?? String(found.error)).trim().split('\n').at(-1)}\n→ install Node ${NODE_MAJOR_MIN} or newer, then run this command again\n`,
    )
    process.exit(3)
  }
  mkdirSync(cacheFolder(), { recursive: true })
  writeFileSync(note, path)
  return path
}
