import { type CSSProperties, type ReactNode, useId, useRef, useState } from 'react'
import { cn } from '@/lib/cn.ts'
import type { ColumnDef } from './data-table-column.ts'
import { HeaderRow, SkeletonList, VirtualRow } from './virtual-row.tsx'
import { indexOfClick, onListKey, useEnd, useRowsInSight } from './virtual-rows.ts'

interface VirtualListProps<Row> {
  /** As for `DataTable`, without sorting: the order is that of `rows`. Widths are grid tracks: `8rem`, `2fr`. */
  readonly columns: readonly ColumnDef<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  readonly label: string
  readonly onOpen?: (row: Row) => void
  /** The row whose details are open beside it. */
  readonly openKey?: string | null
  readonly isLoading?: boolean
  readonly empty?: ReactNode
  /** Pixels; every row has it. */
  readonly rowHeight?: number
  /** The last rows came into sight: fetch older ones. */
  readonly onEnd?: () => void
  /** Rows there are in all when more can be fetched; else how many are given. */
  readonly total?: number
  /** Must bound the height. */
  readonly className?: string
}

function tracksOf<Row>(columns: readonly ColumnDef<Row>[]): CSSProperties & Record<`--${string}`, string> {
  const join = (all: readonly ColumnDef<Row>[]): string =>
    all.map(({ width = '1fr' }) => (width.endsWith('fr') ? `minmax(0,${width})` : width)).join(' ')
  return { '--tracks': join(columns), '--tracks-narrow': join(columns.filter(({ isHiddenNarrow = false }) => !isHiddenNarrow)) }
}

/**
 * A list of many thousand rows, of which only those in sight are drawn. One stop of the Tab key; arrows, Page Up and
 * Down, Home, End and Enter within. When rows come in before those in sight, what one reads stays where it is.
 */
export function VirtualList<Row>(props: VirtualListProps<Row>) {
  const { columns, rows, rowKey, label, onOpen, openKey = null, isLoading = false, empty, rowHeight = 36, onEnd, className } = props
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const [activeKey, setActiveKey] = useState<string | null>(null)
  const activeIndex = activeKey === null ? -1 : rows.findIndex((row) => rowKey(row) === activeKey)
  const list = useRowsInSight({ box, rows, rowKey, rowHeight, activeIndex })
  useEnd(list.range?.endIndex ?? 0, rows.length, onEnd)

  if (!isLoading && rows.length === 0 && empty !== undefined) return empty
  const goTo = (wanted: number): void => {
    const index = Math.max(0, Math.min(rows.length - 1, wanted))
    if (rows[index] !== undefined) setActiveKey(rowKey(rows[index]))
    if (rows[index] !== undefined) list.scrollToIndex(index)
  }
  const open = (index: number): void => {
    if (rows[index] !== undefined) onOpen?.(rows[index])
  }
  return (
    <div
      ref={box}
      role="grid"
      aria-label={label}
      aria-rowcount={isLoading ? -1 : (props.total ?? rows.length) + 1}
      aria-colcount={columns.length}
      aria-busy={isLoading || undefined}
      aria-activedescendant={activeIndex < 0 ? undefined : `${id}-${activeIndex}`}
      tabIndex={0}
      style={tracksOf(columns)}
      className={cn(
        'group/list relative min-h-0 overflow-auto overscroll-contain text-sm -outline-offset-2 [overflow-anchor:none]',
        // Then the row has the mark of the focus.
        activeIndex >= 0 && 'outline-none',
        className,
      )}
      onFocus={({ currentTarget }) => {
        if (activeIndex < 0 && currentTarget.matches(':focus-visible')) goTo(list.range?.startIndex ?? 0)
      }}
      onKeyDown={(event) => onListKey(event, { activeIndex, rowHeight, last: rows.length - 1, goTo, open: () => open(activeIndex) })}
      onClick={(event) => {
        const index = indexOfClick(event)
        if (rows[index] === undefined) return
        setActiveKey(rowKey(rows[index]))
        open(index)
      }}
    >
      <HeaderRow columns={columns} />
      {isLoading ? (
        <SkeletonList columns={columns} rowHeight={rowHeight} />
      ) : (
        <div role="rowgroup" className="relative" style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map(({ index, key, start }) => (
            <VirtualRow
              key={key}
              id={`${id}-${index}`}
              row={rows[index]!}
              index={index}
              columns={columns}
              start={start}
              height={rowHeight}
              isActive={index === activeIndex}
              isOpen={key === openKey}
              mayOpen={onOpen !== undefined}
            />
          ))}
        </div>
      )}
    </div>
  )
}
