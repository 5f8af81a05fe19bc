import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { inertLine } from '@/lib/inert.ts'
import { cn } from '@/lib/cn.ts'
import { fieldId, useForm, type FieldProps } from './form-context.ts'
import type { FieldModel } from './field-of.ts'

const DESCRIPTION_LENGTH_MAX = 240
const NAME_LENGTH_MAX = 80

export interface FrameProps {
  readonly field: FieldProps
  readonly model: FieldModel
}

interface FieldFrameProps extends FrameProps {
  /** Small buttons on the right of the label. */
  readonly actions?: ReactNode
  /** A control that takes the label by `id`; the others are groups that take it by name. */
  readonly isGroup?: boolean
  readonly isIndented?: boolean
  readonly children: ReactNode
}

/** Label, description and error around the control of a field. All of the texts are the server’s. */
export function FieldFrame({ field, model, actions, isGroup = false, isIndented = false, children }: FieldFrameProps) {
  const { path, name, isRequired } = field
  const { errors, id } = useForm()
  const error = errors.get(path)
  const own = fieldId(id, path)
  const Label = isGroup ? 'span' : 'label'
  return (
    <div
      role={isGroup ? 'group' : undefined}
      aria-labelledby={isGroup ? `${own}-label` : undefined}
      aria-describedby={isGroup ? describedBy(own, model, error) : undefined}
      data-path={path}
      className="group/field flex min-w-0 flex-col gap-1"
    >
      <div className="flex min-h-6 flex-wrap items-center gap-x-2">
        <Label id={`${own}-label`} htmlFor={isGroup ? undefined : own} className="min-w-0 text-sm font-medium break-words">
          <FieldName name={name} title={model.title} />
          {isRequired ? null : <span className="ml-1.5 font-normal text-faint">optional</span>}
        </Label>
        <span className="ml-auto flex items-center gap-1">{actions}</span>
      </div>
      {model.description !== undefined && (
        <p id={`${own}-description`} className="text-xs text-soft">
          <Untrusted text={model.description} lengthMax={DESCRIPTION_LENGTH_MAX} />
        </p>
      )}
      <div className={cn('min-w-0', isIndented && 'border-l-2 pl-3')}>{children}</div>
      <p id={`${own}-error`} aria-live="polite" className={cn('flex items-start gap-1 text-xs text-bad', error === undefined && 'hidden')}>
        {error !== undefined && (
          <>
            <CircleAlert aria-hidden className="mt-0.5 size-3 shrink-0" />
            <span className="min-w-0 break-words">{error}</span>
          </>
        )}
      </p>
    </div>
  )
}

/** The name is what is sent; a title stands before it when it says something else. */
function FieldName({ name, title }: { readonly name: string; readonly title: string | undefined }) {
  const shown = inertLine(name, NAME_LENGTH_MAX)
  if (title === undefined || title.toLowerCase() === name.toLowerCase()) return <span className="font-mono text-[0.8125rem]">{shown}</span>
  return (
    <>
      {inertLine(title, NAME_LENGTH_MAX)} <code className="font-mono text-xs font-normal text-faint">{shown}</code>
    </>
  )
}

export function describedBy(own: string, model: FieldModel, error: string | undefined): string | undefined {
  const parts = [...(model.description === undefined ? [] : [`${own}-description`]), ...(error === undefined ? [] : [`${own}-error`])]
  return parts.length === 0 ? undefined : parts.join(' ')
}

/** What ties a control to its label, description and error. */
export function useControl(field: FieldProps, model: FieldModel) {
  const { errors, id } = useForm()
  const own = fieldId(id, field.path)
  const error = errors.get(field.path)
  return {
    id: own,
    'aria-describedby': describedBy(own, model, error),
    'aria-invalid': error === undefined ? undefined : true,
    'aria-required': field.isRequired || undefined,
  } as const
}

interface FieldActionProps {
  readonly onClick: () => void
  readonly label: string
  /** Seldom wanted: appears with the pointer or the focus in the field, always where there is no pointer. */
  readonly isQuiet?: boolean
  readonly children: ReactNode
}

/** A word-sized button beside a label. */
export function FieldAction({ onClick, label, isQuiet = false, children }: FieldActionProps) {
  return (
    <button
      type="button"
      aria-label={label}
      onClick={onClick}
      className={cn(
        'inline-flex h-6 items-center rounded-sm px-1.5 text-xs text-soft hover:bg-hover hover:text-text [&_svg]:size-3.5',
        isQuiet && 'opacity-0 group-focus-within/field:opacity-100 group-hover/field:opacity-100 pointer-coarse:opacity-100',
      )}
    >
      {children}
    </button>
  )
}
