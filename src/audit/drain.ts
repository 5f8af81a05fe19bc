import { setImmediate as nextTurn } from 'node:timers/promises'
import { backoffMs, type Clock, LIMITS } from '#std/index.ts'
import type { Store } from '#store/index.ts'
import { sweepCallMinutes } from './call-minutes.ts'
import { appendBatch, type Batch, StaleOffset } from './append.ts'
import { decodeLines } from './decode-lines.ts'
import type { DrainedBatch, DrainedBlock } from './model.ts'
import type { EventFacts } from './read-facts.ts'
import { isWriterAlive } from './spool-file.ts'
import { openSpoolFolder, type SpoolFile, type SpoolFolder, type SpoolPart } from './spool-folder.ts'

export interface DrainOptions {
  readonly store: Store
  /** The spool folder of this node. */
  readonly dir: string
  readonly now: Clock
  /** Gets every batch that is in the database. */
  readonly onBatch?: (batch: DrainedBatch) => void
  /** Told how far a file is drained: `Spool.acknowledge` where both run in one process. */
  readonly onProgress?: (file: string, offset: number) => void
  /** Gets what went wrong: the database away (the drain tries again by itself), or a line that is no event (left out). */
  readonly onError: (error: Error) => void
}

export interface DrainLag {
  /** Bytes in the spool that are not in the database. */
  readonly bytes: number
  /** How long the drain has not been level with the spool, in ms; 0 when nothing waits. */
  readonly ageMs: number
}

/**
 * Carries events from the spool files of this node into the database, those of processes that died included. Runs in
 * the process that owns the database.
 */
export interface Drain {
  /** Says that there is something to carry. Cheap; never throws. */
  nudge(): void
  /** Carries all that is in the spool now. Rejects when the database does not take it. */
  drainNow(): Promise<void>
  lag(): DrainLag
  /** Carries once more, for at most `drainGraceMs`, and stops. What is left waits in the spool for the next start. */
  close(): Promise<void>
}

export function createDrain(options: DrainOptions): Drain {
  return new SpoolDrain(options)
}

