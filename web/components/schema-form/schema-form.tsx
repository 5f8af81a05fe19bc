import { useId, useMemo } from 'react'
import { fieldOf } from './field-of.ts'
import { errorsByPath, SchemaFormContext } from './form-context.ts'
import { JsonInput } from './json-field.tsx'
import { ObjectInput } from './object-field.tsx'
import type { FieldError } from './readable-errors.ts'
import type { Schema } from './flatten.ts'
import { SchemaField } from './schema-field.tsx'

interface SchemaFormProps {
  /** JSON Schema 2020-12 as a server sent it. */
  readonly schema: Schema
  readonly value: unknown
  readonly onChange: (value: unknown) => void
  /** What `validate` found. */
  readonly errors?: readonly FieldError[]
}

const NO_ERRORS: readonly FieldError[] = []

/** A form for a value that a JSON Schema describes. Properties that were not filled in are left out, not sent empty. */
export function SchemaForm({ schema, value, onChange, errors = NO_ERRORS }: SchemaFormProps) {
  const id = useId()
  const context = useMemo(() => ({ root: schema, errors: errorsByPath(errors), id, Field: SchemaField }), [schema, errors, id])
  const { way } = useMemo(() => fieldOf(schema, schema), [schema])
  const field = { schema, value, onChange, path: '', name: 'arguments', isRequired: true, depth: 0 }
  return (
    <SchemaFormContext value={context}>
      {way.kind === 'object' && typeof value === 'object' && value !== null && !Array.isArray(value) ? (
        <ObjectInput field={field} way={way} />
      ) : way.kind === 'json' ? (
        <JsonInput field={field} reason={way.reason} />
      ) : (
        <SchemaField {...field} />
      )}
    </SchemaFormContext>
  )
}
