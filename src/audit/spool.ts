import { closeSync, ftruncateSync, mkdirSync, openSync, readdirSync, statSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { LIMITS, Problem } from '#std/index.ts'
import type { AuditEvent, Recorder } from './model.ts'
import { isWriterAlive, newWriterName, parseSpoolFileName, spoolFileName } from './spool-file.ts'
import { EVENT_BYTES_MAX, writeEvent } from './write-event.ts'

const LINE_END = 0x0a
/** A full spool still holds several files, so that draining one of them makes room. */
const FILES_MIN = 8

export interface SpoolOptions {
  /** The spool folder; made when missing, mode 0700. */
  readonly dir: string
  /** Name of this node, the start of every file name. */
  readonly node: string
  /** How many bytes may wait for the drain before events are refused. */
  readonly bytesMax: number
  /** Files are closed at this size; at most an eighth of `bytesMax`. */
  readonly fileBytesMax?: number
  /** Called at most every `drainIntervalMs` while events arrive: wakes the drain, here or in another process. */
  readonly onNudge?: () => void
  /** A clock for intervals, in milliseconds. */
  readonly now?: () => number
}

/**
 * The data plane's side of the audit: one per process. An answered event is in a file, with `write(2)` done, so that
 * it survives the death of the process (not that of the machine: a flush to disk per turn would cost milliseconds). It learns what was drained by files that vanish, and at once by `acknowledge`
 * where the drain runs in the same process.
 */
export interface Spool extends Recorder {
  /** Tells that the first `offset` bytes of `file` (a name, not a path) are in the database. */
  acknowledge(file: string, offset: number): void
  /** Bytes that wait for the drain: those of this process, and what dead processes had left when it started. */
  undrainedBytes(): number
  /** Writes what waits, answers it, closes. Every later `record` is refused. */
  close(): void
}

type Then = (failure: Error | null) => void

interface FileProgress {
  size: number
  drained: number
}

/** Opens a spool and its first file. Throws when the folder cannot be written. */
export function openSpool(options: SpoolOptions): Spool {
  return new FileSpool(options)
}

class FileSpool implements Spool {
  readonly #dir: string
  readonly #writer: string
  readonly #bytesMax: number
  readonly #fileBytesMax: number
  readonly #onNudge: () => void
  readonly #now: () => number
  // Encoded at once and outside the heap: lines kept as strings until the flush make every collection longer.
  readonly #slab = Buffer.allocUnsafeSlow(LIMITS.spoolSlabBytes)
  readonly #files = new Map<string, FileProgress>()
  readonly #flush = (): void => this.#finishTurn()

  #used = 0
  /** Callbacks of events that are in the slab, and below `#written` of events that are in the file. */
  #pending: Then[] = []
  #spare: Then[] = []
  #written = 0
  /** Callbacks of events that could not be written. */
  #failed: Then[] = []
  #failedWith: Problem | null = null
  #isScheduled = false
  #nudgeTimer: NodeJS.Timeout | undefined

  #fd = -1
  #seq = 0
  #name = ''
  #current: FileProgress = { size: 0, drained: 0 }
  #undrained = 0
  /** Why nothing can be written now. */
  #failure: NodeJS.ErrnoException | null = null
  #probedAt = 0
  #refreshedAt = 0

  constructor(options: SpoolOptions) {
    this.#dir = options.dir
    this.#bytesMax = options.bytesMax
    this.#fileBytesMax = Math.min(options.fileBytesMax ?? LIMITS.spoolFileBytesMax, Math.ceil(options.bytesMax / FILES_MIN))
    this.#onNudge = options.onNudge ?? (() => {})
    this.#now = options.now ?? (() => performance.now())
    this.#writer = newWriterName(options.node)
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 })
    this.#inherit()
    this.#openNext()
  }

  record(event: AuditEvent, then: Then): void {
    this.assertWritable()
    // One byte more for the line end.
    if (EVENT_BYTES_MAX >= this.#slab.length - this.#used) {
      this.#write()
      if (this.#failure !== null) throw this.#refusal()
    }
    const end = writeEvent(event, this.#slab, this.#used)
    this.#slab[end] = LINE_END
    this.#used = end + 1
    this.#pending.push(then)
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(this.#flush)
  }

  assertWritable(): void {
    if (this.#failure !== null && !this.#recover()) throw this.#refusal()
    if (this.#undrained + this.#used < this.#bytesMax) return
    this.#refresh()
    if (this.#undrained + this.#used < this.#bytesMax) return
    throw new Problem('audit-unavailable', `${this.#undrained} bytes of audit events wait for the database, more than allowed.`, {
      remedy: 'Bring the database back: the spool then drains by itself. SALLYPORT_SPOOL_BYTES_MAX sets how much may wait.',
    })
  }

  acknowledge(file: string, offset: number): void {
    const progress = this.#files.get(file)
    if (progress === undefined) return
    const drained = Math.min(offset, progress.size)
    if (drained <= progress.drained) return
    this.#undrained -= drained - progress.drained
    progress.drained = drained
    if (progress !== this.#current && drained === progress.size) this.#files.delete(file)
  }

  undrainedBytes(): number {
    this.#refresh()
    return this.#undrained
  }

  close(): void {
    if (this.#isScheduled) this.#finishTurn()
    clearTimeout(this.#nudgeTimer)
    this.#closeFile()
    this.#failure ??= new Error('The spool is closed.')
    this.#probedAt = Number.POSITIVE_INFINITY
  }

  /** One write for all events of an event-loop turn, then their callbacks in order. */
  #finishTurn(): void {
    this.#isScheduled = false
    this.#write()
    const written = this.#pending
    const failed = this.#failed
    // Callbacks may record again, so they run after the lists were changed over.
    this.#pending = this.#spare
    this.#written = 0
    runAll(written, null)
    if (failed.length > 0) {
      this.#failed = []
      runAll(failed, this.#failedWith)
    }
    written.length = 0
    this.#spare = written
  }

  #write(): void {
    const length = this.#used
    if (length === 0) return
    this.#used = 0
    let done = 0
    try {
      while (done < length) done += writeSync(this.#fd, this.#slab, done, length - done)
    } catch (error) {
      this.#giveUp(error as Error, done)
      return
    }
    this.#written = this.#pending.length
    this.#grow(length)
    this.#nudgeTimer ??= setTimeout(() => {
      this.#nudgeTimer = undefined
      this.#onNudge()
    }, LIMITS.drainIntervalMs).unref()
    if (this.#current.size >= this.#fileBytesMax) this.#rotate()
  }

  /**
   * After a failed write: whole lines that did arrive stay (they may be drained already), half a line goes, and the
   * file takes nothing more. What is not answered was not promised.
   */
  #giveUp(error: Error, done: number): void {
    const whole = done === 0 ? 0 : this.#slab.lastIndexOf(LINE_END, done - 1) + 1
    this.#grow(whole)
    try {
      ftruncateSync(this.#fd, this.#current.size)
    } catch {
      // The half line stays then, as the end of a closed file, where the drain drops it.
    }
    this.#failed.push(...this.#pending.splice(this.#written))
    this.#closeFile()
    this.#failure = error
    this.#failedWith = this.#refusal()
    this.#probedAt = this.#now()
  }

  #grow(bytes: number): void {
    this.#current.size += bytes
    this.#undrained += bytes
  }

  #rotate(): void {
    this.#closeFile()
    try {
      this.#openNext()
    } catch (error) {
      this.#failure = error as Error
      this.#probedAt = this.#now()
    }
  }

  /** Tries, now and then, whether a new file can be made and takes a (blank) line. */
  #recover(): boolean {
    const now = this.#now()
    if (now - this.#probedAt < LIMITS.spoolRefreshMs) return false
    this.#probedAt = now
    try {
      this.#openNext()
      writeSync(this.#fd, '\n')
    } catch (error) {
      this.#closeFile()
      this.#failure = error as Error
      return false
    }
    this.#grow(1)
    this.#failure = null
    return true
  }

  #refusal(): Problem {
    const code = this.#failure?.code
    return new Problem('audit-unavailable', `The audit spool cannot be written${code === undefined ? '' : ` (${code})`}.`, {
      remedy: 'Make room on the disk of the data folder and let this process write there; calls go on by themselves then.',
      cause: this.#failure,
    })
  }

  #openNext(): void {
    this.#name = spoolFileName(this.#writer, ++this.#seq)
    this.#fd = openSync(join(this.#dir, this.#name), 'ax', 0o600)
    this.#current = { size: 0, drained: 0 }
    this.#files.set(this.#name, this.#current)
  }

  #closeFile(): void {
    if (this.#fd === -1) return
    const fd = this.#fd
    const { size, drained } = this.#current
    this.#fd = -1
    this.#current = { size: 0, drained: 0 }
    if (drained === size) this.#files.delete(this.#name)
    try {
      closeSync(fd)
      if (size === 0) unlinkSync(join(this.#dir, this.#name))
    } catch {
      // Every byte was written, so a descriptor that closes badly loses nothing, and the drain removes empty files.
    }
  }

  /** What dead processes left counts too: otherwise a process that dies and starts again could fill the disk. */
  #inherit(): void {
    for (const name of readdirSync(this.#dir)) {
      const file = parseSpoolFileName(name)
      if (file === undefined || isWriterAlive(file)) continue
      const size = sizeOf(join(this.#dir, name))
      if (size === undefined) continue
      this.#files.set(name, { size, drained: 0 })
      this.#undrained += size
    }
  }

  /** Forgets the files that the drain has removed. */
  #refresh(): void {
    const now = this.#now()
    if (now - this.#refreshedAt < LIMITS.spoolRefreshMs) return
    this.#refreshedAt = now
    for (const [name, progress] of this.#files) {
      if (progress === this.#current || sizeOf(join(this.#dir, name)) !== undefined) continue
      this.#files.delete(name)
      this.#undrained -= progress.size - progress.drained
    }
  }
}

function runAll(callbacks: readonly Then[], failure: Error | null): void {
  for (const then of callbacks) {
    try {
      then(failure)
    } catch (error) {
      // A bug of one caller must not keep the answers of the others; it surfaces as the uncaught error it is.
      queueMicrotask(() => {
        throw error
      })
    }
  }
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size
}
