import { Field as BaseField } from '@base-ui/react/field'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from '@/lib/cn.ts'

interface FieldProps {
  readonly label: ReactNode
  /** One sentence below the control. */
  readonly hint?: ReactNode
  /** What is wrong and how to mend it; announced. */
  readonly error?: string | null | undefined
  readonly isOptional?: boolean
  readonly className?: string
  readonly children: ReactNode
}

/** A labelled control: `Input`, `Textarea` or any Base UI control inside takes label, hint and error by itself. */
export function Field({ label, hint, error = null, isOptional = false, className, children }: FieldProps) {
  return (
    <BaseField.Root invalid={error !== null && error !== ''} className={cn('flex flex-col gap-1.5', className)}>
      <BaseField.Label className="text-sm font-medium">
        {label}
        {isOptional && <span className="ml-1 font-normal text-faint">optional</span>}
      </BaseField.Label>
      {children}
      {hint !== undefined && <BaseField.Description className="text-xs text-faint">{hint}</BaseField.Description>}
      <BaseField.Error match={error !== null && error !== ''} className="text-xs text-bad" aria-live="polite">
        {error}
      </BaseField.Error>
    </BaseField.Root>
  )
}

export const controlClass =
  'w-full rounded-md border border-line-strong/60 bg-surface px-2.5 text-sm text-text placeholder:text-faint hover:border-line-strong focus:outline-2 focus:outline-offset-0 focus:outline-accent disabled:opacity-55 data-invalid:border-bad aria-invalid:border-bad'

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <BaseField.Control className={cn(controlClass, 'h-8', className)} spellCheck={false} autoComplete="off" {...rest} />
}

export function Textarea({ className, ...rest }: ComponentProps<'textarea'>) {
  return (
    <BaseField.Control
      render={<textarea rows={4} spellCheck={false} {...rest} />}
      className={cn(controlClass, 'min-h-20 py-1.5 leading-5', className)}
    />
  )
}
