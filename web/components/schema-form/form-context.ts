import { createContext, use, type ComponentType } from 'react'
import type { FieldError } from './readable-errors.ts'
import type { Schema } from './flatten.ts'

export interface FormContext {
  readonly root: Schema
  /** By the JSON pointer of the field. */
  readonly errors: ReadonlyMap<string, string>
  /** Makes the identifiers of this form's controls differ from those of another. */
  readonly id: string
  /** The field of any schema: handed down, because fields hold fields. */
  readonly Field: ComponentType<FieldProps>
}

export const SchemaFormContext = createContext<FormContext>({ root: true, errors: new Map(), id: '', Field: () => null })

export const useForm = (): FormContext => use(SchemaFormContext)

/** What every field takes. */
export interface FieldProps {
  readonly schema: Schema
  /** Undefined: left out. */
  readonly value: unknown
  readonly onChange: (value: unknown) => void
  /** JSON pointer. */
  readonly path: string
  readonly name: string
  readonly isRequired: boolean
  readonly depth: number
}

export const fieldId = (formId: string, path: string): string => `${formId}${path}`

/** The first error of each field. */
export function errorsByPath(errors: readonly FieldError[]): ReadonlyMap<string, string> {
  const byPath = new Map<string, string>()
  for (const { path, message } of errors) if (!byPath.has(path)) byPath.set(path, message)
  return byPath
}
