import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from 'react'
import { isForOthers } from '@/lib/row-click.ts'
import { movedBy } from './moved-by.ts'

/** Pixels. */
export const HEADER_HEIGHT = 32

/** Scrolls along when rows come in above what is in sight; at the very top new rows are what one wants to see. */
function useKeepsPlace<Row>(
  box: RefObject<HTMLElement | null>,
  rows: readonly Row[],
  rowKey: (row: Row) => string,
  rowHeight: number,
): void {
  const last = useRef(rows)
  useLayoutEffect(() => {
    const before = last.current
    last.current = rows
    const element = box.current
    if (element === null || before === rows || element.scrollTop < rowHeight) return
    const top = Math.floor(element.scrollTop / rowHeight)
    const row = before[top]
    if (row === undefined) return
    const moved = movedBy(rowKey(row), top, (index) => rowKey(rows[index]!), rows.length)
    if (moved !== 0) element.scrollBy({ top: moved * rowHeight, behavior: 'instant' })
  }, [rows])
}

interface RowsInSight<Row> {
  readonly box: RefObject<HTMLElement | null>
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  readonly rowHeight: number
  /** The row with the keyboard's mark, or -1. */
  readonly activeIndex: number
}

/** Which rows are to be drawn. */
export function useRowsInSight<Row>({ box, rows, rowKey, rowHeight, activeIndex }: RowsInSight<Row>) {
  // oxlint-disable-next-line react/incompatible-library -- what it returns goes to nothing that is memoized
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    getItemKey: useCallback((index: number) => rowKey(rows[index]!), [rows, rowKey]),
    overscan: 12,
    scrollPaddingEnd: HEADER_HEIGHT,
    // The active row stays in the document, or screen readers would lose it.
    rangeExtractor: (range) => {
      const inSight = defaultRangeExtractor(range)
      return activeIndex < 0 ? inSight : [...new Set([...inSight, activeIndex])].toSorted((a, b) => a - b)
    },
  })
  useKeepsPlace(box, rows, rowKey, rowHeight)
  return list
}

/** The row a click means, or -1: it was for something else. */
export function indexOfClick(event: MouseEvent<HTMLElement>): number {
  const row = (event.target as Element).closest('[role="row"]')
  // The header is row 1.
  return row === null || isForOthers(event) ? -1 : Number(row.getAttribute('aria-rowindex')) - 2
}

/** Rows before the last one at which older ones are asked for. */
const END_MARGIN = 20

/** Tells once for each length of the list that its end is near. */
export function useEnd(endIndex: number, length: number, onEnd: (() => void) | undefined): void {
  const isNear = length > 0 && endIndex >= length - END_MARGIN
  useEffect(() => {
    if (isNear) onEnd?.()
  }, [isNear, length])
}

interface ListKeys {
  readonly activeIndex: number
  readonly rowHeight: number
  readonly last: number
  readonly goTo: (index: number) => void
  readonly open: () => void
}

export function onListKey(event: KeyboardEvent<HTMLElement>, { activeIndex, rowHeight, last, goTo, open }: ListKeys): void {
  // Controls inside a row have keys of their own; shortcuts of the browser stay the browser's.
  const isInRow = event.target !== event.currentTarget && (event.target as HTMLElement).getAttribute('role') !== 'row'
  if (isInRow || event.ctrlKey || event.metaKey || event.altKey) return
  // Two rows stay in sight, so that one sees where one is.
  const pageRows = Math.max(1, Math.floor(event.currentTarget.clientHeight / rowHeight) - 2)
  const next = {
    ArrowDown: activeIndex + 1,
    ArrowUp: activeIndex - 1,
    PageDown: activeIndex + pageRows,
    PageUp: activeIndex - pageRows,
    Home: 0,
    End: last,
  }[event.key]
  if (event.key === 'Enter') open()
  else if (next === undefined) return
  else goTo(next)
  event.preventDefault()
}
