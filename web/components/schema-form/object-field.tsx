import { X } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { inertLine } from '@/lib/inert.ts'
import { own, pointerStep, withKey, type Entries } from './entries.ts'
import { ExtraKey } from './extra-key.tsx'
import { FieldAction } from './field-frame.tsx'
import type { ObjectField } from './field-of.ts'
import { useForm, type FieldProps } from './form-context.ts'
import { schemaByPattern } from './pattern-schema.ts'

const SHOWN_STEP = 40

interface ObjectInputProps {
  readonly field: FieldProps
  readonly way: ObjectField
}

/** The properties of an object: those of its schema, then those that somebody named. */
export function ObjectInput({ field, way }: ObjectInputProps) {
  const { Field } = useForm()
  const [shownMax, setShownMax] = useState(SHOWN_STEP)
  const record = field.value as Entries
  const known = new Set(way.properties.map(({ name }) => name))
  const named = Object.keys(record).filter((key) => !known.has(key))
  // Where not all fit, those that must be given or have been given come first.
  const ordered =
    way.properties.length <= SHOWN_STEP
      ? way.properties
      : way.properties.toSorted((one, other) => Number(other.isRequired) - Number(one.isRequired))
  const set = (key: string, value: unknown): void => field.onChange(withKey(record, key, value))
  return (
    <div className="flex flex-col gap-4">
      {ordered.slice(0, shownMax).map(({ name, schema, isRequired }) => (
        <Field
          key={name}
          name={name}
          schema={schema}
          isRequired={isRequired}
          value={own(record, name)}
          onChange={(value) => set(name, value)}
          path={field.path + pointerStep(name)}
          depth={field.depth + 1}
        />
      ))}
      {ordered.length > shownMax && (
        <Button size="sm" className="self-start" onClick={() => setShownMax(shownMax + SHOWN_STEP)}>
          Show more properties ({ordered.length - shownMax} left)
        </Button>
      )}
      {named.slice(0, shownMax).map((name) => (
        <div key={name} className="flex items-start gap-1">
          <div className="min-w-0 grow">
            <Field
              name={name}
              schema={schemaByPattern(name, way.patterns) ?? way.extra ?? true}
              isRequired
              value={own(record, name)}
              onChange={(value) => set(name, value ?? (typeof own(record, name) === 'string' ? '' : null))}
              path={field.path + pointerStep(name)}
              depth={field.depth + 1}
            />
          </div>
          <FieldAction label={`Remove ${inertLine(name, 60)}`} onClick={() => set(name, undefined)}>
            <X />
          </FieldAction>
        </div>
      ))}
      {way.isOpen && <ExtraKey field={field} way={way} record={record} onAdd={set} />}
    </div>
  )
}
