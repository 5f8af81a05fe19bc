const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** Numbers by size, all else as people read it: `tool2` before `tool10`. */
export function compareCells(a: unknown, b: unknown): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))
}
