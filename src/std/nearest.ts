/** More than this share of a word cannot be a slip of the finger. */
const DIFFERENT_SHARE_MAX = 1 / 3

/** The candidate that a misspelt word most likely means; undefined when none is near enough to be meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const best = candidates.map((candidate) => ({ candidate, far: distance(word, candidate) })).toSorted((a, b) => a.far - b.far)[0]
  if (best === undefined) return undefined
  return best.far <= Math.max(word.length, best.candidate.length) * DIFFERENT_SHARE_MAX ? best.candidate : undefined
}

/** ` Did you mean "word"?`, to be put behind a sentence; empty when nothing is near enough. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates)
  return meant === undefined ? '' : ` Did you mean ${JSON.stringify(meant)}?`
}

/** Letters to add, remove, change, or swap with their neighbour. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const above = rows[i - 1]!
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        above[j]! + 1,
        row[j - 1]! + 1,
        above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
        isSwapped ? rows[i - 2]![j - 2]! + 1 : Infinity,
      )
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
