import { memo } from 'react'
import { Skeleton } from '@/components/ui/layout.tsx'
import { cn } from '@/lib/cn.ts'
import { alignClass, type ColumnDef, narrowClass } from './data-table-column.ts'
import { HEADER_HEIGHT } from './virtual-rows.ts'

const gridClass = 'grid grid-cols-(--tracks-narrow) sm:grid-cols-(--tracks)'
const cellClass = 'truncate px-3 first:pl-4 last:pr-4'

export function HeaderRow<Row>({ columns }: { readonly columns: readonly ColumnDef<Row>[] }) {
  return (
    <div role="rowgroup" className="sticky top-0 z-10 bg-surface" style={{ height: HEADER_HEIGHT }}>
      <div role="row" aria-rowindex={1} className={cn(gridClass, 'h-full items-center border-b text-xs font-medium text-faint')}>
        {columns.map((column) => (
          <div key={column.id} role="columnheader" className={cn(cellClass, alignClass(column), narrowClass(column))}>
            {column.header}
          </div>
        ))}
      </div>
    </div>
  )
}

interface VirtualRowProps<Row> {
  readonly id: string
  readonly row: Row
  readonly index: number
  readonly columns: readonly ColumnDef<Row>[]
  /** Pixels from the top of the list. */
  readonly start: number
  readonly height: number
  readonly isActive: boolean
  /** Its details are shown beside the list. */
  readonly isOpen: boolean
  readonly mayOpen: boolean
}

function PlainRow<Row>({ id, row, index, columns, start, height, isActive, isOpen, mayOpen }: VirtualRowProps<Row>) {
  return (
    <div
      id={id}
      role="row"
      // The header is row 1.
      aria-rowindex={index + 2}
      aria-selected={isOpen}
      style={{ height, transform: `translateY(${start}px)` }}
      className={cn(
        gridClass,
        'absolute inset-x-0 top-0 items-center border-b contain-strict',
        mayOpen && 'cursor-pointer hover:bg-hover',
        isOpen && 'bg-accent-soft hover:bg-accent-soft',
        isActive && 'group-focus-visible/list:outline-2 group-focus-visible/list:-outline-offset-2 group-focus-visible/list:outline-accent',
      )}
    >
      {columns.map((column) => (
        <div key={column.id} role="gridcell" data-tabular className={cn(cellClass, alignClass(column), narrowClass(column))}>
          {column.cell(row)}
        </div>
      ))}
    </div>
  )
}

/** Drawn again only when something of it changes: scrolling moves the others in one go. */
export const VirtualRow = memo(PlainRow) as typeof PlainRow

export function SkeletonList<Row>({ columns, rowHeight }: { readonly columns: readonly ColumnDef<Row>[]; readonly rowHeight: number }) {
  return (
    <div aria-hidden>
      {Array.from({ length: 12 }, (_, index) => (
        <div key={index} className={cn(gridClass, 'items-center border-b')} style={{ height: rowHeight }}>
          {columns.map((column, place) => (
            <div key={column.id} className={cn(cellClass, narrowClass(column))}>
              <Skeleton className={cn('h-3.5', place === 0 ? 'w-24' : 'w-16', column.align === 'right' && 'ml-auto')} />
            </div>
          ))}
        </div>
      ))}
    </div>
  )
}
