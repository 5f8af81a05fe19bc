// What each figure may be: in one run, and as a ratio where the machine would otherwise decide.
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: 'µs' | '×' | 'ms' | 'kB' | 'MB' | '/s' | '%' | 'tokens'
  /** The most it may be; a rate or a share: the least. */
  readonly budget?: number
}

export const isMet = ({ value, unit, budget }: Figure): boolean =>
  budget === undefined || (isAtLeast(unit) ? value >= budget : value <= budget)

const isAtLeast = (unit: Figure['unit']): boolean => unit === '/s' || unit === '%'

/** One line per figure: the mark, the name, the value, the budget. */
export function renderFigures(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ name }) => name.length))
  const lines = figures.map((figure) => {
    const mark = figure.budget === undefined ? ' ' : isMet(figure) ? '✔' : '✘'
    const budget = figure.budget === undefined ? '' : `budget ${isAtLeast(figure.unit) ? '≥' : '≤'} ${format(figure.budget)} ${figure.unit}`
    return `${mark} ${figure.name.padEnd(width)}  ${format(figure.value).padStart(8)} ${figure.unit.padEnd(2)}  ${budget}`.trimEnd()
  })
  return `${lines.join('\n')}\n`
}

function format(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en')
  return value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(2)
}
