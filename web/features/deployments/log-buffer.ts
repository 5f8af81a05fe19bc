import { cut, inert } from '@/lib/inert.ts'

export interface ReceivedLine {
  readonly at: string
  readonly text: string
}

export interface ShownLine {
  readonly id: number
  readonly at: string
  /** Safe to show. */
  readonly text: string
  /** Stands where lines may be missing. */
  readonly isGap: boolean
}

const LINE_LENGTH_MAX = 8_192
/** Colours and cursor movements of terminals, also where the server has already made their first character visible. */
const TERMINAL = /[\u241B\u009B](?:\[[0-9;?]{0,32}[ -/]{0,4}[@-~])?/g

/** A line of a log as it may be shown. */
export function shownText(text: string): string {
  const { text: short, left } = cut(text, LINE_LENGTH_MAX)
  const clean = inert(short.replaceAll(TERMINAL, (found) => (found.length > 1 ? '' : found)))
  return left > 0 ? `${clean}… (${left} more characters)` : clean
}

/** The last lines of a log that is followed. Tells its listeners at most every `quietMs`. */
export interface LogBuffer {
  /** A connection was made; the server begins with the lines that it still has. */
  connected(): void
  add(line: ReceivedLine): void
  lines(): readonly ShownLine[]
  /** While somebody reads older lines twice as many are kept, so that nothing moves below the eyes. */
  setReading(isReading: boolean): void
  clear(): void
  subscribe(listener: () => void): () => void
}

export function createLogBuffer(linesMax: number, quietMs: number): LogBuffer {
  const listeners = new Set<() => void>()
  let lines: ShownLine[] = []
  let shown: readonly ShownLine[] = []
  let [nextId, isReading] = [0, false]
  let timer: ReturnType<typeof setTimeout> | undefined
  /** The time of the newest line and how many lines bear it: what a new connection repeats is passed over. */
  let [lastAt, lastCount] = ['', 0]
  let [isRepeating, repeated] = [false, 0]

  const tell = (): void => {
    timer = undefined
    shown = [...lines]
    for (const listener of listeners) listener()
  }
  const push = (at: string, text: string, isGap: boolean): void => {
    lines.push({ id: nextId++, at, text, isGap })
    const most = isReading ? linesMax * 2 : linesMax
    // Dropped in pieces: shifting thousands of places for every line would be felt.
    if (lines.length > most + 256) lines = lines.slice(-most)
    timer ??= setTimeout(tell, quietMs)
  }
  const isRepeated = (at: string): boolean => {
    if (!isRepeating) return false
    if (at < lastAt) return true
    if (at === lastAt && repeated < lastCount) return ++repeated > 0
    if (repeated === 0) push(at, '', true)
    isRepeating = false
    return false
  }
  return {
    connected() {
      ;[isRepeating, repeated] = [lastAt !== '', 0]
    },
    add({ at, text }) {
      if (isRepeated(at)) return
      lastCount = at === lastAt ? lastCount + 1 : 1
      lastAt = at
      push(at, shownText(text), false)
    },
    lines: () => shown,
    setReading(reading) {
      isReading = reading
    },
    clear() {
      lines = []
      timer ??= setTimeout(tell, 0)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
