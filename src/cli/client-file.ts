import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { LIMITS } from '#std/index.ts'
import { CLIENTS, type ClientRow, type Scope } from './clients.ts'
import { refusal, usageFailure } from './failure.ts'
import { suggestion } from './parse-arguments.ts'
import { writeAtomically } from './private-file.ts'
import type { Program } from './program.ts'

/** A configuration file as found. */
export interface ClientFile {
  /** The file itself: what a link points to. */
  readonly path: string
  /** Undefined: there is none yet. */
  readonly text: string | undefined
}

/** The row of a client by its name on the command line. */
export function findClient(id: string): ClientRow {
  const row = Object.hasOwn(CLIENTS, id) ? CLIENTS[id] : undefined
  if (row !== undefined) return row
  const meant = suggestion(id, Object.keys(CLIENTS))
  throw usageFailure(
    `\`${id}\` is not a client we know`,
    meant === undefined ? `One of: ${Object.keys(CLIENTS).join(', ')}.` : `Did you mean \`${meant}\`?`,
    'sallyport client list',
  )
}

/** Where the client's configuration lies; undefined for what is only printed. */
export function clientPath(row: ClientRow, scope: Scope, program: Program): string | undefined {
  const segments = row.file?.(scope, program)
  return segments === undefined ? undefined : join(...segments)
}

/** Name of our entry: one for everything, one per profile. */
export const entryName = (profile: string | undefined): string => (profile === undefined ? 'sallyport' : `sallyport-${profile}`)

/** Reads a configuration through links. Refuses what is no regular file, too large, or no UTF-8: writing it back would damage it. */
export function readClientFile(path: string): ClientFile {
  const link = lstatSync(path, { throwIfNoEntry: false })
  if (link === undefined) return { path, text: undefined }
  let real
  try {
    real = realpathSync(path)
  } catch {
    throw refusal(`${path} is a link that leads nowhere`, undefined, 'mend or remove the link, then run this command again')
  }
  const { size } = assertFile(real)
  if (size > LIMITS.clientConfigBytesMax) throw refusal(`${real} is too large to edit`, `At most ${LIMITS.clientConfigBytesMax} bytes.`)
  try {
    return { path: real, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(real)) }
  } catch (error) {
    if (error instanceof TypeError) throw refusal(`${real} is not UTF-8 text`)
    throw error
  }
}

function assertFile(path: string): { size: number } {
  const found = statSync(path)
  if (!found.isFile()) throw refusal(`${path} is not a file`)
  return found
}

/**
 * Writes what was shown, if the file is still the one that was read. With `backupAtMs` the old content stays beside it in
 * a private file, whose path is returned; null when there was no file.
 */
export function replaceClientFile({ path, text: before }: ClientFile, after: string, backupAtMs?: number): string | null {
  assertUnchanged({ path, text: before })
  if (before === undefined) {
    mkdirSync(dirname(path), { recursive: true })
    writeAtomically(path, after)
    return null
  }
  const backup = backupAtMs === undefined ? null : backUp(path, before, backupAtMs)
  const { mode, uid, gid } = statSync(path)
  writeAtomically(path, after, { mode: mode & 0o777, owner: { uid, gid } })
  return backup
}

function backUp(path: string, text: string, nowMs: number): string {
  const name = `${path}.sallyport-backup-${new Date(nowMs).toISOString().replaceAll(/[-:.]/g, '')}`
  let backup = name
  for (let again = 2; existsSync(backup); again++) backup = `${name}-${again}`
  writeFileSync(backup, text, { mode: 0o600, flag: 'wx' })
  return backup
}

/** Removes a file that we made, if it is still the one that was read. */
export function removeClientFile(file: ClientFile): void {
  assertUnchanged(file)
  rmSync(file.path)
}

/** Clients write these files too; what was shown must be what is replaced. */
function assertUnchanged({ path, text }: ClientFile): void {
  if (readClientFile(path).text !== text)
    throw refusal(`${path} changed meanwhile`, 'Its client wrote to it. Nothing was changed.', 'run this command again')
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Others on this machine can read the file, and a key is about to stand in it. */
export const isReadableByOthers = (path: string): boolean =>
  process.platform !== 'win32' && ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0
