import { suggestion } from './parse-arguments.ts'
import { usageFailure } from './failure.ts'
import { asRecord } from './mcp-client.ts'

const REFERENCES_MAX = 8

type Schema = Readonly<Record<string, unknown>>

/**
 * Turns `key=value` words into the arguments that a tool's input schema wants: numbers, booleans, lists (by repeating the
 * key) and objects (as JSON). `key:=JSON` says the value as JSON. Throws a usage failure that names what does not fit.
 */
export function parseToolArguments(words: readonly string[], inputSchema: Schema = {}): Record<string, unknown> {
  const properties = asRecord(inputSchema['properties']) ?? {}
  const required = Array.isArray(inputSchema['required']) ? inputSchema['required'].filter((key) => typeof key === 'string') : []
  const takes = describe(properties, required)
  const values = new Map<string, unknown>()
  for (const word of words) {
    const [, key, operator, text] = /^([^=]*?)(:?=)(.*)$/s.exec(word) ?? []
    if (key === undefined || key === '' || text === undefined)
      throw usageFailure(`\`${word}\` is not KEY=VALUE`, `The tool takes: ${takes}.`)
    assertKnown(key, properties, inputSchema['additionalProperties'], takes)
    const schema = resolveSchema(Object.hasOwn(properties, key) ? properties[key] : {}, inputSchema)
    const types = typesOf(schema, inputSchema)
    if (operator === '=' && types.has('array') && !types.has('string') && !text.trimStart().startsWith('[')) {
      values.set(key, [
        ...((values.get(key) as unknown[] | undefined) ?? []),
        convert(key, text, resolveSchema(schema['items'], inputSchema), inputSchema),
      ])
      continue
    }
    if (values.has(key)) throw usageFailure(`\`${key}\` is given twice`)
    values.set(key, operator === ':=' ? fromJson(key, text) : convert(key, text, schema, inputSchema))
  }
  assertComplete(values, required, takes)
  return Object.fromEntries(values)
}

/** A schema that says nothing of further arguments allows them, but a name that is almost one of its own is a slip. */
function assertKnown(key: string, properties: Schema, additional: unknown, takes: string): void {
  if (Object.hasOwn(properties, key) || (additional !== undefined && additional !== false)) return
  const meant = suggestion(key, Object.keys(properties))
  if (additional === undefined && meant === undefined) return
  throw usageFailure(`The tool takes no \`${key}\``, meant === undefined ? `It takes: ${takes}.` : `Did you mean \`${meant}\`?`)
}

function assertComplete(values: ReadonlyMap<string, unknown>, required: readonly string[], takes: string): void {
  const missing = required.filter((key) => !values.has(key))
  if (missing.length === 0) return
  throw usageFailure(
    `${missing.map((key) => `\`${key}\``).join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`,
    `The tool takes: ${takes}.`,
  )
}

/** The value of the first type that fits; text wins where text is allowed, because `key:=JSON` can say the others. */
function convert(key: string, text: string, schema: Schema, root: Schema): unknown {
  const types = typesOf(schema, root)
  const allowed: readonly unknown[] | undefined = Array.isArray(schema['enum']) ? schema['enum'] : undefined
  if (allowed !== undefined) {
    const found = allowed.find((value) => value === text) ?? allowed.find((value) => String(value) === text)
    if (found === undefined) throw usageFailure(`\`${key}\` cannot be \`${text}\``, `One of: ${allowed.map(String).join(', ')}.`)
    return found
  }
  if (types.size === 0 || types.has('string')) return text
  if ((types.has('number') || types.has('integer')) && text.trim() !== '') {
    const number = Number(text)
    if (Number.isFinite(number) && (types.has('number') || Number.isInteger(number))) return number
  }
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  if (types.has('null') && text === 'null') return null
  if (types.has('object') || types.has('array')) return fromJson(key, text)
  throw usageFailure(`\`${key}\` must be ${[...types].join(' or ')}`, `\`${text}\` is not.`)
}

function fromJson(key: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw usageFailure(`The value of \`${key}\` is not valid JSON`, (error as Error).message)
  }
}

/** Follows references inside the same schema; a remote one is never fetched. */
function resolveSchema(schema: unknown, root: Schema): Schema {
  let current = asRecord(schema) ?? {}
  for (let depth = 0; depth < REFERENCES_MAX && typeof current['$ref'] === 'string'; depth++) {
    const path = current['$ref'].startsWith('#/') ? current['$ref'].slice(2).split('/') : undefined
    current = path?.reduce<Schema>((at, part) => asRecord(at[part.replaceAll('~1', '/').replaceAll('~0', '~')]) ?? {}, root) ?? {}
  }
  return current
}

function typesOf(schema: Schema, root: Schema, depth = 0): ReadonlySet<string> {
  const own = [schema['type']].flat().filter((type) => typeof type === 'string')
  if (own.length > 0 || depth > REFERENCES_MAX) return new Set(own)
  const branches = [schema['anyOf'], schema['oneOf']].flatMap((list): readonly unknown[] => (Array.isArray(list) ? list : []))
  return new Set(branches.flatMap((branch) => [...typesOf(resolveSchema(branch, root), root, depth + 1)]))
}

function describe(properties: Schema, required: readonly string[]): string {
  const keys = Object.entries(properties).map(([key, schema]) => {
    const type = [asRecord(schema)?.['type']].flat().filter((one) => typeof one === 'string')
    return `${key}${type.length === 0 ? '' : ` (${type.join(' or ')})`}${required.includes(key) ? '' : ', optional'}`
  })
  return keys.length === 0 ? 'no arguments' : keys.join('; ')
}
