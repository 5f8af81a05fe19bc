import { Select as BaseSelect } from '@base-ui/react/select'
import { Check, ChevronDown } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from '@/lib/cn.ts'
import { controlClass } from './field.tsx'

export interface Option<Value extends string> {
  readonly value: Value
  readonly label: string
  /** A second line in the list. */
  readonly hint?: string
}

interface SelectProps<Value extends string> {
  readonly value: Value
  readonly onChange: (value: Value) => void
  readonly options: readonly Option<Value>[]
  readonly className?: string
  readonly 'aria-label'?: string
  readonly icon?: ReactNode
  readonly isDisabled?: boolean
}

/** One of a few. Inside a `Field` it takes the field's label, else it needs an `aria-label`. */
export function Select<Value extends string>({
  value,
  onChange,
  options,
  className,
  icon,
  isDisabled = false,
  ...rest
}: SelectProps<Value>) {
  return (
    <BaseSelect.Root items={[...options]} value={value} disabled={isDisabled} onValueChange={(next) => next !== null && onChange(next)}>
      <BaseSelect.Trigger className={cn(controlClass, 'inline-flex h-8 items-center gap-2 text-left', className)} {...rest}>
        {icon}
        <BaseSelect.Value className="grow truncate" />
        <BaseSelect.Icon className="text-faint">
          <ChevronDown className="size-4" />
        </BaseSelect.Icon>
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        <BaseSelect.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-60">
          <BaseSelect.Popup className="popup-motion max-h-(--available-height) min-w-(--anchor-width) overflow-y-auto rounded-md border bg-surface p-1 shadow-float">
            {options.map(({ value: each, label, hint }) => (
              <BaseSelect.Item
                key={each}
                value={each}
                className="grid cursor-default grid-cols-[1rem_1fr] items-start gap-2 rounded-sm px-2 py-1 text-sm outline-none data-highlighted:bg-hover"
              >
                <BaseSelect.ItemIndicator className="col-start-1 pt-0.5 text-accent">
                  <Check className="size-4" />
                </BaseSelect.ItemIndicator>
                <span className="col-start-2">
                  <BaseSelect.ItemText>{label}</BaseSelect.ItemText>
                  {hint !== undefined && <span className="block text-xs text-faint">{hint}</span>}
                </span>
              </BaseSelect.Item>
            ))}
          </BaseSelect.Popup>
        </BaseSelect.Positioner>
      </BaseSelect.Portal>
    </BaseSelect.Root>
  )
}
