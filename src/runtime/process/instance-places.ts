import { LIMITS } from '#std/index.ts'

/** An instance that takes a place. */
export interface PlaceHolder {
  /** One object per deployment. */
  readonly owner: object
  readonly principal: string
  /** Since when nothing is asked of it; null while something is. */
  idleSinceMs(): number | null
  /** Ends it; resolves once its process is gone. */
  stop(): Promise<void>
}

/** Bounds the instances that serve one caller each: per principal and deployment, per deployment, and on this machine. */
export interface InstancePlaces {
  /**
   * Takes a place: where there is none, the one that has idled longest makes room, and its end is to be waited for. False
   * when all of them are busy.
   */
  take(holder: PlaceHolder): { readonly after: Promise<unknown> } | false
  release(holder: PlaceHolder): void
}

export function createInstancePlaces(): InstancePlaces {
  const holders = new Set<PlaceHolder>()
  return {
    take(holder) {
      const bounds: readonly [max: number, sharesIt: (other: PlaceHolder) => boolean][] = [
        [LIMITS.interactiveInstancesPerPrincipalMax, (other) => other.owner === holder.owner && other.principal === holder.principal],
        [LIMITS.interactiveInstancesMax, (other) => other.owner === holder.owner],
        [LIMITS.interactiveInstancesTotalMax, () => true],
      ]
      const ending: Promise<void>[] = []
      for (const [max, sharesIt] of bounds) {
        const sharing = [...holders].filter(sharesIt)
        if (sharing.length < max) continue
        const idle = longestIdle(sharing)
        if (idle === null) return false
        holders.delete(idle)
        ending.push(idle.stop())
      }
      holders.add(holder)
      return { after: Promise.allSettled(ending) }
    },
    release: (holder) => void holders.delete(holder),
  }
}

function longestIdle(holders: readonly PlaceHolder[]): PlaceHolder | null {
  let found: PlaceHolder | null = null
  let foundMs = Infinity
  for (const holder of holders) {
    const idleSinceMs = holder.idleSinceMs()
    if (idleSinceMs === null || idleSinceMs >= foundMs) continue
    found = holder
    foundMs = idleSinceMs
  }
  return found
}
