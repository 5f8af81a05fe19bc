import { accessSync, chmodSync, constants, mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { Problem } from '#std/index.ts'

const FOLDER_MODE = 0o700
/** One of these is in every folder that was a data folder once, with whatever database. */
const OUR_FILES = ['vault.key', 'cli.key', 'sallyport.db']
/** What an otherwise empty folder may hold: the root of a fresh file system, and a declared file put there beforehand. */
const HARMLESS_NAMES = ['lost+found', 'sallyport.json']

/**
 * Makes the data folder (absolute path) if it is missing, ours alone. A folder with other people's files is left as it is.
 * Throws `invalid-input`, which says why it cannot be used.
 */
export function prepareDataFolder(path: string): void {
  attempt(path, () => makeFolder(path))
  attempt(path, () => {
    assertOurs(path)
    chmodSync(path, FOLDER_MODE)
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  })
}

/** To close somebody's folder to everybody else may break a machine: `/etc` and `/srv` are typed in a hurry. */
function assertOurs(path: string): void {
  const names = readdirSync(path).filter((name) => !HARMLESS_NAMES.includes(name))
  if (names.length === 0 || names.some((name) => OUR_FILES.includes(name))) return
  throw new Problem('invalid-input', `The data folder ${path} cannot be used: it holds files, and none of them is Sallyport's.`, {
    remedy: 'Name a new or an empty folder with --data-dir (SALLYPORT_DATA_DIR).',
  })
}

/** One level at a time: where the kernel makes no folders (below /proc), a recursive `mkdir` of Node never comes back. */
function makeFolder(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isDirectory() === true) return
  if (found !== undefined) throw unusable(path, `${path} is a file, not a folder`)
  if (dirname(path) !== path) makeFolder(dirname(path))
  try {
    mkdirSync(path, { mode: FOLDER_MODE })
  } catch (error) {
    // Another process was faster.
    if (codeOf(error) !== 'EEXIST' || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error
  }
}

function attempt(path: string, step: () => void): void {
  try {
    step()
  } catch (error) {
    if (error instanceof Problem || codeOf(error) === undefined) throw error
    const at = (error as NodeJS.ErrnoException).path ?? path
    throw unusable(path, reason(at, codeOf(error)!), error)
  }
}

/** Why the file system said no, in plain words. `at`: the folder it said it about. */
function reason(at: string, code: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return refusal(at)
    case 'EROFS':
      return `${at} lies on a file system that is read-only`
    case 'ENOTDIR':
      return `a part of ${at} is a file, not a folder`
    case 'EEXIST':
      return `${at} is a link that leads nowhere`
    case 'ENOENT':
      return `no folder can be made in ${dirname(at)}`
    case 'ENOSPC':
      return `there is no space left for ${at}`
    default:
      return `${at} cannot be made or opened (${code})`
  }
}

/** Names the nearest folder that can be seen: it decides. */
function refusal(at: string): string {
  let folder = at
  let owner = ownerOf(folder)
  while (owner === undefined && dirname(folder) !== folder) owner = ownerOf((folder = dirname(folder)))
  return owner === undefined || owner === process.getuid?.()
    ? `${folder} is not writable for this user`
    : `${folder} belongs to another user (user id ${owner})`
}

function ownerOf(path: string): number | undefined {
  try {
    return statSync(path).uid
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return undefined
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

function unusable(path: string, why: string, cause?: unknown): Problem {
  return new Problem('invalid-input', `The data folder ${path} cannot be used: ${why}.`, {
    remedy: 'Mend that, or choose another folder with --data-dir (SALLYPORT_DATA_DIR).',
    cause,
  })
}
