import { Plus } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { controlClass } from '@/components/ui/field.tsx'
import { inertLine } from '@/lib/inert.ts'
import { cn } from '@/lib/cn.ts'
import type { Entries } from './entries.ts'
import { fieldOf, type ObjectField } from './field-of.ts'
import { fieldId, useForm, type FieldProps } from './form-context.ts'
import { initialValue } from './initial-value.ts'
import { schemaByPattern } from './pattern-schema.ts'

interface ExtraKeyProps {
  readonly field: FieldProps
  readonly way: ObjectField
  readonly record: Entries
  readonly onAdd: (key: string, value: unknown) => void
}

/** Names a further key of an object that takes keys of any name, or of names that follow a pattern. */
export function ExtraKey({ field, way, record, onAdd }: ExtraKeyProps) {
  const { root, id } = useForm()
  const [key, setKey] = useState('')
  const own = `${fieldId(id, field.path)}-key`
  const isTaken = Object.hasOwn(record, key)
  const add = (): void => {
    if (key === '' || isTaken) return
    const schema = schemaByPattern(key, way.patterns) ?? way.extra ?? true
    const initial = initialValue(schema, root, field.depth + 1)
    onAdd(key, initial ?? (fieldOf(schema, root).way.kind === 'text' ? '' : null))
    setKey('')
  }
  const patterns = way.patterns.map(([pattern]) => inertLine(pattern, 40)).join(', ')
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={own} className="text-xs text-soft">
        {way.extra === null && patterns !== '' ? `Another property, its name like ${patterns}` : 'Another property'}
      </label>
      <div className="flex gap-1.5">
        <input
          id={own}
          value={key}
          onChange={({ currentTarget }) => setKey(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.metaKey || event.ctrlKey) return
            event.preventDefault()
            add()
          }}
          placeholder="Name"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={isTaken || undefined}
          aria-describedby={isTaken ? `${own}-error` : undefined}
          className={cn(controlClass, 'h-8 font-mono')}
        />
        <Button disabled={key === '' || isTaken} onClick={add}>
          <Plus /> Add
        </Button>
      </div>
      <p id={`${own}-error`} aria-live="polite" className="text-xs text-bad empty:hidden">
        {isTaken ? 'There is a property of this name already.' : ''}
      </p>
    </div>
  )
}
