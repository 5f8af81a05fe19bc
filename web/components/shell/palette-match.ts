/** How well a text answers a search; null: not at all. More is better. */
export function matchScore(text: string, search: string): number | null {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const lower = text.toLowerCase()
  let score = 0
  for (const word of words) {
    const one = wordScore(lower, word)
    if (one === null) return null
    score += one
  }
  // Of two equal ones the shorter is meant.
  return score - lower.length / 1_000
}

function wordScore(text: string, word: string): number | null {
  const at = text.indexOf(word)
  if (at === 0) return 100
  if (at > 0) return isStart(text, at) ? 80 : 50
  return looseScore(text, word)
}

const isStart = (text: string, at: number): boolean => at === 0 || /[^\p{L}\p{N}]/u.test(text[at - 1]!)

/** The letters in their order with others between; those that begin a word count more. */
function looseScore(text: string, word: string): number | null {
  let at = -1
  let score = 0
  for (const letter of word) {
    const next = text.indexOf(letter, at + 1)
    if (next < 0) return null
    score += next === at + 1 || isStart(text, next) ? 4 : -Math.min(3, next - at)
    at = next
  }
  // Letters strewn over a long text are no answer.
  return score > 0 ? Math.min(40, score) : null
}

export interface Findable {
  readonly label: string
  /** Other words it is found by. */
  readonly words?: string
}

/** The best answers, best first; without a search all, in their own order. */
export function findBest<Item extends Findable>(items: readonly Item[], search: string, most: number): readonly Item[] {
  if (search.trim() === '') return items.slice(0, most)
  return items
    .flatMap((item) => {
      const own = matchScore(item.label, search)
      const other = item.words === undefined ? null : matchScore(`${item.label} ${item.words}`, search)
      const score = own ?? (other === null ? null : other - 30)
      return score === null ? [] : [{ item, score }]
    })
    .toSorted((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ item }) => item)
}
