import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ProcessSpec } from '../model.ts'
import type { Program } from './program.ts'
import { isInside, KERNEL_FOLDERS } from './sandbox.ts'

/** `/path`, `--root=/path` and `ROOT=/path`. */
const PATH_ARGUMENT = /^(?:[\w-]+=)?(?<path>\/.*)$/s
/** The sandbox has these of its own. */
const OWN_PATHS = ['/', '/tmp', '/etc/passwd']

/**
 * The absolute paths among the arguments of a program that the host has and the sandbox will not show, as far as they can
 * be granted.
 */
export function ungrantedPaths(spec: Pick<ProcessSpec, 'files'>, program: Pick<Program, 'args' | 'view'>, dataDir: string): string[] {
  const shown = [
    ...spec.files.map((grant) => resolve(grant.path)),
    ...program.view.mounts.map((mount) => mount.target),
    ...program.view.links.map((link) => link.at),
  ]
  const isWanted = (path: string): boolean => !OWN_PATHS.includes(path) && !shown.some((folder) => isInside(path, folder))
  const named = program.args.map((arg) => PATH_ARGUMENT.exec(arg)?.groups?.['path']).filter((path) => path !== undefined)
  return [...new Set(named.map((path) => resolve(path)))].filter((path) => isWanted(path) && isGrantable(path, dataDir))
}

/**
 * Whether the host has this absolute path where a grant may lead. What must not be granted (folders of the kernel, the data
 * folder, links that lead there) is not looked at, so that nobody learns what is in it.
 */
export function isGrantable(path: string, dataDir: string): boolean {
  const isOffLimits = (one: string): boolean => [...KERNEL_FOLDERS, dataDir].some((folder) => isInside(one, folder))
  const target = resolve(path)
  if (isOffLimits(target)) return false
  const real = realPath(target)
  return real !== null && !isOffLimits(real)
}

/** Without symbolic links; null when nothing is there, or nothing that we may see. */
function realPath(path: string): string | null {
  try {
    return realpathSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    return null
  }
}
