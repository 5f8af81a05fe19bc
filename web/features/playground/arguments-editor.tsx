import { useState } from 'react'
import { JsonEditor } from '@/components/json-editor.tsx'
import { explainJson } from '@/components/json-fault.ts'
import { fieldOf } from '@/components/schema-form/field-of.ts'
import { isSame } from '@/components/schema-form/entries.ts'
import { parseJsonText } from '@/components/schema-form/json-text.ts'
import type { FieldError } from '@/components/schema-form/readable-errors.ts'
import { SchemaForm } from '@/components/schema-form/schema-form.tsx'
import { Segmented } from '@/components/ui/toggle.tsx'
import { isRecord, type Fields } from '@/lib/mcp-request.ts'

export interface Draft {
  readonly args: Fields
  /** What stands in the editor; null while the form is shown. */
  readonly text: string | null
}

interface ArgumentsEditorProps {
  readonly schema: unknown
  readonly draft: Draft
  readonly onChange: (draft: Draft) => void
  readonly errors: readonly FieldError[]
}

/** Why the text in the editor cannot be sent; null when it can. */
export function faultOf({ text }: Draft): string | null {
  if (text === null) return null
  const parsed = parseJsonText(text)
  if (parsed.kind === 'value') return isRecord(parsed.value) ? null : 'Arguments are one object: { "name": value }.'
  if (parsed.kind === 'empty') return null
  const fault = explainJson(text)
  return fault === null ? 'This is not JSON.' : `Line ${fault.line}, column ${fault.column}: ${fault.message}`
}

/** The arguments as a form or as JSON; both show the same. */
export function ArgumentsEditor({ schema, draft, onChange, errors }: ArgumentsEditorProps) {
  const [isRefused, setIsRefused] = useState(false)
  const fault = faultOf(draft)
  const choose = (view: 'form' | 'json'): void => {
    if (view === 'json') return onChange({ ...draft, text: JSON.stringify(draft.args, null, 2) })
    // The form cannot show what is no JSON, and must not throw away what was typed.
    setIsRefused(fault !== null)
    if (fault === null) onChange({ ...draft, text: null })
  }
  return (
    <div className="flex flex-col gap-4">
      <div className="flex items-center justify-between gap-3">
        <h3 className="text-sm font-semibold">Arguments</h3>
        <Segmented
          aria-label="View of the arguments"
          value={draft.text === null ? 'form' : 'json'}
          options={[
            { value: 'form', label: 'Form' },
            { value: 'json', label: 'JSON' },
          ]}
          onChange={choose}
        />
      </div>
      {draft.text === null ? (
        <FormView schema={schema} draft={draft} onChange={onChange} errors={errors} />
      ) : (
        <JsonText
          draft={draft}
          text={draft.text}
          onChange={onChange}
          problem={fault === null ? null : isRefused ? `${fault} The form opens when this is mended.` : fault}
        />
      )}
    </div>
  )
}

function FormView({ schema, draft, onChange, errors }: ArgumentsEditorProps) {
  const { way } = fieldOf(schema ?? { type: 'object' }, schema)
  if (way.kind === 'object' && way.properties.length === 0 && Object.keys(draft.args).length === 0 && takesNothing(schema)) {
    return <p className="text-sm text-soft">This tool takes no arguments.</p>
  }
  return (
    <SchemaForm
      schema={schema ?? { type: 'object' }}
      value={draft.args}
      errors={errors}
      onChange={(value) => onChange({ args: isRecord(value) ? value : {}, text: null })}
    />
  )
}

/** A schema that names no property and asks for none: the usual way to say that there are no arguments. */
const takesNothing = (schema: unknown): boolean =>
  !isRecord(schema) ||
  (!isRecord(schema['additionalProperties']) && schema['additionalProperties'] !== true && !isRecord(schema['patternProperties']))

function JsonText({
  draft,
  text,
  onChange,
  problem,
}: {
  readonly draft: Draft
  readonly text: string
  readonly onChange: (draft: Draft) => void
  readonly problem: string | null
}) {
  const change = (next: string): void => {
    const parsed = parseJsonText(next)
    const value = parsed.kind === 'empty' ? {} : parsed.kind === 'value' ? parsed.value : undefined
    onChange({ text: next, args: isRecord(value) && !isSame(value, draft.args) ? value : draft.args })
  }
  return <JsonEditor label="Arguments as JSON" value={text} minHeight={200} onChange={change} problem={problem} />
}
