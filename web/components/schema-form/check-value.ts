import { Validator, type Schema as ValidatorSchema } from '@cfworker/json-schema'
import { readableErrors, type FieldError } from './readable-errors.ts'

export interface Validation {
  readonly errors: readonly FieldError[]
  /** Why nothing was checked here; the server checks it in any case. */
  readonly skipped: string | null
}

export const SCHEMA_LENGTH_MAX = 512 * 1024
export const VALUE_LENGTH_MAX = 2 * 1024 * 1024

export const skipped = (why: string): Validation => ({ errors: [], skipped: why })

/**
 * Checks a value against a schema of JSON Schema 2020-12, both as JSON texts, which keeps keys such as `__proto__`.
 * A hostile schema can make it run for ever: call it where it can be stopped.
 */
export function checkValue(schemaJson: string, valueJson: string): Validation {
  if (schemaJson.length > SCHEMA_LENGTH_MAX) return skipped('The schema of this tool is too large to be checked here.')
  if (valueJson.length > VALUE_LENGTH_MAX) return skipped('The arguments are too large to be checked here.')
  const schema: unknown = JSON.parse(schemaJson)
  try {
    const validator = new Validator(schema as ValidatorSchema, '2020-12', false)
    const { valid, errors } = validator.validate(JSON.parse(valueJson))
    return { errors: valid ? [] : readableErrors(errors, schema), skipped: null }
  } catch (error) {
    return skipped(reasonOf(error))
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : ''
  if (text.startsWith('Unresolved $ref')) return 'The schema refers to a part that is not in it, and nothing is fetched for it.'
  if (error instanceof RangeError) return 'The schema refers to itself without end.'
  if (text.includes('regular expression')) return 'The schema has a pattern that is not a regular expression.'
  return 'The schema of this tool is not valid JSON Schema.'
}
