import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide-react'
import { type ReactNode, useRef, useState } from 'react'
import { cn } from '@/lib/cn.ts'
import { useOverflows } from '@/lib/use-overflows.ts'
import { Body, SkeletonBody } from './data-table-body.tsx'
import { alignClass, type ColumnDef, narrowClass, type Sort } from './data-table-column.ts'
import { useSorted } from './data-table-sort.ts'

export type { ColumnDef, Sort }

interface DataTableProps<Row> {
  readonly columns: readonly ColumnDef<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  /** What the table lists, for screen readers. */
  readonly label: string
  readonly onOpen?: (row: Row) => void
  readonly isLoading?: boolean
  /** Shown in place of the table when there are no rows. */
  readonly empty?: ReactNode
  readonly initialSort?: Sort
  /** To keep the order elsewhere, as in the URL. */
  readonly sort?: Sort | null
  readonly onSort?: (sort: Sort | null) => void
  /** How many rows are held free while it loads. */
  readonly skeletonRows?: number
}

/** A dense table. Rows open by click and Enter; arrows, Home and End move between them. */
export function DataTable<Row>({
  columns,
  rows,
  rowKey,
  label,
  onOpen,
  isLoading = false,
  empty,
  initialSort,
  sort,
  onSort,
  skeletonRows = 6,
}: DataTableProps<Row>) {
  const box = useRef<HTMLDivElement>(null)
  const overflows = useOverflows(box)
  const [ownSort, setOwnSort] = useState<Sort | null>(initialSort ?? null)
  const table = useSorted({
    columns,
    rows,
    rowKey,
    sort: sort === undefined ? ownSort : sort,
    setSort: (next) => {
      setOwnSort(next)
      onSort?.(next)
    },
  })
  if (!isLoading && rows.length === 0 && empty !== undefined) return empty
  return (
    <div
      ref={box}
      className={cn('relative min-w-0 rounded-[9px]', overflows ? 'overflow-x-auto' : 'overflow-x-clip')}
      {...(overflows ? { tabIndex: 0, role: 'region', 'aria-label': label } : {})}
    >
      <table className="w-full border-separate border-spacing-0 text-sm" aria-label={label} aria-busy={isLoading || undefined}>
        <Header columns={columns} table={table} isSticky={!overflows} />
        {isLoading ? (
          <SkeletonBody columns={columns} rows={skeletonRows} />
        ) : (
          <Body columns={columns} rows={table.getRowModel().rows} onOpen={onOpen} />
        )}
      </table>
    </div>
  )
}

interface HeaderProps<Row> {
  readonly columns: readonly ColumnDef<Row>[]
  readonly table: ReturnType<typeof useSorted<Row>>
  readonly isSticky: boolean
}

function Header<Row>({ columns, table, isSticky }: HeaderProps<Row>) {
  return (
    <thead>
      <tr>
        {columns.map((column) => {
          const model = table.getColumn(column.id)!
          const direction = model.getIsSorted()
          return (
            <th
              key={column.id}
              scope="col"
              style={{ width: column.width }}
              aria-sort={direction === false ? undefined : direction === 'asc' ? 'ascending' : 'descending'}
              className={cn(
                'h-8 border-b bg-surface px-3 text-xs font-medium whitespace-nowrap text-faint first:pl-4 last:pr-4',
                alignClass(column),
                narrowClass(column),
                isSticky && 'sticky top-12 z-10 lg:top-0',
              )}
            >
              {column.sortBy === undefined ? (
                column.header
              ) : (
                <button
                  type="button"
                  onClick={model.getToggleSortingHandler()}
                  className={cn(
                    'group -mx-1 inline-flex h-6 items-center gap-1 rounded-sm px-1 hover:text-text',
                    column.align === 'right' && 'flex-row-reverse',
                    direction !== false && 'text-text',
                  )}
                >
                  {column.header}
                  <SortIcon direction={direction} />
                </button>
              )}
            </th>
          )
        })}
      </tr>
    </thead>
  )
}

function SortIcon({ direction }: { readonly direction: false | 'asc' | 'desc' }) {
  if (direction === 'asc') return <ArrowUp aria-hidden className="size-3" />
  if (direction === 'desc') return <ArrowDown aria-hidden className="size-3" />
  return <ChevronsUpDown aria-hidden className="size-3 opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100" />
}