class SpoolDrain implements Drain {
  readonly #options: DrainOptions
  readonly #folder: SpoolFolder
  /** One batch at a time, outside the heap, where no collection looks. */
  readonly #lines = { bytes: Buffer.allocUnsafeSlow(LIMITS.drainBatchBytesMax), room: Buffer.allocUnsafeSlow(LIMITS.drainBatchBytesMax) }
  /** How far each file is drained, as the database says. */
  readonly #offsets = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #isRunning = false
  #isNudged = false
  #isClosed = false
  /** Failures in a row. */
  #failures = 0
  /** After any failure the next batch looks for events that are there already. */
  #mayRepeat = false
  /** Files whose writer was dead when they were first seen: they may have come back from a copy. */
  readonly #found = new Set<string>()
  /** How many batches were carried. */
  #carried = 0
  #isResting = false
  /** Which file is read first: changes, so that one busy process cannot keep the others waiting. */
  #turn = 0
  #levelAtMs: number
  #isSwept = false
  /** When calls per minute that are too old were last removed. */
  #countsSweptAtMs = Number.NEGATIVE_INFINITY
  /** Passes run one after the other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: DrainOptions) {
    this.#options = options
    this.#folder = openSpoolFolder(options.dir)
    this.#levelAtMs = options.now()
    this.#runAfter(0)
  }

  nudge(): void {
    if (this.#isRunning) this.#isNudged = true
    else if (this.#failures === 0 && this.#mayRun()) this.#runAfter(0)
  }

  drainNow(): Promise<void> {
    const pass = this.#last.then(() => this.#pass())
    this.#last = pass.catch(() => {})
    return pass
  }

  lag(): DrainLag {
    let bytes = 0
    for (const { name, size } of this.#folder.list()) bytes += size - (this.#offsets.get(name) ?? 0)
    return { bytes, ageMs: bytes === 0 ? 0 : Math.max(0, this.#options.now() - this.#levelAtMs) }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    clearTimeout(this.#timer)
    const { promise: expired, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, LIMITS.drainGraceMs)
    await Promise.race([this.drainNow().catch((error: unknown) => this.#options.onError(error as Error)), expired])
    clearTimeout(timer)
  }

  /** A batch costs as much as some hundred events: under load it waits until it is large, or its rest is over. */
  #mayRun(): boolean {
    if (!this.#isResting) return true
    let bytes = 0
    for (const [name, offset] of this.#offsets) bytes += this.#folder.sizeOf(name) - offset
    return bytes >= LIMITS.drainBatchBytesMax
  }

  #runAfter(ms: number): void {
    if (this.#isClosed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#run(), ms).unref()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    this.#isResting = false
    this.#isNudged = false
    const carried = this.#carried
    try {
      await this.drainNow()
      this.#failures = 0
    } catch (error) {
      this.#failures += 1
      this.#options.onError(error as Error)
    }
    this.#isRunning = false
    this.#isResting = this.#failures === 0 && this.#carried > carried
    if (this.#failures > 0) this.#runAfter(backoffMs(this.#failures, LIMITS.drainIntervalMs, LIMITS.drainRetryMsMax))
    else if (this.#isResting) this.#runAfter(LIMITS.drainRestMs)
    else this.#runAfter(this.#isNudged ? 0 : LIMITS.drainPollMs)
  }

  async #pass(): Promise<void> {
    if (!this.#isSwept) await this.#sweep()
    while (await this.#step()) {
      // SQLite works in this very thread: others get their turn between two batches.
      await nextTurn()
    }
    this.#levelAtMs = this.#options.now()
    await this.#sweepCounts()
  }

  async #sweepCounts(): Promise<void> {
    const nowMs = this.#options.now()
    if (nowMs - this.#countsSweptAtMs < LIMITS.callMinuteSweepMs) return
    // First: a sweep that fails is told once and tried again an hour later, and events go on meanwhile.
    this.#countsSweptAtMs = nowMs
    await sweepCallMinutes(this.#options.store, nowMs - LIMITS.callMinuteKeptMs)
  }

  /**
   * One batch. False when it carried all that was there at its start: what came meanwhile waits for company, because a
   * transaction costs as much as many events.
   */
  async #step(): Promise<boolean> {
    const files = this.#folder.list()
    await this.#learnOffsets(files)
    const parts = this.#read(files)
    if (parts.length > 0) await this.#carry(parts)
    for (const file of files) await this.#finish(file)
    return parts.length > 0 && files.some(({ name, size }) => (this.#offsets.get(name) ?? 0) < size)
  }

  async #carry(parts: readonly SpoolPart[]): Promise<void> {
    const { onBatch, onProgress, store } = this.#options
    const batch = await this.#decode(parts)
    let blocks: readonly DrainedBlock[]
    try {
      blocks = await appendBatch(store, batch, this.#mayRepeat || parts.some(({ file }) => this.#found.has(file)))
    } catch (error) {
      this.#mayRepeat = true
      if (!(error instanceof StaleOffset)) throw error
      for (const { file } of parts) {
        const offset = error.offsets.get(file)
        if (offset === undefined) this.#offsets.delete(file)
        else this.#offsets.set(file, offset)
      }
      return
    }
    this.#mayRepeat = false
    this.#carried += 1
    for (const { file, to } of parts) {
      this.#offsets.set(file, to)
      onProgress?.(file, to)
    }
    if (blocks.length > 0) onBatch?.({ blocks, keyUses: keyUsesIn(batch.events) })
  }

  /** Reads what one batch holds into the buffer, one part behind the other. */
  #read(files: readonly SpoolFile[]): SpoolPart[] {
    const parts: SpoolPart[] = []
    let [used, room] = [0, LIMITS.drainBatchMax as number]
    this.#turn += 1
    for (let i = 0; i < files.length && room > 0 && used < LIMITS.drainBatchBytesMax; i++) {
      const file = files[(i + this.#turn) % files.length]!
      const offset = this.#offsets.get(file.name)
      if (offset === undefined || offset >= file.size) continue
      const part = this.#folder.read(file, offset, this.#lines.bytes.subarray(used), room)
      if (part === null) continue
      parts.push(part)
      used += part.to - part.from
      room -= part.count
    }
    return parts
  }

  async #decode(parts: readonly SpoolPart[]): Promise<Batch> {
    const lines = this.#lines
    const events: EventFacts[] = []
    let start = 0
    for (const { file, from, to } of parts) {
      const end = start + to - from
      const onBad = (): void =>
        this.#options.onError(new Error(`Spool file ${file} holds a line behind byte ${from} that is no audit event. It was left out.`))
      events.push(...(await decodeLines(lines.bytes, start, end, onBad)))
      start = end
    }
    // Several processes write at the same time; the chain should follow the clock where it can.
    events.sort((a, b) => a.atMs - b.atMs)
    return { parts, events, lines }
  }

  /** Reads from the database how far files are drained that this process sees for the first time. */
  async #learnOffsets(files: readonly SpoolFile[]): Promise<void> {
    const fresh = files.filter(({ name }) => !this.#offsets.has(name))
    if (fresh.length === 0) return
    for (const file of fresh) if (!isWriterAlive(file)) this.#found.add(file.name)
    const names = fresh.map(({ name }) => name)
    const { db } = this.#options.store
    const firstRows = names.map((file) => ({ file, offset: 0 }))
    await db.insertInto('spool_offset').values(firstRows).onConflict((conflict) => conflict.doNothing()).execute() // prettier-ignore
    const rows = await db.selectFrom('spool_offset').selectAll().where('file', 'in', names).execute()
    for (const { file, offset } of rows) this.#offsets.set(file, offset)
  }

  /** Removes a file that is drained and takes nothing more. */
  async #finish(file: SpoolFile): Promise<void> {
    const offset = this.#offsets.get(file.name)
    if (offset === undefined) return
    if (offset < file.size && this.#folder.read(file, offset, this.#lines.room, 1) !== null) return
    if (!this.#folder.isClosed(file)) return
    if (offset < file.size) {
      const bytes = file.size - offset
      this.#options.onError(
        new Error(
          `The last ${bytes} bytes of spool file ${file.name} are half an event of a process that died. Its call was never answered.`,
        ),
      )
    }
    this.#folder.retire(file.name)
    this.#offsets.delete(file.name)
    this.#found.delete(file.name)
    this.#isSwept = false
    await this.#sweep()
  }

  /**
   * Removes retired files, those included that a crash or a failure had left. The row goes before the file: a file
   * without a row would be drained again, a retired one cannot be.
   */
  async #sweep(): Promise<void> {
    for (const name of this.#folder.leftovers()) {
      await this.#options.store.db.deleteFrom('spool_offset').where('file', '=', name).execute()
      this.#folder.remove(name)
    }
    this.#isSwept = true
  }
}

/** When each key acted last. Events are in the order of time. */
function keyUsesIn(events: readonly EventFacts[]): Map<string, number> {
  const uses = new Map<string, number>()
  for (const { actorKind, actorId, atMs } of events) if (actorKind === 'key') uses.set(actorId, atMs)
  return uses
}
