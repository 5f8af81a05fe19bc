import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { chmod, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { LIMITS, Problem } from '#std/index.ts'
import { findExecutable, type HostEnvironment } from './host-programs.ts'
import type { InstalledPackageInfo } from '../model.ts'
import { isInside } from './sandbox.ts'
import type { PackageRequest } from './package-spec.ts'

/** An installed package: what the sandbox runs. Plain JSON, kept as the pin. */
export interface InstalledPackage {
  readonly packageSpec: string
  readonly name: string
  readonly version: string
  /** SHA-256 over the integrity values of the lockfile. */
  readonly digest: string
  /** The folder that holds `node_modules` or the Python environment. */
  readonly folder: string
}

export interface Installer {
  /**
   * The package, installed. What was installed once under the same words stays: neither a restart nor an emptied folder of
   * packages makes it another version, and other content under that version is refused until the owner removes the pin.
   * Rejects with a `Problem` that names cause and remedy.
   */
  install(request: PackageRequest): Promise<InstalledPackage>
  /** Ends what is being installed. */
  close(): void
}

interface InstallerOptions {
  /** DATA_DIR/packages: can be emptied at any time, and is filled again. */
  readonly folder: string
  /** DATA_DIR/pins: which version and content stands for what was approved. */
  readonly pinFolder: string
  readonly environment: HostEnvironment
}

interface InstallContext extends InstallerOptions {
  readonly signal: AbortSignal
}

const FOLDER_MODE = 0o755
/** Folders in the making. */
const UNFINISHED = 'new-'

export function createInstaller(options: InstallerOptions): Installer {
  const running = new Map<string, Promise<InstalledPackage>>()
  const end = new AbortController()
  // What a former process was at when it was killed.
  if (existsSync(options.folder)) {
    for (const name of readdirSync(options.folder))
      if (name.startsWith(UNFINISHED)) rmSync(join(options.folder, name), { recursive: true, force: true })
  }
  return {
    install(request) {
      const key = `${request.tool} ${request.packageSpec}`
      const known = running.get(key)
      if (known !== undefined) return known
      const install = installOnce(request, { ...options, signal: end.signal }).finally(() => running.delete(key))
      running.set(key, install)
      return install
    },
    close: () => end.abort(),
  }
}

async function installOnce(request: PackageRequest, options: InstallContext): Promise<InstalledPackage> {
  const pinFile = join(options.pinFolder, `${sha256(`${request.tool} ${request.packageSpec}`)}.json`)
  const pinned = existsSync(pinFile) ? (JSON.parse(await readFile(pinFile, 'utf8')) as InstalledPackage) : null
  if (pinned !== null && (await isIntact(request.tool, pinned))) return pinned
  await mkdir(options.pinFolder, { recursive: true, mode: FOLDER_MODE })
  const installed = await INSTALLERS[request.tool](request, pinned, options)
  if (pinned !== null && installed.digest !== pinned.digest) {
    // A Python environment stands where the former one stood: left there, the next start would take it for that one.
    if (installed.folder === pinned.folder) await rm(installed.folder, { recursive: true, force: true })
    throw new Problem(
      'upstream-failed',
      `${pinned.name} ${pinned.version} is not what it was: it or a package it needs changed since it was first installed.`,
      {
        extensions: { state: 'failed' },
        remedy: `Find out why; to accept it, remove ${pinFile} and restart the deployment.`,
      },
    )
  }
  // Written whole or not at all: a pin that is half there would hold a deployment for ever.
  await writeFile(`${pinFile}.new`, `${JSON.stringify(installed, null, 2)}\n`)
  await rename(`${pinFile}.new`, pinFile)
  return installed
}

type InstallTool = (request: PackageRequest, pinned: InstalledPackage | null, options: InstallContext) => Promise<InstalledPackage>

const INSTALLERS = { npx: installNpm, uvx: installPython } satisfies Record<PackageRequest['tool'], InstallTool>

async function isIntact(tool: PackageRequest['tool'], pin: InstalledPackage): Promise<boolean> {
  if (tool === 'uvx') return existsSync(join(pin.folder, 'bin'))
  return existsSync(join(pin.folder, 'node_modules', pin.name)) && (await lockDigest(pin.folder)) === pin.digest
}

async function installNpm(request: PackageRequest, pinned: InstalledPackage | null, options: InstallContext): Promise<InstalledPackage> {
  const npm = npmCommand(options.environment)
  const temporary = join(options.folder, `${UNFINISHED}${randomBytes(8).toString('hex')}`)
  await mkdir(temporary, { recursive: true, mode: FOLDER_MODE })
  try {
    await writeFile(join(temporary, 'package.json'), '{ "private": true }\n')
    const wanted = pinned === null ? request.packageSpec : `${pinned.name}@${pinned.version}`
    const args = [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-update-notifier',
      '--omit=dev',
      '--save-exact',
      '--package-lock=true',
      '--loglevel=error',
      '--prefix',
      temporary,
      '--',
      wanted,
    ]
    await run([...npm, ...args], temporary, packageEnvironment(options.environment), `npm install ${wanted}`, options.signal)
    const digest = await lockDigest(temporary)
    const manifest = await readManifest(join(temporary, 'node_modules', request.packageName))
    const folder = join(options.folder, digest)
    await openForReading(temporary)
    await rename(temporary, folder).catch((error: unknown) => {
      // The same content is there already, from another way of naming it.
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
    })
    return { packageSpec: request.packageSpec, name: request.packageName, version: String(manifest['version']), digest, folder }
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

function npmCommand(environment: HostEnvironment): string[] {
  const npm = findExecutable('npm', environment)
  if (npm !== undefined) return [npm]
  const script = environment['npm_execpath']
  if (script !== undefined && existsSync(script)) return [process.execPath, script]
  throw new Problem('upstream-down', 'npm is needed to install this package and was not found.', {
    remedy: 'Install npm, or add the server by a command or URL that is there already.',
  })
}

/** SHA-256 over name, version and integrity of every package in the lockfile, in the lockfile's order of names. */
async function lockDigest(folder: string): Promise<string> {
  const file = join(folder, 'package-lock.json')
  if (!existsSync(file)) return ''
  const lock = JSON.parse(await readFile(file, 'utf8')) as {
    packages?: Record<string, { version?: string; integrity?: string; resolved?: string }>
  }
  const lines = Object.entries(lock.packages ?? {})
    .filter(([path]) => path !== '')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, { version, integrity }]) => {
      if (integrity === undefined)
        throw new Problem('upstream-failed', `${path} came without an integrity value, so it cannot be pinned.`, {
          remedy: 'Install packages from a registry that gives integrity values.',
        })
      return `${path} ${version ?? ''} ${integrity}\n`
    })
  return sha256(lines.join(''))
}

