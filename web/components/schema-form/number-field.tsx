import { useState, type KeyboardEvent } from 'react'
import { controlClass } from '@/components/ui/field.tsx'
import { cn } from '@/lib/cn.ts'
import type { NumberField as NumberWay } from './field-of.ts'
import { useControl, type FrameProps } from './field-frame.tsx'
import { stepped, typedNumber } from './number-text.ts'
import { proposal } from './text-field.tsx'

interface NumberInputProps extends FrameProps {
  readonly way: NumberWay
}

/** A number, typed or stepped with the arrow keys. What is no number stays as typed and is named by validation. */
export function NumberInput({ field, model, way }: NumberInputProps) {
  const control = useControl(field, model)
  const { value, onChange } = field
  const [typed, setTyped] = useState('')
  // `1.` and `1.0` stand for the same number as `1`; whoever types must not lose the point.
  const text = typedNumber(typed) === value ? typed : typeof value === 'number' || typeof value === 'string' ? String(value) : ''
  const step = ({ key }: KeyboardEvent): boolean => {
    if (key !== 'ArrowUp' && key !== 'ArrowDown') return false
    if (typeof value !== 'number') onChange(way.minimum ?? (typeof model.initial === 'number' ? model.initial : 0))
    else onChange(stepped(value, way.step, key === 'ArrowUp' ? 1 : -1, way.minimum, way.maximum))
    return true
  }
  const range = rangeOf(way)
  return (
    <div className="flex items-center gap-2.5">
      <input
        {...control}
        inputMode={way.isInteger && (way.minimum ?? -1) >= 0 ? 'numeric' : 'decimal'}
        value={text}
        placeholder={proposal(model.initial)}
        autoComplete="off"
        spellCheck={false}
        onKeyDown={(event) => step(event) && event.preventDefault()}
        onChange={({ currentTarget }) => {
          setTyped(currentTarget.value)
          onChange(typedNumber(currentTarget.value))
        }}
        className={cn(controlClass, 'h-8 max-w-56 tabular-nums')}
      />
      {range !== '' && <span className="shrink-0 text-xs text-faint tabular-nums">{range}</span>}
    </div>
  )
}

function rangeOf({ minimum, maximum, isInteger }: NumberWay): string {
  const kind = isInteger ? 'whole number' : ''
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`
  if (minimum !== undefined) return `${minimum} or more`
  return maximum === undefined ? kind : `${maximum} or less`
}
