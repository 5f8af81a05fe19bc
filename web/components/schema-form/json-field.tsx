import { useState } from 'react'
import { JsonEditor } from '@/components/json-editor.tsx'
import { inertLine } from '@/lib/inert.ts'
import { isSame } from './entries.ts'
import type { FieldProps } from './form-context.ts'
import { explainJson } from '../json-fault.ts'
import { parseJsonText } from './json-text.ts'

interface JsonInputProps {
  readonly field: FieldProps
  readonly reason: string
}

/** Any value, written as JSON. Text that is not JSON yet stays in the field and changes nothing. */
export function JsonInput({ field, reason }: JsonInputProps) {
  const [text, setText] = useState(() => written(field.value))
  const parsed = parseJsonText(text)
  // The value was changed elsewhere: by the other view, by an example, by a run that is replayed.
  const isBehind = parsed.kind === 'value' ? !isSame(parsed.value, field.value) : parsed.kind === 'empty' && field.value !== undefined
  const shown = isBehind ? written(field.value) : text
  const fault = !isBehind && parsed.kind === 'broken' ? explainJson(text) : null
  return (
    <div className="flex flex-col gap-1">
      <JsonEditor
        label={`${inertLine(field.name, 80)} as JSON`}
        value={shown}
        minHeight={72}
        problem={fault === null ? null : `Line ${fault.line}, column ${fault.column}: ${fault.message}`}
        onChange={(next) => {
          setText(next)
          const after = parseJsonText(next)
          if (after.kind !== 'broken') field.onChange(after.kind === 'value' ? after.value : undefined)
        }}
      />
      <p className="text-xs text-faint">{reason} Write it as JSON: a text stands in quotation marks.</p>
    </div>
  )
}

const written = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value, null, 2))