export const installedInfo = ({ name, version, digest }: InstalledPackage): InstalledPackageInfo => ({
  package: name,
  version,
  integrity: digest,
})

/** The file of a package's program, from its own manifest, inside the package. */
export async function programFile(installed: InstalledPackage, program: string | null): Promise<string> {
  const folder = join(installed.folder, 'node_modules', installed.name)
  const { bin } = await readManifest(folder)
  const short = installed.name.replace(/^@[^/]+\//, '')
  const programs: Record<string, unknown> =
    typeof bin === 'string' ? { [short]: bin } : typeof bin === 'object' && bin !== null ? { ...bin } : {}
  const names = Object.keys(programs)
  const name = program ?? (names.length === 1 ? names[0]! : short)
  const path = programs[name]
  if (typeof path !== 'string') {
    const remedy =
      names.length === 0
        ? 'Choose a package that brings a program.'
        : `Use npx -p ${installed.packageSpec} ${names.slice(0, 5).join(' | ')}.`
    throw new Problem('invalid-input', `${installed.name} ${installed.version} has no program ${JSON.stringify(name)}.`, { remedy })
  }
  const file = resolve(folder, path)
  // A manifest is part of the artifact: it must not point anywhere else (R7).
  if (!isInside(file, folder)) throw new Problem('upstream-failed', `The program of ${installed.name} lies outside of the package.`)
  return file
}

async function readManifest(folder: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>
}

/** A Python tool in an environment of its own. `--no-build`: building a package runs its code, outside of the sandbox. */
async function installPython(request: PackageRequest, pinned: InstalledPackage | null, options: InstallContext): Promise<InstalledPackage> {
  const uv = findExecutable('uv', options.environment)
  if (uv === undefined)
    throw new Problem('upstream-down', 'uv is needed to install this package and was not found.', {
      remedy: 'Install uv, or add the server by another command.',
    })
  // Python environments hold absolute paths and cannot be moved, so this one grows where it stays; the pin is written last.
  const folder = join(options.folder, `python-${sha256(request.packageSpec)}`)
  await rm(folder, { recursive: true, force: true })
  const environment = {
    ...packageEnvironment(options.environment),
    UV_TOOL_DIR: folder,
    UV_TOOL_BIN_DIR: join(folder, 'bin'),
    UV_PYTHON_DOWNLOADS: 'never',
  }
  const wanted = pinned === null ? request.packageSpec.replace('@', '==') : `${pinned.name}==${pinned.version}`
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
  await run(
    [uv, 'tool', 'install', '--no-build', '--no-config', '--', wanted],
    folder,
    environment,
    `uv tool install ${wanted}`,
    options.signal,
  )
  const records = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.dist-info/RECORD')).toSorted()
  const contents = await Promise.all(records.map((path) => readFile(join(folder, path), 'utf8')))
  const own = new RegExp(`/${request.packageName.replaceAll(/[-_.]+/g, '[-_.]')}-(?<version>[^/]+)\\.dist-info/RECORD$`, 'i')
  const version = records.map((path) => own.exec(`/${path}`)?.groups?.['version']).find((one) => one !== undefined) ?? ''
  await openForReading(folder)
  return { packageSpec: request.packageSpec, name: request.packageName, version, digest: sha256(contents.join('')), folder }
}

/** Package managers get our environment without our settings, and without what an enclosing `npm start` left in it. */
function packageEnvironment(environment: HostEnvironment): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || /^SALLYPORT_/i.test(name) || name === 'NODE_OPTIONS') continue
    if (
      /^npm_/i.test(name) &&
      !/^npm_config_(registry|userconfig|globalconfig|cache|https?_proxy|proxy|noproxy|cafile|strict_ssl|.*:_.*)$/i.test(name)
    )
      continue
    kept[name] = value
  }
  return kept
}

