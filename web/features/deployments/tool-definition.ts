/** A parameter as its schema describes it. */
export interface Parameter {
  readonly name: string
  readonly type: string
  readonly isRequired: boolean
  readonly description: string
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const CHOICES_MAX = 8
const DEPTH_MAX = 4

/** The parameters on the first level of a schema; null: it does not say them so. Schemas come from strangers. */
export function parametersOf(schema: unknown): Parameter[] | null {
  if (!isRecord(schema)) return null
  const properties = schema['properties']
  if (properties === undefined && schema['type'] === 'object' && !('anyOf' in schema || 'oneOf' in schema || '$ref' in schema)) return []
  if (!isRecord(properties)) return null
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : [])
  return Object.entries(properties).map(([name, property]) => ({
    name,
    type: typeOf(property),
    isRequired: required.has(name),
    description: isRecord(property) && typeof property['description'] === 'string' ? property['description'] : '',
  }))
}

/** The type of a value in a few words: `string`, `"a" | "b"`, `number[]`. */
export function typeOf(schema: unknown, depth = 0): string {
  if (!isRecord(schema) || depth > DEPTH_MAX) return 'any'
  if ('const' in schema) return short(schema['const'])
  const choices = schema['enum']
  if (Array.isArray(choices)) return some(choices.map(short))
  const either = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(either)) return some([...new Set(either.map((each) => typeOf(each, depth + 1)))])
  const { type } = schema
  if (Array.isArray(type)) return some(type.map(String))
  if (type === 'array') return `${typeOf(schema['items'], depth + 1)}[]`
  return typeof type === 'string' ? type : 'any'
}

const short = (value: unknown): string => JSON.stringify(value)?.slice(0, 60) ?? 'any'
const some = (texts: readonly string[]): string =>
  texts.slice(0, CHOICES_MAX).join(' | ') + (texts.length > CHOICES_MAX ? ` | ${texts.length - CHOICES_MAX} more` : '')

export interface Hint {
  readonly label: string
  readonly tone: 'warn' | 'neutral'
  readonly meaning: string
}

/** What a tool says about itself. Claims of the server, which nothing checks. */
export function hintsOf(annotations: unknown): Hint[] {
  if (!isRecord(annotations)) return []
  const isReadOnly = annotations['readOnlyHint'] === true
  const hints: Hint[] = []
  if (isReadOnly) hints.push({ label: 'Read-only', tone: 'neutral', meaning: 'It says that it changes nothing.' })
  if (!isReadOnly && annotations['destructiveHint'] === true)
    hints.push({ label: 'Destructive', tone: 'warn', meaning: 'It says that it may delete or overwrite.' })
  if (!isReadOnly && annotations['idempotentHint'] === true)
    hints.push({
      label: 'Idempotent',
      tone: 'neutral',
      meaning: 'It says that a second call with the same arguments changes nothing more.',
    })
  if (annotations['openWorldHint'] === true)
    hints.push({ label: 'Open world', tone: 'neutral', meaning: 'It says that it reaches beyond its own data.' })
  return hints
}

const BYTES_PER_TOKEN = 4

/** How large a definition is, and about how many tokens a model spends on it. */
export function sizeOf(tool: unknown): { readonly bytes: number; readonly tokens: number } {
  const bytes = new TextEncoder().encode(JSON.stringify(tool)).length
  return { bytes, tokens: Math.ceil(bytes / BYTES_PER_TOKEN) }
}
