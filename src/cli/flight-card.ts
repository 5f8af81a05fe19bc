import { pad } from './display-width.ts'
import { duration } from './format.ts'
import { inert } from './inert.ts'
import type { Style } from './terminal.ts'

const BAR_COLUMNS = 24
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const

export interface Step {
  readonly name: string
  /** Microseconds. */
  readonly us: number
  readonly note?: string | undefined
}

/** The steps of a call one below the other, each bar where and as long as its time was. */
export function renderFlight(steps: readonly Step[], totalUs: number, paint: (style: Style, text: string) => string): string {
  const scale =
    BAR_COLUMNS /
    Math.max(
      1,
      totalUs,
      steps.reduce((sum, step) => sum + step.us, 0),
    )
  const nameWidth = Math.max(0, ...steps.map(({ name }) => inert(name).length))
  const times = steps.map(({ us }) => duration(us))
  const timeWidth = Math.max(0, ...times.map((time) => time.length))
  let elapsedUs = 0
  return steps
    .map(({ name, us, note }, index) => {
      const bar = pad(drawBar(elapsedUs * scale, us * scale), BAR_COLUMNS)
      elapsedUs += us
      return `  ${pad(inert(name), nameWidth)}  ${paint('cyan', bar)}  ${times[index]!.padStart(timeWidth)}${note === undefined || note === '' ? '' : `  ${paint('dim', inert(note))}`}`
    })
    .join('\n')
}

/** Whole columns before it, then its length in eighths; what took any time is at least a thin line. */
function drawBar(start: number, length: number): string {
  const before = Math.min(BAR_COLUMNS - 1, Math.floor(start))
  const eighths = Math.max(1, Math.round(Math.min(length, BAR_COLUMNS - before) * 8))
  return ' '.repeat(before) + '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!
}
