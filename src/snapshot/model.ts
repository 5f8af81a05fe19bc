import type { KeyRecord } from '#identity/index.ts'
import type { ProfileRecord } from '#profile/index.ts'
import type { DeploymentRecord } from '#runtime/index.ts'

/** Everything the data plane decides from. Immutable, plain JSON: it crosses process borders as it is. */
export interface Snapshot {
  /** Grows with every change. */
  readonly revision: number
  readonly compiledAtMs: number
  readonly keys: readonly KeyRecord[]
  readonly profiles: readonly ProfileRecord[]
  readonly deployments: readonly DeploymentRecord[]
}

/** Holds the current snapshot of this process and knows how fresh it is. */
export interface SnapshotHolder {
  current(): Snapshot
  /** When the control plane last confirmed that the snapshot is the truth, in ms since the epoch. */
  confirmedAtMs(): number
  /** Throws `snapshot-stale` when the last confirmation is older than allowed. */
  assertFresh(nowMs: number): void
  publish(snapshot: Snapshot, confirmedAtMs: number): void
  confirm(confirmedAtMs: number): void
  onChange(listener: (snapshot: Snapshot) => void): () => void
}
