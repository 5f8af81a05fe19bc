import { useMemo } from 'react'
import { inertLine } from '@/lib/inert.ts'
import { BooleanInput, ChecksInput, ChoiceInput } from './choice-field.tsx'
import { asRecord } from './entries.ts'
import { FieldAction, FieldFrame, type FrameProps } from './field-frame.tsx'
import { fieldOf, type Way } from './field-of.ts'
import { useForm, type FieldProps } from './form-context.ts'
import { initialValue } from './initial-value.ts'
import { JsonInput } from './json-field.tsx'
import { ListInput } from './list-field.tsx'
import { NumberInput } from './number-field.tsx'
import { ObjectInput } from './object-field.tsx'
import { TextInput } from './text-field.tsx'
import { VariantsInput } from './variants-field.tsx'

const GROUPS: ReadonlySet<Way['kind']> = new Set(['boolean', 'choice', 'checks', 'list', 'object', 'variants', 'json'])
/** What stays closed until somebody wants it, so that nothing is sent that nobody filled in. */
const OPENED: ReadonlySet<Way['kind']> = new Set(['list', 'object', 'variants', 'checks', 'json'])

/** One property, item or variant: the control that its schema asks for, and what is true of every field. */
export function SchemaField(field: FieldProps) {
  const { root } = useForm()
  const { schema, depth, name } = field
  const model = useMemo(() => fieldOf(schema, root, depth), [schema, root, depth])
  const { way } = model
  // A place of a list that waits for its value holds null, for a list has no gaps.
  const isWaiting = field.value === null && !model.isNullable && way.kind !== 'json' && way.kind !== 'choice' && way.kind !== 'variants'
  const value = isWaiting ? undefined : field.value
  const shown = inertLine(name, 60)
  const isClosed = value === undefined && OPENED.has(way.kind)
  const hasLeaveOut = value !== undefined && !field.isRequired && way.kind !== 'choice' && way.kind !== 'boolean'
  const mayBeNull = model.isNullable && value !== null
  const isEmptyTextOffered = way.kind === 'text' && way.input === 'text' && value === undefined
  const actions = (
    <>
      {isEmptyTextOffered && (
        <FieldAction isQuiet label={`Send an empty text as ${shown}`} onClick={() => field.onChange('')}>
          Empty text
        </FieldAction>
      )}
      {mayBeNull && (
        <FieldAction label={`Send null as ${shown}`} onClick={() => field.onChange(null)}>
          null
        </FieldAction>
      )}
      {hasLeaveOut && (
        <FieldAction label={`Leave out ${shown}`} onClick={() => field.onChange(undefined)}>
          Leave out
        </FieldAction>
      )}
    </>
  )
  const isNull = value === null && model.isNullable
  return (
    <FieldFrame
      field={field}
      model={model}
      actions={actions}
      isGroup={isNull || isClosed || GROUPS.has(way.kind)}
      isIndented={!isNull && !isClosed && (way.kind === 'object' || way.kind === 'list')}
    >
      {isNull ? (
        <Opener
          text="null is sent"
          action="Give a value"
          label={`Give a value for ${shown}`}
          onOpen={() => field.onChange(initialValue(schema, root, depth) ?? undefined)}
        />
      ) : isClosed ? (
        <Opener
          text="Left out"
          action="Add"
          label={`Add ${shown}`}
          onOpen={() => field.onChange(opened(way, initialValue(schema, root, depth)))}
        />
      ) : (
        <Control field={isWaiting ? { ...field, value } : field} model={model} />
      )}
    </FieldFrame>
  )
}

/** What an opened field begins with when its schema proposes nothing. */
function opened(way: Way, initial: unknown): unknown {
  if (initial !== undefined) return initial
  return way.kind === 'list' || way.kind === 'checks' ? [] : way.kind === 'object' ? {} : null
}

function Opener({
  text,
  action,
  label,
  onOpen,
}: {
  readonly text: string
  readonly action: string
  readonly label: string
  readonly onOpen: () => void
}) {
  return (
    <div className="flex h-8 items-center gap-2 rounded-md border border-dashed px-2.5 text-sm text-faint">
      {text}
      <span className="ml-auto">
        <FieldAction label={label} onClick={onOpen}>
          {action}
        </FieldAction>
      </span>
    </div>
  )
}

function Control({ field, model }: FrameProps) {
  const { way } = model
  switch (way.kind) {
    case 'text':
      return isOdd(field.value, 'string') ? <Odd field={field} /> : <TextInput field={field} model={model} way={way} />
    case 'number':
      return isOdd(field.value, 'number', 'string') ? <Odd field={field} /> : <NumberInput field={field} model={model} way={way} />
    case 'boolean':
      return isOdd(field.value, 'boolean') ? <Odd field={field} /> : <BooleanInput field={field} model={model} />
    case 'choice':
      return <ChoiceInput field={field} model={model} choices={way.choices} />
    case 'checks':
      return Array.isArray(field.value) ? <ChecksInput field={field} model={model} choices={way.choices} /> : <Odd field={field} />
    case 'list':
      return Array.isArray(field.value) ? <ListInput field={field} way={way} /> : <Odd field={field} />
    case 'object':
      return asRecord(field.value) === undefined ? <Odd field={field} /> : <ObjectInput field={field} way={way} />
    case 'variants':
      return <VariantsInput field={field} variants={way.variants} />
    case 'json':
      return <JsonInput field={field} reason={way.reason} />
  }
}

/** A value of another type, as JSON brought it in: shown as it is, for no control could hold it without changing it. */
function Odd({ field }: { readonly field: FieldProps }) {
  return <JsonInput field={field} reason="The value is of another type than the schema says." />
}

const isOdd = (value: unknown, ...types: readonly string[]): boolean => value !== undefined && !types.includes(typeof value)
