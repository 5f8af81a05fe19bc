import type { z } from 'zod'
import { didYouMean } from './nearest.ts'

/** One thing that does not fit: where it stands, and in words what was found and what was expected. */
export interface Misfit {
  readonly path: readonly (string | number)[]
  /** Whether the name at the end of the path does not fit, or what stands under it. */
  readonly part: 'name' | 'value'
  readonly message: string
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}
const FORMAT_WORDS: Readonly<Record<string, string>> = { url: 'an http or https address', datetime: 'a time such as 2026-11-21T10:00:00Z' }
const SHOWN_LENGTH_MAX = 40
const NAME_LENGTH_MAX = 100

/**
 * Puts the issues of a failed zod parse into words. Values are not repeated, for they may be secrets; the exceptions are
 * the value that should have been one of a few, and the names of keys.
 */
export function explainIssues(schema: z.ZodType, error: z.ZodError, input: unknown): Misfit[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
    const found = valueAt(input, path)
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeys(schemaAt(schema, path, input))
      return issue.keys.map((key) => ({ path: [...path, key], part: 'name' as const, message: unknownName(key, known) }))
    }
    return [{ path, part: issue.code === 'invalid_key' ? 'name' : 'value', message: sentence(issue, found) }]
  })
}

function sentence(issue: z.core.$ZodIssue, found: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPE_WORDS[issue.expected] ?? issue.expected}, found ${typeWord(found)}`
    case 'invalid_value':
      return oneOf(issue.values.map(String), found)
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options) ? oneOf(issue.options.map(String), found) : issue.message
    case 'invalid_key':
      return `the name is not acceptable: ${issue.issues[0] === undefined ? issue.message : sentence(issue.issues[0], '')}`
    case 'too_small':
      return `expected at least ${amount(issue.minimum, issue.origin)}`
    case 'too_big':
      return `expected at most ${amount(issue.maximum, issue.origin)}`
    case 'invalid_format':
      return FORMAT_WORDS[issue.format] === undefined ? issue.message : `expected ${FORMAT_WORDS[issue.format]}`
    default:
      return issue.message
  }
}

function oneOf(values: readonly string[], found: unknown): string {
  const expected = `expected ${values.map((value) => JSON.stringify(value)).join(' or ')}`
  if (typeof found !== 'string' || found.length > SHOWN_LENGTH_MAX) return `${expected}, found ${typeWord(found)}`
  return `${expected}, found ${JSON.stringify(found)}`
}

function amount(count: number | bigint, origin: string): string {
  if (origin === 'string') return count === 1 ? '1 character' : `${count} characters`
  if (origin === 'array') return count === 1 ? '1 entry' : `${count} entries`
  return String(count)
}

function unknownName(name: string, known: readonly string[]): string {
  const shown = JSON.stringify(name.slice(0, NAME_LENGTH_MAX))
  if (known.length === 0) return `${shown} is not known here`
  return `${shown} is not known here.${didYouMean(name.slice(0, NAME_LENGTH_MAX), known)} Known: ${known.join(', ')}`
}

function typeWord(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : (TYPE_WORDS[typeof value] ?? typeof value)
}

function valueAt(input: unknown, path: readonly (string | number)[]): unknown {
  let value = input
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string | number, unknown>)[part]
  }
  return value
}

interface SchemaDefinition {
  readonly type: string
  readonly innerType?: z.ZodType
  readonly valueType?: z.ZodType
  readonly element?: z.ZodType
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly in?: z.ZodType
  readonly options?: readonly z.ZodType[]
  readonly discriminator?: string
}

const definitionOf = (schema: z.ZodType): SchemaDefinition => schema.def

/** The schema that stands at a path, through everything that wraps it; a discriminated union is decided by the input. */
function schemaAt(schema: z.ZodType, path: readonly (string | number)[], input: unknown): z.ZodType | undefined {
  let current: z.ZodType | undefined = unwrap(schema, input)
  for (const [index, part] of path.entries()) {
    if (current === undefined) return undefined
    const definition = definitionOf(current)
    const next: z.ZodType | undefined = definition.shape?.[part] ?? definition.valueType ?? definition.element
    current = next && unwrap(next, valueAt(input, path.slice(0, index + 1)))
  }
  return current
}

function unwrap(schema: z.ZodType, input: unknown): z.ZodType | undefined {
  let current = schema
  for (;;) {
    const definition = definitionOf(current)
    if (definition.type === 'union') {
      const option = definition.options?.find(
        (each) =>
          definitionOf(each).shape?.[definition.discriminator ?? '']?.safeParse(valueAt(input, [definition.discriminator ?? ''])).success,
      )
      if (option === undefined) return undefined
      current = option
      continue
    }
    const inner = definition.innerType ?? definition.in
    if (inner === undefined) return current
    current = inner
  }
}

function knownKeys(schema: z.ZodType | undefined): readonly string[] {
  return schema === undefined ? [] : Object.keys(definitionOf(schema).shape ?? {})
}
