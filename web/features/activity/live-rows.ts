import type { ActivityItem } from './activity-search.ts'

type Place = Pick<ActivityItem, 'at' | 'id'>

/** The order of the trail: newest first, and by identifier within a millisecond. Below zero: `a` stands first. */
export function compareItems(a: Place, b: Place): number {
  if (a.at !== b.at) return a.at > b.at ? -1 : 1
  if (a.id === b.id) return 0
  return a.id > b.id ? -1 : 1
}

/** Two lists in order as one, each event once. Linear: it runs with every batch of the live tail. */
export function mergeItems<Item extends Place>(newer: readonly Item[], older: readonly Item[]): readonly Item[] {
  if (newer.length === 0) return older
  if (older.length === 0) return newer
  const merged: Item[] = []
  let [i, j] = [0, 0]
  while (i < newer.length && j < older.length) {
    const order = compareItems(newer[i]!, older[j]!)
    if (order === 0) j++
    else merged.push(order < 0 ? newer[i++]! : older[j++]!)
  }
  while (i < newer.length) merged.push(newer[i++]!)
  while (j < older.length) merged.push(older[j++]!)
  return merged
}

/** Whatever came, in order, each event once. */
export function orderItems<Item extends Place>(items: readonly Item[]): readonly Item[] {
  const sorted = items.toSorted(compareItems)
  return sorted.filter((item, index) => index === 0 || compareItems(sorted[index - 1]!, item) !== 0)
}

/** What the live tail holds. */
export interface LiveRows {
  /** Shown above the pages that were loaded. */
  readonly shown: readonly ActivityItem[]
  /** Came while somebody was reading further down; nothing may move under their eyes. */
  readonly waiting: readonly ActivityItem[]
  /** How many of those that waited were let go again because there were too many. */
  readonly skipped: number
}

export const NO_ROWS: LiveRows = { shown: [], waiting: [], skipped: 0 }

interface Arrival {
  readonly items: readonly ActivityItem[]
  /** Whether the newest row is in view: then new ones appear, else they wait. */
  readonly isAtTop: boolean
  readonly rowsMax: number
}

/**
 * Takes a batch over. `isCut` says that rows in between were let go: the pages below no longer join, and must be asked
 * for anew from `cutAt` backwards.
 */
export function takeItems(rows: LiveRows, { items, isAtTop, rowsMax }: Arrival): LiveRows & { readonly cutAt: string | null } {
  const batch = orderItems(items)
  if (!isAtTop) {
    const known = new Set(rows.shown.map(({ id }) => id))
    const waiting = mergeItems(
      batch.filter(({ id }) => !known.has(id)),
      rows.waiting,
    )
    const left = Math.max(0, waiting.length - rowsMax)
    return { shown: rows.shown, waiting: waiting.slice(0, rowsMax), skipped: rows.skipped + left, cutAt: null }
  }
  if (rows.skipped > 0) return cutTo(mergeItems(batch, rows.waiting), rowsMax, true)
  return cutTo(mergeItems(batch, mergeItems(rows.waiting, rows.shown)), rowsMax, false)
}

function cutTo(all: readonly ActivityItem[], rowsMax: number, hasHole: boolean): LiveRows & { readonly cutAt: string | null } {
  if (all.length <= rowsMax && !hasHole) return { shown: all, waiting: [], skipped: 0, cutAt: null }
  // A fifth goes at once, so that the pages below are not asked for anew with every batch.
  const shown = all.slice(0, all.length > rowsMax ? Math.ceil(rowsMax * 0.8) : all.length)
  return { shown, waiting: [], skipped: 0, cutAt: shown.at(-1)!.at }
}

/** An instant after `at`: the server lists what was before a moment, and events of the same millisecond must not be lost. */
export const justAfter = (at: string): string => new Date(Date.parse(at) + 1).toISOString()
