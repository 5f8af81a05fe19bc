import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'

// A spool file is named `<node>-<boot>-<seq>.spool`, the boot being `<pid>.<start>.<random>`: enough to tell whether the
// process that writes it still lives. A data folder belongs to one node, that is to one table of processes.

export const SPOOL_SUFFIX = '.spool'
/** What a drained file is called between the moment it is done with and the moment it is gone. */
export const DRAINED_SUFFIX = '.drained'
const SEQ_DIGITS = 8
const NAME = /^(.+-(\d+)\.(\d+)\.[0-9a-f]+)-(\d+)\.spool$/

export interface SpoolFileName {
  readonly name: string
  /** Node and boot: who wrote it. */
  readonly writer: string
  readonly pid: number
  readonly startedAt: string
  readonly seq: number
}

/** When this process started, as far as it can be known. */
let ownStart: string | undefined

/** The start of the names of all files of one writer. */
export function newWriterName(node: string): string {
  const start = (ownStart ??= readProcess(process.pid)?.startedAt ?? '0')
  return `${node.replaceAll(/[^A-Za-z0-9._-]/g, '_')}-${process.pid}.${start}.${randomBytes(6).toString('hex')}`
}

export const spoolFileName = (writer: string, seq: number): string => `${writer}-${String(seq).padStart(SEQ_DIGITS, '0')}${SPOOL_SUFFIX}`

/** Undefined for a name that is not one of a spool file. */
export function parseSpoolFileName(name: string): SpoolFileName | undefined {
  const match = NAME.exec(name)
  if (match === null) return undefined
  return { name, writer: match[1]!, pid: Number(match[2]), startedAt: match[3]!, seq: Number(match[4]) }
}

/** Whether the process that wrote this file still runs: the same number *and* the same start, for numbers are used again. */
export function isWriterAlive(file: SpoolFileName): boolean {
  // Asked with every batch: about itself a process need not ask the system.
  if (file.pid === process.pid && file.startedAt === ownStart) return true
  if (file.startedAt === '0' || process.platform !== 'linux') return mayBeAlive(file.pid)
  return readProcess(file.pid)?.startedAt === file.startedAt
}

/** Without /proc a process that got the number later looks alive: its predecessor's last file then waits, nothing is lost. */
function mayBeAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** From proc_pid_stat(5): fields 3 (state) and 22 (start, in ticks since the machine started). Zombies count as dead. */
function readProcess(pid: number): { startedAt: string } | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined
  }
  // The command name in field 2 may hold anything, so the rest is what follows its last parenthesis.
  const [state, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const startedAt = rest[18]
  if (state === 'Z' || state === 'X' || startedAt === undefined) return undefined
  return { startedAt }
}
