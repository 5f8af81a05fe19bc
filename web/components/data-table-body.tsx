import { type KeyboardEvent, useState } from 'react'
import { Skeleton } from '@/components/ui/layout.tsx'
import { cn } from '@/lib/cn.ts'
import { isForOthers } from '@/lib/row-click.ts'
import { alignClass, type ColumnDef, narrowClass } from './data-table-column.ts'

const cellClass = 'h-9 border-b px-3 py-1.5 align-middle first:pl-4 last:pr-4 group-last:border-b-0'

interface BodyProps<Row> {
  readonly columns: readonly ColumnDef<Row>[]
  readonly rows: readonly { readonly id: string; readonly original: { readonly row: Row } }[]
  readonly onOpen: ((row: Row) => void) | undefined
}

/** The rows, in the order given. */
export function Body<Row>({ columns, rows, onOpen }: BodyProps<Row>) {
  const [activeId, setActiveId] = useState<string | null>(null)
  // One stop of the Tab key for all rows: the one that was focused last, else the first.
  const stop = rows.some(({ id }) => id === activeId) ? activeId : rows[0]?.id
  return (
    <tbody>
      {rows.map(({ id, original: { row } }) => (
        <tr
          key={id}
          className={cn('group', onOpen !== undefined && 'cursor-pointer -outline-offset-2 hover:bg-hover')}
          {...(onOpen === undefined
            ? {}
            : {
                tabIndex: id === stop ? 0 : -1,
                onFocus: () => setActiveId(id),
                onClick: (event) => !isForOthers(event) && onOpen(row),
                onKeyDown: (event) => onRowKey(event, () => onOpen(row)),
              })}
        >
          {columns.map((column) => (
            <td key={column.id} className={cn(cellClass, alignClass(column), narrowClass(column))}>
              {column.cell(row)}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  )
}

function onRowKey(event: KeyboardEvent<HTMLElement>, open: () => void): void {
  if (event.target !== event.currentTarget) return
  const row = event.currentTarget
  const next = {
    ArrowDown: row.nextElementSibling,
    ArrowUp: row.previousElementSibling,
    Home: row.parentElement?.firstElementChild,
    End: row.parentElement?.lastElementChild,
  }[event.key]
  if (event.key === 'Enter') open()
  else if (next === undefined) return
  else (next as HTMLElement | null)?.focus()
  event.preventDefault()
}

/** Holds the place of rows to come. */
export function SkeletonBody<Row>({ columns, rows }: { readonly columns: readonly ColumnDef<Row>[]; readonly rows: number }) {
  return (
    <tbody>
      {Array.from({ length: rows }, (_, row) => (
        <tr key={row} className="group">
          {columns.map((column, index) => (
            <td key={column.id} className={cn(cellClass, narrowClass(column))}>
              <Skeleton className={cn('h-3.5', index === 0 ? 'w-32' : 'w-16', column.align === 'right' && 'ml-auto')} />
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  )
}
