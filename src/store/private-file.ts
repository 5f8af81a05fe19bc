import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { Problem } from '#std/index.ts'

const OTHERS = 0o077

/** The content of a file that only its owner may read; null when there is none. Throws `unsafe-file` for wider permissions. */
export function readPrivateFile(path: string): Buffer | null {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Problem('unsafe-file', `${path} cannot be read.`, { remedy: 'Run as the user who owns it.', cause: error })
  }
  try {
    // Asked of the open file, so that it cannot be exchanged in between.
    const { mode } = fstatSync(file)
    if ((mode & OTHERS) !== 0) {
      throw new Problem('unsafe-file', `${path} may be used by others (mode ${(mode & 0o777).toString(8).padStart(4, '0')}).`, {
        remedy: `If nobody can have read it, chmod 600 ${path}. Otherwise exchange what it holds.`,
      })
    }
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

/** Makes the file (mode 0600) unless it exists, and gives what it holds then. It appears whole or not at all. */
export function ensurePrivateFile(path: string, content: () => Buffer): Buffer {
  const existing = readPrivateFile(path)
  if (existing !== null) return existing
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, content())
    fsyncSync(file)
    linkSync(draft, path)
  } catch (error) {
    // Another process was faster: its content counts.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    closeSync(file)
    unlinkSync(draft)
  }
  return readPrivateFile(path)!
}
