import { LIMITS } from '#std/index.ts'
import type { Watched } from '../model.ts'

/** What is watched at one server, each thing once. */
export interface Watches {
  resources(): readonly string[]
  tasks(): readonly string[]
}

export const NOTHING: Watches = { resources: () => [], tasks: () => [] }

export interface WatchList extends Watches {
  /** Adds one who wants to know; returns the way to stop. What is beyond the limits is not watched. */
  add(what: Watched): () => void
}

/** `onChange`: what is watched is another set of things than before. */
export function createWatchList(onChange: () => void): WatchList {
  const resources = new Map<string, number>()
  const tasks = new Map<string, number>()
  let bytes = 0

  const leave = (counts: Map<string, number>, name: string): void => {
    const left = (counts.get(name) ?? 1) - 1
    if (left > 0) {
      counts.set(name, left)
      return
    }
    counts.delete(name)
    bytes -= name.length
    onChange()
  }
  return {
    resources: () => [...resources.keys()],
    tasks: () => [...tasks.keys()],
    add(what) {
      const [counts, name] = 'resource' in what ? ([resources, what.resource] as const) : ([tasks, what.task] as const)
      const count = counts.get(name) ?? 0
      if (count === 0) {
        const isFull = resources.size + tasks.size >= LIMITS.watchedPerUpstreamMax || bytes + name.length > LIMITS.watchedBytesMax
        if (isFull || name.length > LIMITS.watchedNameLengthMax) return () => undefined
        bytes += name.length
      }
      counts.set(name, count + 1)
      if (count === 0) onChange()
      let isWanted = true
      return () => {
        if (!isWanted) return
        isWanted = false
        leave(counts, name)
      }
    },
  }
}
