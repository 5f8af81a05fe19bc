import { displayWidth, pad, truncate } from './display-width.ts'
import { inert } from './inert.ts'
import type { Style, Terminal } from './terminal.ts'

const GAP = '  '
const NARROWEST = 8

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string | number | null | undefined
  readonly align?: 'left' | 'right'
  /** Gives way when the terminal is too narrow. */
  readonly isFlexible?: boolean
  readonly style?: (row: Row) => Style | undefined
}

/** Rows in aligned columns; cells are made inert and cut to the terminal, never wrapped. */
export function renderTable<Row>(
  terminal: Pick<Terminal, 'columns' | 'paint'>,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string {
  const cells = rows.map((row) => columns.map((column) => inert(String(column.value(row) ?? ''))))
  const widths = fit(columns, cells, terminal.columns)
  const line = (texts: readonly string[], styleOf: (index: number) => Style | undefined): string =>
    texts
      .map((text, index) => {
        const padded = pad(truncate(text, widths[index]!), widths[index]!, columns[index]!.align)
        const style = styleOf(index)
        return style === undefined ? padded : terminal.paint(style, padded)
      })
      .join(GAP)
      .trimEnd()
  const head = line(
    columns.map((column) => column.title),
    () => 'dim',
  )
  return [head, ...cells.map((texts, at) => line(texts, (index) => columns[index]!.style?.(rows[at]!)))].join('\n')
}

/** Widest cell per column; flexible columns shrink, the widest first, until the line fits. */
function fit(columns: readonly Column<never>[], cells: readonly (readonly string[])[], available: number): number[] {
  const widths = columns.map((column, index) => Math.max(displayWidth(column.title), ...cells.map((texts) => displayWidth(texts[index]!))))
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (columns.length - 1) - available
  while (excess > 0) {
    const widest = columns.reduce(
      (best, column, index) => (column.isFlexible === true && (best < 0 || widths[index]! > widths[best]!) ? index : best),
      -1,
    )
    if (widest < 0 || widths[widest]! <= NARROWEST) break
    const second = Math.max(
      NARROWEST,
      ...columns.map((column, index) => (column.isFlexible === true && index !== widest ? widths[index]! : 0)),
    )
    const cut = Math.min(excess, Math.max(1, widths[widest]! - second))
    widths[widest] = Math.max(NARROWEST, widths[widest]! - cut)
    excess -= cut
  }
  // What cannot give way any more is cut from the right: a line that wraps is harder to read than one that ends.
  for (let index = widths.length - 1; index > 0 && excess > 0; index--) {
    const cut = Math.min(excess, widths[index]!)
    widths[index]! -= cut
    excess -= cut
  }
  return widths
}

/** `name  value` lines, for one thing instead of many. */
export function renderFacts(
  terminal: Pick<Terminal, 'paint'>,
  facts: readonly (readonly [string, string | number | null | undefined])[],
): string {
  const shown = facts.filter(([, value]) => value !== null && value !== undefined && value !== '')
  const width = Math.max(...shown.map(([name]) => displayWidth(name)))
  return shown
    .map(([name, value]) => {
      const [first = '', ...rest] = inert(String(value), { isMultiline: true }).split('\n')
      return [`${terminal.paint('dim', pad(name, width))}${GAP}${first}`, ...rest.map((line) => `${' '.repeat(width)}${GAP}${line}`)].join(
        '\n',
      )
    })
    .join('\n')
}
