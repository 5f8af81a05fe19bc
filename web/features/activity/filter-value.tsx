import { Funnel } from 'lucide-react'
import { type PointerEvent, type ReactNode, useState } from 'react'
import { cn } from '@/lib/cn.ts'
import { type Field, FIELD_LABELS } from './activity-search.ts'
import { fieldText } from './activity-text.ts'

export type OnFilter = (field: Field, value: string) => void

interface FilterValueProps {
  readonly field: Field
  readonly value: string
  readonly onFilter: OnFilter
  readonly className?: string
  readonly children: ReactNode
}

/**
 * A value of a row, in a single element: thousands pass by while one scrolls. Under the pointer it offers to show only
 * events like it; a click beside the offer opens the row. Keyboards and touch find the same offer in the details.
 */
export function FilterValue({ field, value, onFilter, className = '', children }: FilterValueProps) {
  const [isOver, setIsOver] = useState(false)
  return (
    <span
      className={`relative block truncate ${className}`}
      onPointerEnter={({ pointerType }: PointerEvent) => setIsOver(pointerType === 'mouse')}
      onPointerLeave={() => setIsOver(false)}
    >
      {children}
      {isOver && value !== '' && (
        <FilterButton field={field} value={value} onFilter={onFilter} className="absolute -top-0.5 right-0 bg-hover" tabIndex={-1} />
      )}
    </span>
  )
}

interface FilterButtonProps extends Pick<FilterValueProps, 'field' | 'value' | 'onFilter' | 'className'> {
  readonly tabIndex?: number
}

export function FilterButton({ field, value, onFilter, className, tabIndex }: FilterButtonProps) {
  const label = `Show only ${FIELD_LABELS[field].toLowerCase()} ${fieldText(field, value)}`
  return (
    <button
      type="button"
      tabIndex={tabIndex}
      title={label}
      aria-label={label}
      className={cn('grid size-6 shrink-0 place-items-center rounded-sm text-faint hover:text-accent-text', className)}
      onClick={(event) => {
        event.stopPropagation()
        onFilter(field, value)
      }}
    >
      <Funnel aria-hidden className="size-3.5" />
    </button>
  )
}
