export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
}

const CELLS_MAX = 1_000_000

/** What changed from one text to another, line by line; between very long texts only whole blocks. */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const [left, right] = [before.split('\n'), after.split('\n')]
  let start = 0
  while (start < left.length && start < right.length && left[start] === right[start]) start++
  let end = 0
  while (end < left.length - start && end < right.length - start && left[left.length - 1 - end] === right[right.length - 1 - end]) end++
  const same = (lines: readonly string[]): readonly DiffLine[] => lines.map((text) => ({ kind: 'same', text }))
  return [
    ...same(left.slice(0, start)),
    ...middle(left.slice(start, left.length - end), right.slice(start, right.length - end)),
    ...same(end === 0 ? [] : left.slice(-end)),
  ]
}

function middle(left: readonly string[], right: readonly string[]): readonly DiffLine[] {
  const removed = (text: string): DiffLine => ({ kind: 'removed', text })
  const added = (text: string): DiffLine => ({ kind: 'added', text })
  if (left.length * right.length > CELLS_MAX) return [...left.map(removed), ...right.map(added)]
  // The length of the longest common part of what is left from each pair of lines on.
  const width = right.length + 1
  const common = new Uint32Array((left.length + 1) * width)
  for (let row = left.length - 1; row >= 0; row--) {
    for (let column = right.length - 1; column >= 0; column--) {
      const at = row * width + column
      common[at] = left[row] === right[column] ? common[at + width + 1]! + 1 : Math.max(common[at + width]!, common[at + 1]!)
    }
  }
  const lines: DiffLine[] = []
  let [row, column] = [0, 0]
  while (row < left.length && column < right.length) {
    const at = row * width + column
    if (left[row] === right[column]) {
      lines.push({ kind: 'same', text: left[row]! })
      row++
      column++
    } else if (common[at + width]! >= common[at + 1]!) lines.push(removed(left[row++]!))
    else lines.push(added(right[column++]!))
  }
  return [...lines, ...left.slice(row).map(removed), ...right.slice(column).map(added)]
}
