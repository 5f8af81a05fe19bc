import { closeSync, openSync, readdirSync, readSync, renameSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { LIMITS } from '#std/index.ts'
import { DRAINED_SUFFIX, isWriterAlive, parseSpoolFileName, SPOOL_SUFFIX, type SpoolFileName } from './spool-file.ts'

const LINE_END = 0x0a

export interface SpoolFile extends SpoolFileName {
  readonly size: number
  /** A later file of the same writer exists: this one takes nothing more. */
  readonly isRotated: boolean
}

/** Whole lines that were read from one file. */
export interface SpoolPart {
  readonly file: string
  readonly from: number
  /** Where the next read starts: behind the last line taken. */
  readonly to: number
  /** How many lines. */
  readonly count: number
}

/** The spool folder as the drain sees it. */
export interface SpoolFolder {
  /** All spool files, those of one writer in order. */
  list(): SpoolFile[]
  /** In bytes; 0 for a file that is gone. */
  sizeOf(name: string): number
  /**
   * Reads whole lines from `offset` into the beginning of `room`, up to `linesMax`; null when there is none yet. Where
   * `drainBatchBytesMax` hold no line end they are taken as a line: no event is that long.
   */
  read(file: SpoolFile, offset: number, room: Buffer, linesMax: number): SpoolPart | null
  /** Whether nothing will be added to this file any more. */
  isClosed(file: SpoolFile): boolean
  /** Takes a file out of the spool: `list` no longer shows it, `leftovers` does. */
  retire(name: string): void
  /** Names (as spool files) of retired files that are still there. */
  leftovers(): string[]
  /** Removes a retired file. */
  remove(name: string): void
}

export function openSpoolFolder(dir: string): SpoolFolder {
  const retiredPath = (name: string): string => join(dir, name.slice(0, -SPOOL_SUFFIX.length) + DRAINED_SUFFIX)

  function sizeIfThere(name: string): number | undefined {
    return statSync(join(dir, name), { throwIfNoEntry: false })?.size
  }

  return {
    list() {
      const names = readFolder(dir).flatMap((name) => parseSpoolFileName(name) ?? [])
      const last = new Map<string, number>()
      for (const { writer, seq } of names) last.set(writer, Math.max(seq, last.get(writer) ?? 0))
      // Sizes are read after the names: a file that was not the last of its writer then has its final size.
      return names
        .toSorted((a, b) => a.seq - b.seq)
        .flatMap((file) => {
          const size = sizeIfThere(file.name)
          return size === undefined ? [] : [{ ...file, size, isRotated: file.seq < last.get(file.writer)! }]
        })
    },

    sizeOf: (name) => sizeIfThere(name) ?? 0,

    read({ name, size }, offset, room, linesMax) {
      const length = readAt(join(dir, name), room, offset, size - offset)
      const { count, end } = linesIn(room.subarray(0, length), linesMax)
      if (count > 0) return { file: name, from: offset, to: offset + end, count }
      return length < LIMITS.drainBatchBytesMax ? null : { file: name, from: offset, to: offset + length, count: 1 }
    },

    isClosed(file) {
      if (file.isRotated) return true
      // The order matters: a process that is found dead has written its last before the size is read again.
      return !isWriterAlive(file) && sizeIfThere(file.name) === file.size
    },

    retire: (name) => renameSync(join(dir, name), retiredPath(name)),
    leftovers: () =>
      readFolder(dir)
        .filter((name) => name.endsWith(DRAINED_SUFFIX))
        .map((name) => name.slice(0, -DRAINED_SUFFIX.length) + SPOOL_SUFFIX),
    remove: (name) => unlinkSync(retiredPath(name)),
  }
}

/** How many lines there are, up to a number, and where the last of them ends. */
function linesIn(bytes: Buffer, max: number): { readonly count: number; readonly end: number } {
  let end = 0
  for (let count = 0; count < max; count++) {
    const next = bytes.indexOf(LINE_END, end)
    if (next === -1) return { count, end }
    end = next + 1
  }
  return { count: max, end }
}

/** No folder is a folder without files: the data plane may not have started yet. */
function readFolder(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function readAt(path: string, buffer: Buffer, offset: number, bytes: number): number {
  const fd = openSync(path, 'r')
  try {
    return readSync(fd, buffer, 0, Math.min(bytes, buffer.length), offset)
  } finally {
    closeSync(fd)
  }
}
