/** Rows looked at when the one that was at the top is searched in a new list. */
const SEARCH_MAX = 20_000

/** By how many places the row that stood at `index` with this key moved when the list changed; 0 when it is gone. */
export function movedBy(key: string, index: number, keyAt: (index: number) => string, length: number): number {
  // Mostly rows came before it: search from its old place in both directions.
  for (let step = 0; step < SEARCH_MAX; step++) {
    const [after, before] = [index + step, index - step]
    if (after >= length && before < 0) return 0
    if (after < length && keyAt(after) === key) return step
    if (before >= 0 && before < length && keyAt(before) === key) return -step
  }
  return 0
}
