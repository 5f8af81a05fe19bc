import { Problem } from '#std/index.ts'
import { EMPTY_SNAPSHOT } from './compile-snapshot.ts'
import type { Snapshot, SnapshotHolder } from './model.ts'

export interface SnapshotHolderOptions {
  /** How old the last confirmation may be. */
  readonly staleMaxMs: number
  /** What to start with; nothing confirms it. */
  readonly initial?: Snapshot
}

export function createSnapshotHolder({ staleMaxMs, initial = EMPTY_SNAPSHOT }: SnapshotHolderOptions): SnapshotHolder {
  const listeners = new Set<{ readonly listener: (snapshot: Snapshot) => void }>()
  let snapshot = initial
  let confirmedAtMs = -Infinity

  function confirm(atMs: number): void {
    // Messages of the past cannot take a confirmation back.
    if (atMs > confirmedAtMs) confirmedAtMs = atMs
  }

  return {
    current: () => snapshot,
    confirmedAtMs: () => confirmedAtMs,
    assertFresh(nowMs) {
      if (nowMs - confirmedAtMs <= staleMaxMs) return
      throw new Problem(
        'snapshot-stale',
        `The configuration could not be confirmed for more than ${Math.round(staleMaxMs / 1_000)} seconds.`,
        {
          remedy: 'The operator must bring the database back; SALLYPORT_STALE_MAX_SECONDS is how long calls go on without it.',
        },
      )
    },
    publish(next, atMs) {
      snapshot = next
      confirm(atMs)
      for (const { listener } of listeners) listener(next)
    },
    confirm,
    onChange(listener) {
      const entry = { listener }
      listeners.add(entry)
      return () => listeners.delete(entry)
    },
  }
}
