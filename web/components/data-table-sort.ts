import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { useMemo } from 'react'
import { compareCells } from './compare-cells.ts'
import type { ColumnDef, Sort } from './data-table-column.ts'

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() })
interface Sorted<Row> {
  readonly columns: readonly ColumnDef<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  readonly sort: Sort | null
  readonly setSort: (sort: Sort | null) => void
}

/** The order of the rows, kept by TanStack Table. */
export function useSorted<Row>({ columns, rows, rowKey, sort, setSort }: Sorted<Row>) {
  // The table model wants rows that are objects; ours may be anything.
  const data = useMemo(() => rows.map((row) => ({ row })), [rows])
  const definitions = useMemo(() => {
    const helper = createColumnHelper<typeof features, { row: Row }>()
    return helper.columns(
      columns.map((column) =>
        helper.accessor(({ row }) => column.sortBy?.(row) ?? undefined, {
          id: column.id,
          header: column.id,
          enableSorting: column.sortBy !== undefined,
          sortUndefined: 'last',
          sortFn: (a, b, id) => compareCells(a.getValue(id), b.getValue(id)),
        }),
      ),
    )
  }, [columns])
  const [sortId, isDescending] = [sort?.id, sort?.desc === true]
  const sorting: SortingState = useMemo(() => (sortId === undefined ? [] : [{ id: sortId, desc: isDescending }]), [sortId, isDescending])
  return useTable({
    features,
    data,
    columns: definitions,
    getRowId: ({ row }) => rowKey(row),
    state: { sorting },
    onSortingChange: (change) => setSort((typeof change === 'function' ? change(sorting) : change)[0] ?? null),
    enableMultiSort: false,
  })
}
