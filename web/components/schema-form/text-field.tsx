import { controlClass } from '@/components/ui/field.tsx'
import { inertLine } from '@/lib/inert.ts'
import { cn } from '@/lib/cn.ts'
import type { TextField as TextWay } from './field-of.ts'
import { useControl, type FrameProps } from './field-frame.tsx'

interface TextInputProps extends FrameProps {
  readonly way: TextWay
}

const TYPES = { text: 'text', date: 'date', 'date-time': 'text', time: 'text', email: 'email', uri: 'url' } as const
const EXAMPLES = {
  text: undefined,
  date: undefined,
  'date-time': '2026-11-21T10:00:00Z',
  time: '10:00:00Z',
  email: 'ada@example.com',
  uri: 'https://example.com',
} as const
const ROWS_MAX = 12

/** A text. Emptied it is left out; an empty text has its own button beside the label. */
export function TextInput({ field, model, way }: TextInputProps) {
  const control = useControl(field, model)
  const text = typeof field.value === 'string' ? field.value : ''
  const placeholder = field.value === '' ? 'Empty text is sent' : (proposal(model.initial) ?? way.placeholder ?? EXAMPLES[way.input])
  const shared = {
    ...control,
    value: text,
    placeholder,
    spellCheck: false,
    autoComplete: 'off',
    onChange: ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
      field.onChange(currentTarget.value === '' ? undefined : currentTarget.value),
  }
  if (way.isMultiline && !way.isSecret) {
    return (
      <textarea
        {...shared}
        rows={Math.min(Math.max(4, text.slice(0, 5_000).split('\n').length), ROWS_MAX)}
        className={cn(controlClass, 'block py-1.5 leading-5')}
      />
    )
  }
  const isLocalTime = way.input === 'date-time'
  return (
    <div className="flex gap-1.5">
      <input {...shared} type={way.isSecret ? 'password' : TYPES[way.input]} className={cn(controlClass, 'h-8')} />
      {isLocalTime && (
        <button
          type="button"
          onClick={() => field.onChange(`${new Date().toISOString().slice(0, 19)}Z`)}
          aria-label={`Set ${inertLine(field.name, 60)} to the time now`}
          className="h-8 shrink-0 rounded-md border px-2.5 text-xs text-soft hover:bg-hover hover:text-text"
        >
          Now
        </button>
      )}
    </div>
  )
}

/** What holds when a field is left out. */
export const proposal = (initial: unknown): string | undefined =>
  initial === undefined ? undefined : `Left out: ${inertLine(typeof initial === 'string' ? initial : JSON.stringify(initial), 60)}`
