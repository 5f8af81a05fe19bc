export interface WaterfallStep {
  readonly name: string
  /** Microseconds. */
  readonly us: number
  readonly note?: string | undefined
}

export interface WaterfallBar {
  /** Both in percent of the whole width. */
  readonly start: number
  readonly width: number
}

/** What even a step of no time gets of the width, in percent. */
const LEAST = 1.5

/**
 * Where each bar begins and how long it is. Next to a call of 80 ms a step of 20 µs would be nothing, so each gets a
 * little first and the rest is shared by time; order and cumulative start stay true.
 */
export function layoutBars(steps: readonly WaterfallStep[], totalUs: number): readonly WaterfallBar[] {
  const sum = steps.reduce((all, { us }) => all + Math.max(0, us), 0)
  const scale = Math.max(1, totalUs, sum)
  const least = Math.min(LEAST, 50 / Math.max(1, steps.length))
  const shared = 100 - least * steps.length
  let start = 0
  return steps.map(({ us }) => {
    const bar = { start, width: least + (Math.max(0, us) / scale) * shared }
    start += bar.width
    return bar
  })
}

/** How the time divides between us and the server that was called. */
export function divideTime(steps: readonly WaterfallStep[], totalUs: number): { readonly ours: number; readonly theirs: number } {
  const theirs = steps.filter(({ name }) => name === 'forward').reduce((sum, { us }) => sum + us, 0)
  return { ours: Math.max(0, totalUs - theirs), theirs }
}
