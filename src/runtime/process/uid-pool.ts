import { createHash } from 'node:crypto'
import { LIMITS, Problem } from '#std/index.ts'

/** User ids of the host that belong to nobody else; each running sandbox has one, because RLIMIT_NPROC counts per user. */
export interface UidPool {
  /** The same id for the same owner whenever it is free, so that a folder can be given to it. */
  take(owner: string): number
  release(uid: number): void
}

const FIRST_UID = 210_000

export function createUidPool(): UidPool {
  const taken = new Set<number>()
  return {
    take(owner) {
      const start = createHash('sha256').update(owner).digest().readUInt32BE(0) % LIMITS.sandboxUidsMax
      for (let step = 0; step < LIMITS.sandboxUidsMax; step++) {
        const uid = FIRST_UID + ((start + step) % LIMITS.sandboxUidsMax)
        if (taken.has(uid)) continue
        taken.add(uid)
        return uid
      }
      throw new Problem('overloaded', `All ${LIMITS.sandboxUidsMax} user ids for sandboxes are in use.`)
    },
    release: (uid) => void taken.delete(uid),
  }
}
