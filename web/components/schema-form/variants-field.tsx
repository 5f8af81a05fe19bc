import { useRef, useState } from 'react'
import { Select } from '@/components/ui/select.tsx'
import { Segmented } from '@/components/ui/toggle.tsx'
import { inertLine } from '@/lib/inert.ts'
import { asRecord } from './entries.ts'
import { fieldOf, type Variant } from './field-of.ts'
import { carriedOver, fittingVariant } from './fitting-variant.ts'
import { useForm, type FieldProps } from './form-context.ts'
import { initialValue } from './initial-value.ts'
import { ObjectInput } from './object-field.tsx'

const SEGMENTS_MAX = 4
const SEGMENTS_LENGTH_MAX = 44

interface VariantsInputProps {
  readonly field: FieldProps
  readonly variants: readonly Variant[]
}

/** One of several forms for the same value. What was entered in one is there again when it is chosen again. */
export function VariantsInput({ field, variants }: VariantsInputProps) {
  const { root, Field } = useForm()
  const [picked, setPicked] = useState<number | null>(null)
  const kept = useRef(new Map<number, unknown>())
  const current = fittingVariant(field.value, variants, root, picked)
  const { schema } = variants[current]!
  const choose = (next: number): void => {
    kept.current.set(current, field.value)
    setPicked(next)
    const chosen = variants[next]!.schema
    const begin = kept.current.get(next) ?? carriedOver(field.value, initialValue(chosen, root, field.depth), chosen, root)
    field.onChange(begin ?? emptyOf(chosen, root))
  }
  const label = `Variant of ${inertLine(field.name, 60)}`
  const names = variants.map((variant) => variant.label)
  const isShort = names.length <= SEGMENTS_MAX && names.join('').length <= SEGMENTS_LENGTH_MAX
  const options = names.map((name, index) => ({ value: String(index), label: name }))
  const model = fieldOf(schema, root, field.depth)
  const isPlainObject = model.way.kind === 'object' && !model.isNullable && asRecord(field.value) !== undefined
  return (
    <div className="flex flex-col gap-2.5 border-l-2 pl-3">
      {isShort ? (
        <Segmented
          aria-label={label}
          value={String(current)}
          options={options}
          onChange={(next) => choose(Number(next))}
          className="self-start"
        />
      ) : (
        <Select aria-label={label} value={String(current)} options={options} onChange={(next) => choose(Number(next))} />
      )}
      {isPlainObject && model.way.kind === 'object' ? (
        <ObjectInput key={current} field={{ ...field, schema }} way={model.way} />
      ) : (
        <Field key={current} {...field} schema={schema} name={names[current]!} isRequired depth={field.depth + 1} />
      )}
    </div>
  )
}

/** A value that the chosen variant takes for its own, when it proposes none. */
function emptyOf(schema: unknown, root: unknown): unknown {
  const { way } = fieldOf(schema, root)
  return way.kind === 'text' ? '' : way.kind === 'number' ? 0 : null
}
