import {
  chmodSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { refusal } from './failure.ts'

export interface WriteOptions {
  readonly mode?: number
  readonly owner?: { readonly uid: number; readonly gid: number }
}

/** Replaces a file in one step: readers see the old content or the new one, and a crash leaves no half file. */
export function writeAtomically(path: string, content: string, { mode = 0o600, owner }: WriteOptions = {}): void {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`)
  const file = openSync(temporary, 'wx', 0o600)
  try {
    try {
      writeFileSync(file, content)
      // Only root may give files away; anybody else already owns what it made.
      if (owner !== undefined && process.getuid?.() === 0) fchownSync(file, owner.uid, owner.gid)
      fchmodSync(file, mode)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** Makes a folder that only its owner can enter. */
export function makePrivateFolder(path: string): void {
  if (mkdirSync(path, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(path, 0o700)
}

/** Refuses a key file that others on this machine can read or write. Windows has no such modes. */
export function assertPrivate(path: string): void {
  if (process.platform === 'win32' || (statSync(path).mode & 0o077) === 0) return
  throw refusal(`${path} can be read by other users`, 'A key that others can read is not used.', `chmod 600 ${path}`)
}
