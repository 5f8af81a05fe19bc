import type { ReactNode } from 'react'

export interface ColumnDef<Row> {
  readonly id: string
  readonly header: ReactNode
  readonly cell: (row: Row) => ReactNode
  /** Makes the column sortable; what is undefined or null stands last. */
  readonly sortBy?: (row: Row) => string | number | null | undefined
  readonly align?: 'left' | 'right'
  /** Any CSS width. */
  readonly width?: string
  /** Left out below 640 px: what is also to be seen after opening the row. */
  readonly isHiddenNarrow?: boolean
}

export interface Sort {
  readonly id: string
  readonly desc: boolean
}

export const narrowClass = (column: { readonly isHiddenNarrow?: boolean }): string | false =>
  column.isHiddenNarrow === true && 'max-sm:hidden'
export const alignClass = (column: { readonly align?: 'left' | 'right' }): string => (column.align === 'right' ? 'text-right' : 'text-left')