/** Runs a package manager to its end, at most `installMsMax`. */
function run(argv: readonly string[], cwd: string, env: Record<string, string>, what: string, end: AbortSignal): Promise<void> {
  return new Promise((resolvePromise, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), {
      cwd,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: LIMITS.installMsMax,
      killSignal: 'SIGKILL',
      signal: end,
    })
    let output = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-LIMITS.installOutputBytesMax)
    })
    child.on('error', (error) => reject(new Problem('upstream-down', `${what} could not be started: ${error.message}.`, { cause: error })))
    child.on('close', (code, signal) => {
      if (code === 0) resolvePromise()
      else if (signal !== null)
        reject(
          new Problem('upstream-timeout', `${what} took longer than ${LIMITS.installMsMax / 1000} s and was stopped.`, {
            remedy: 'Check the network, then restart the deployment.',
          }),
        )
      else
        reject(
          new Problem('upstream-down', `${what} failed: ${reasonIn(output)}`, {
            remedy: 'Check the package name, the registry and the network, then restart the deployment.',
          }),
        )
    })
  })
}

/** The lines of a package manager's complaint that say why. */
function reasonIn(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('A complete log') && !/^[A-Za-z]:?\/.*\.log$/.test(line))
  return lines.slice(0, 3).join(' ').slice(0, 400) || 'it gave no reason.'
}

/** The sandbox reads the files as another user: whatever our umask was, they become readable, never writable. */
async function openForReading(path: string): Promise<void> {
  const found = await lstat(path)
  if (found.isSymbolicLink()) return
  await chmod(path, (found.mode & 0o755) | (found.isDirectory() || (found.mode & 0o100) !== 0 ? 0o555 : 0o444))
  if (found.isDirectory()) for (const name of await readdir(path)) await openForReading(join(path, name))
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
