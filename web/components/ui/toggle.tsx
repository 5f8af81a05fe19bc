import { Checkbox as BaseCheckbox } from '@base-ui/react/checkbox'
import { Switch as BaseSwitch } from '@base-ui/react/switch'
import { ToggleGroup } from '@base-ui/react/toggle-group'
import { Toggle } from '@base-ui/react/toggle'
import { Check, Minus } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from '@/lib/cn.ts'

interface CheckProps {
  readonly isChecked: boolean
  readonly onChange: (isChecked: boolean) => void
  readonly label: ReactNode
  readonly isMixed?: boolean
  readonly isDisabled?: boolean
  /** For eyes that see the context; the label is still read out. */
  readonly isLabelHidden?: boolean
  readonly className?: string
}

export function Checkbox({
  isChecked,
  onChange,
  label,
  isMixed = false,
  isDisabled = false,
  isLabelHidden = false,
  className,
}: CheckProps) {
  return (
    <label className={cn('inline-flex items-center gap-2 text-sm', isDisabled && 'opacity-55', className)}>
      <BaseCheckbox.Root
        checked={isChecked}
        indeterminate={isMixed}
        disabled={isDisabled}
        onCheckedChange={onChange}
        className="grid size-4 shrink-0 place-items-center rounded-sm border border-line-strong bg-surface data-checked:border-accent data-checked:bg-accent data-indeterminate:border-accent data-indeterminate:bg-accent"
      >
        <BaseCheckbox.Indicator className="text-on-accent">
          {isMixed ? <Minus className="size-3" strokeWidth={3} /> : <Check className="size-3" strokeWidth={3} />}
        </BaseCheckbox.Indicator>
      </BaseCheckbox.Root>
      <span className={isLabelHidden ? 'sr-only' : undefined}>{label}</span>
    </label>
  )
}

export function Switch({ isChecked, onChange, label, isDisabled = false, isLabelHidden = false, className }: CheckProps) {
  return (
    <label className={cn('inline-flex items-center gap-2 text-sm', isDisabled && 'opacity-55', className)}>
      <BaseSwitch.Root
        checked={isChecked}
        disabled={isDisabled}
        onCheckedChange={onChange}
        className="h-[18px] w-8 shrink-0 rounded-full border border-line-strong bg-sunken p-px transition-colors data-checked:border-accent data-checked:bg-accent"
      >
        <BaseSwitch.Thumb className="block size-3.5 rounded-full bg-line-strong transition-transform data-checked:translate-x-3.5 data-checked:bg-on-accent" />
      </BaseSwitch.Root>
      <span className={isLabelHidden ? 'sr-only' : undefined}>{label}</span>
    </label>
  )
}

interface SegmentedProps<Value extends string> {
  readonly value: Value
  readonly onChange: (value: Value) => void
  readonly options: readonly { readonly value: Value; readonly label: ReactNode; readonly ariaLabel?: string }[]
  readonly 'aria-label': string
  readonly className?: string
}

/** Two to five views of the same thing, side by side: `Form ⇄ JSON`, `1 h · 24 h · 7 d`. */
export function Segmented<Value extends string>({ value, onChange, options, className, ...rest }: SegmentedProps<Value>) {
  return (
    <ToggleGroup
      value={[value]}
      onValueChange={([next]) => next !== undefined && onChange(next)}
      className={cn('inline-flex h-8 items-center gap-0.5 rounded-md border bg-sunken p-0.5', className)}
      {...rest}
    >
      {options.map((option) => (
        <Toggle
          key={option.value}
          value={option.value}
          aria-label={option.ariaLabel}
          className="inline-flex h-full items-center gap-1.5 rounded-sm px-2.5 text-xs font-medium text-soft hover:text-text data-pressed:bg-surface data-pressed:text-text data-pressed:ring-1 data-pressed:ring-line [&_svg]:size-3.5"
        >
          {option.label}
        </Toggle>
      ))}
    </ToggleGroup>
  )
}
