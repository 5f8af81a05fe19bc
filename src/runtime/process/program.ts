import { execFile } from 'node:child_process'
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { LIMITS, Problem } from '#std/index.ts'
import type { ProcessSpec } from '../model.ts'
import {
  findExecutable,
  type HostEnvironment,
  isNodeScript,
  libraryView,
  projectOf,
  readOnly,
  type SystemView,
  systemView,
} from './host-programs.ts'
import { programFile, type InstalledPackage, type Installer } from './install.ts'
import { readPackageRequest } from './package-spec.ts'
import { isInside, SANDBOX_NODE, type Mount } from './sandbox.ts'

/** What a launch specification comes to on this machine. */
export interface Program {
  /** The executable on the host, and in the sandbox. */
  readonly hostFile: string
  readonly sandboxFile: string
  readonly args: readonly string[]
  readonly view: SystemView
  readonly installed: InstalledPackage | null
}

export interface ProgramContext {
  readonly environment: HostEnvironment
  readonly installer: Installer
  /** Folders that no project mount may contain: the home folder, the data folder. */
  readonly forbidden: readonly string[]
}

const PYTHON = /^python(\d(\.\d+)?)?$/
const SYSTEM_FOLDERS = ['/usr', '/bin', '/sbin', '/lib']

/** Finds (and, for `npx` and `uvx`, installs) what a specification names. Rejects with a `Problem`. */
export async function resolveProgram(spec: ProcessSpec, context: ProgramContext): Promise<Program> {
  const name = basename(spec.command)
  if (name === 'npx') return fromNpm(spec, context)
  if (name === 'uvx') return fromPython(spec, context)
  if (name === 'node') return nodeProgram(spec.args, scriptMounts(spec, context, spec.args), null)
  const file = findExecutable(spec.command, context.environment)
  if (file === undefined) {
    throw new Problem('upstream-down', `The command ${JSON.stringify(spec.command)} was not found.`, {
      remedy: 'Install it, or give its full path.',
    })
  }
  if (PYTHON.test(name)) return pythonProgram(file, spec.args, scriptMounts(spec, context, spec.args))
  const real = realpathSync(file)
  if (isNodeScript(real)) return nodeProgram([real, ...spec.args], [readOnly(projectOf(real, context.forbidden))], null)
  const view = systemView()
  const mounts = SYSTEM_FOLDERS.some((folder) => isInside(file, folder))
    ? []
    : [readOnly(projectOf(file, context.forbidden)), readOnly(file)]
  return {
    hostFile: file,
    sandboxFile: file,
    args: spec.args,
    view: { mounts: [...view.mounts, ...mounts], links: view.links },
    installed: null,
  }
}

async function fromNpm(spec: ProcessSpec, context: ProgramContext): Promise<Program> {
  const request = readPackageRequest('npx', spec.args)
  const installed = await context.installer.install(request)
  const file = await programFile(installed, request.program)
  return nodeProgram([file, ...request.args], [readOnly(installed.folder)], installed)
}

async function fromPython(spec: ProcessSpec, context: ProgramContext): Promise<Program> {
  const request = readPackageRequest('uvx', spec.args)
  const installed = await context.installer.install(request)
  const file = join(installed.folder, 'bin', request.program ?? request.packageName)
  if (!existsSync(file)) {
    const names = existsSync(join(installed.folder, 'bin')) ? readdirSync(join(installed.folder, 'bin')).slice(0, 5) : []
    throw new Problem('invalid-input', `${installed.name} has no program ${JSON.stringify(basename(file))}.`, {
      remedy: `Use uvx --from ${request.packageSpec} ${names.join(' | ')}.`,
    })
  }
  // The program's first line names the interpreter of its environment.
  const python = join(dirname(dirname(realpathSync(file))), 'bin', 'python')
  const program = await pythonProgram(python, [realpathSync(file), ...request.args], [readOnly(installed.folder)])
  return { ...program, installed }
}

/** Whatever Node stands in the search path: ours runs the program, it is current and known to fit the sandbox. */
function nodeProgram(args: readonly string[], mounts: readonly Mount[], installed: InstalledPackage | null): Program {
  const { mounts: libraries, links } = libraryView()
  return {
    hostFile: process.execPath,
    sandboxFile: SANDBOX_NODE,
    args,
    view: { mounts: [...libraries, ...mounts], links },
    installed,
  }
}

const PREFIXES = 'import json, sys; print(json.dumps([sys.executable, sys.prefix, sys.base_prefix]))'

async function pythonProgram(file: string, args: readonly string[], mounts: readonly Mount[]): Promise<Program> {
  const [executable, ...prefixes] = await askPython(file)
  const { mounts: system, links } = systemView()
  const own = [...new Set(prefixes)].filter((prefix) => !SYSTEM_FOLDERS.some((folder) => isInside(prefix, folder)))
  return {
    hostFile: executable!,
    sandboxFile: executable!,
    args,
    view: { mounts: [...system, ...own.map((prefix) => readOnly(prefix)), ...mounts], links },
    installed: null,
  }
}

/** Asks an interpreter of the host where it lives. `-I`: nothing of the server or the environment is loaded. */
function askPython(file: string): Promise<string[]> {
  return new Promise((resolvePromise, reject) => {
    execFile(file, ['-I', '-c', PREFIXES], { timeout: LIMITS.sandboxProbeMs, cwd: '/' }, (error, stdout) => {
      if (error === null) resolvePromise(JSON.parse(stdout) as string[])
      else
        reject(
          new Problem('upstream-down', `${file} does not run: ${error.message.split('\n')[0]}`, {
            remedy: 'Give the full path of a Python interpreter.',
          }),
        )
    })
  })
}

/** The script among the arguments of an interpreter: the first that is no option, if it is a file. */
function scriptMounts(spec: ProcessSpec, context: ProgramContext, args: readonly string[]): Mount[] {
  const script = args.find((arg) => !arg.startsWith('-'))
  if (script === undefined || (!isAbsolute(script) && spec.cwd === null)) return []
  const file = resolve(spec.cwd ?? '/', script)
  if (spec.files.some((grant) => isInside(file, resolve(grant.path)))) return []
  if (!existsSync(file))
    throw new Problem('upstream-down', `The file ${file} does not exist.`, { remedy: 'Correct the path in the launch specification.' })
  if (!statSync(file).isFile()) return []
  return [readOnly(projectOf(file, context.forbidden))]
}
