import type { Flight } from '@/lib/mcp-answer.ts'
import { isRecord, type Fields } from '@/lib/mcp-request.ts'
import type { ProblemDocument } from '@/lib/problem.ts'

/** A call of this visit, and what came of it. */
export interface Run {
  readonly id: string
  readonly at: string
  /** Null: everything. */
  readonly endpoint: string | null
  readonly tool: string
  readonly args: Fields
  readonly outcome: 'ok' | 'tool-error' | 'failed' | 'cancelled'
  readonly ms: number
  /** The JSON-RPC message as it came; null when there was none. */
  readonly message: unknown
  readonly problem: ProblemDocument | null
  readonly flight: Flight | null
  /** The message was too large to outlive the page. */
  readonly isMessageDropped: boolean
}

const KEY = 'sallyport.playground.runs'
export const RUNS_MAX = 20
const KEPT_LENGTH_MAX = 64 * 1024

/** The newest first, the oldest forgotten. */
export const withRun = (runs: readonly Run[], run: Run): readonly Run[] =>
  [run, ...runs.filter(({ id }) => id !== run.id)].slice(0, RUNS_MAX)

/** What of a run may lie in the storage of this tab. */
export function storable(run: Run): Run {
  const isLarge = (JSON.stringify(run.message) ?? '').length > KEPT_LENGTH_MAX
  const areArgumentsLarge = JSON.stringify(run.args).length > KEPT_LENGTH_MAX
  return { ...run, ...(isLarge ? { message: null, isMessageDropped: true } : {}), ...(areArgumentsLarge ? { args: {} } : {}) }
}

/** Reads what an earlier page of this tab kept; what is spoilt is left out. */
export function readRuns(text: string | null): readonly Run[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text ?? '[]')
  } catch {
    parsed = []
  }
  const all: readonly unknown[] = Array.isArray(parsed) ? parsed : []
  return all
    .filter((run): run is Run => isRecord(run) && typeof run['id'] === 'string' && typeof run['tool'] === 'string' && isRecord(run['args']))
    .slice(0, RUNS_MAX)
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** The runs of this visit: whole in memory, small in the storage of the tab, gone with the session. */
export function createRuns(storage: Store) {
  let runs = readRuns(storage.getItem(KEY))
  const listeners = new Set<() => void>()
  const changed = (): void => listeners.forEach((listener) => listener())
  return {
    all: (): readonly Run[] => runs,
    add(run: Run): void {
      runs = withRun(runs, run)
      try {
        storage.setItem(KEY, JSON.stringify(runs.map(storable)))
      } catch {
        // The storage is full: what is there stays, and this page still has everything.
      }
      changed()
    },
    clear(): void {
      runs = []
      storage.removeItem(KEY)
      changed()
    },
    subscribe: (listener: () => void): (() => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
