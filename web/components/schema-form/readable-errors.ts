import type { OutputUnit } from '@cfworker/json-schema'
import { inertLine } from '@/lib/inert.ts'
import { asRecord, own, pointerStep, pointerSteps } from './entries.ts'
import { refer, type Schema } from './flatten.ts'

export interface FieldError {
  /** JSON pointer of the value that is wrong or missing; empty for the whole. */
  readonly path: string
  readonly message: string
  /** Nothing is there yet: not worth a word before somebody wants to send it. */
  readonly isMissing: boolean
}

const ERRORS_MAX = 200
/** Errors that only say that one below them exists. */
const WRAPPERS = new Set([
  '$ref',
  '$recursiveRef',
  'allOf',
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'dependentSchemas',
  'dependencies',
  'prefixItems',
  'items',
  'additionalItems',
  'unevaluatedItems',
  'if',
])

interface Located extends OutputUnit {
  readonly at: string
  readonly by: string
}

/** What the validator found, in words a person can act on, each at the field it belongs to. */
export function readableErrors(units: readonly OutputUnit[], root: Schema): readonly FieldError[] {
  const located: Located[] = []
  for (const unit of units) {
    // The validator names the place of a plain `false` wrongly; the error before it is the one that led there.
    const by = unit.keyword === 'false' ? (located.at(-1)?.by ?? '') : unit.keywordLocation.slice(1)
    located.push({ ...unit, at: decoded(unit.instanceLocation.slice(1)), by })
  }
  const found = withoutLesserVariants(located)
    .filter(({ keyword }) => !WRAPPERS.has(keyword))
    .slice(0, ERRORS_MAX)
    .map((unit) => worded(unit, root))
  const seen = new Set<string>()
  return found.filter(({ path, message }) => !seen.has(path + message) && seen.add(path + message))
}

/** Of alternatives that all failed only the nearest is worth reading: the one whose errors lie deepest, then the fewest. */
function withoutLesserVariants(units: readonly Located[]): readonly Located[] {
  let left = units
  for (const unit of units) {
    if (unit.keyword !== 'anyOf' && unit.keyword !== 'oneOf') continue
    if (!left.includes(unit)) continue
    const below = left.filter((each) => each !== unit && each.by.startsWith(`${unit.by}/`))
    const groups = Map.groupBy(below, ({ by }) => by.slice(unit.by.length + 1).split('/', 1)[0]!)
    const isAmbiguous = unit.keyword === 'oneOf' && !unit.error.includes('(0 matches)')
    const best = isAmbiguous ? undefined : [...groups.values()].filter((group) => !isOfAnotherKind(group, unit.at)).toSorted(nearer)[0]
    const kept = new Set<Located>(best ?? [unit])
    left = left.filter((each) => kept.has(each) || !(each === unit || below.includes(each)))
  }
  return left
}

const isOfAnotherKind = (group: readonly Located[], at: string): boolean =>
  group.some(
    (unit) =>
      unit.at === at && (unit.keyword === 'type' || unit.keyword === 'const' || unit.keyword === 'enum' || unit.keyword === 'false'),
  )
const mismatches = (group: readonly Located[]): number => group.filter(({ keyword }) => keyword === 'const').length
const leaves = (group: readonly Located[]): number => group.filter(({ keyword }) => !WRAPPERS.has(keyword)).length
const nearer = (one: readonly Located[], other: readonly Located[]): number =>
  mismatches(one) - mismatches(other) || leaves(one) - leaves(other)

function worded({ keyword, error, at, by }: Located, root: Schema): FieldError {
  const missing = missingKey(keyword, error)
  if (missing !== undefined) {
    const [key, because] = missing
    const message = because === undefined ? 'This is required.' : `This is required when “${inertLine(because, 60)}” is given.`
    return { path: at + pointerStep(key), message, isMissing: true }
  }
  const limit = schemaAt(by, root)
  const message = Object.hasOwn(WORDS, keyword) ? WORDS[keyword]!(limit) : 'This does not fit the schema.'
  // A place that holds null where null is not allowed waits for its value.
  return { path: at, message, isMissing: keyword === 'type' && error.startsWith('Instance type "null"') }
}

/** The name that is missing stands in the validator's text only. */
function missingKey(keyword: string, error: string): readonly [key: string, because?: string] | undefined {
  if (keyword === 'required') return [error.slice(error.indexOf('"') + 1, error.lastIndexOf('"'))]
  if (keyword !== 'dependentRequired') return undefined
  const middle = '" but does not have "'
  const cut = error.lastIndexOf(middle)
  return [error.slice(cut + middle.length, error.lastIndexOf('"')), error.slice('Instance has "'.length, cut)]
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
}
const FORMATS: Readonly<Record<string, string>> = {
  date: 'a date such as 2026-11-21',
  'date-time': 'a time with its zone such as 2026-11-21T10:00:00Z',
  time: 'a time of day with its zone such as 10:00:00Z',
  duration: 'a length of time such as PT15M',
  email: 'an e-mail address such as ada@example.com',
  uri: 'an address such as https://example.com',
  url: 'an address such as https://example.com',
  uuid: 'a UUID',
  ipv4: 'an IPv4 address such as 192.0.2.1',
  ipv6: 'an IPv6 address such as 2001:db8::1',
  hostname: 'a host name such as example.com',
  regex: 'a regular expression',
}

const shown = (value: unknown): string => inertLine(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), 80)
const plural = (value: unknown, one: string, many: string): string => `${shown(value)} ${value === 1 ? one : many}`
const listed = (values: unknown): string => {
  const all: readonly unknown[] = Array.isArray(values) ? values : []
  return all.slice(0, 8).map(shown).join(', ') + (all.length > 8 ? ` and ${all.length - 8} more` : '')
}

const WORDS: Readonly<Record<string, (limit: unknown) => string>> = {
  type: (types) =>
    `This must be ${[types]
      .flat()
      .map((type) => TYPES[String(type)] ?? shown(type))
      .join(' or ')}.`,
  const: (value) => `This must be exactly ${shown(value)}.`,
  enum: (values) => `This must be one of: ${listed(values)}.`,
  format: (format) => `This must be ${FORMATS[String(format)] ?? `in the format “${shown(format)}”`}.`,
  pattern: (pattern) => `This must match the pattern ${shown(pattern)}.`,
  minLength: (limit) => (limit === 1 ? 'This must not be empty.' : `This must have at least ${plural(limit, 'character', 'characters')}.`),
  maxLength: (limit) => `This must have at most ${plural(limit, 'character', 'characters')}.`,
  minimum: (limit) => `This must be ${shown(limit)} or more.`,
  maximum: (limit) => `This must be ${shown(limit)} or less.`,
  exclusiveMinimum: (limit) => `This must be more than ${shown(limit)}.`,
  exclusiveMaximum: (limit) => `This must be less than ${shown(limit)}.`,
  multipleOf: (limit) => `This must be a multiple of ${shown(limit)}.`,
  minItems: (limit) => `This needs at least ${plural(limit, 'item', 'items')}.`,
  maxItems: (limit) => `This takes at most ${plural(limit, 'item', 'items')}.`,
  uniqueItems: () => 'The items must differ from each other.',
  contains: () => 'The list lacks an item that the schema asks for.',
  minContains: () => 'The list has too few items of the kind that the schema asks for.',
  maxContains: () => 'The list has too many items of the kind that the schema asks for.',
  minProperties: (limit) => `This needs at least ${plural(limit, 'property', 'properties')}.`,
  maxProperties: (limit) => `This takes at most ${plural(limit, 'property', 'properties')}.`,
  propertyNames: () => 'A property has a name that the schema does not allow.',
  not: () => 'The schema excludes this value.',
  anyOf: () => 'This fits none of the variants.',
  oneOf: () => 'This must fit exactly one of the variants.',
  false: () => 'The schema does not know this; leave it out.',
}

/** What stands in the schema where the validator was, through references. */
function schemaAt(place: string, root: Schema): unknown {
  let at: unknown = root
  for (const step of pointerSteps(decoded(place))) {
    if (Array.isArray(at)) at = at[Number(step)]
    else {
      const record = asRecord(at)
      if (record === undefined) return undefined
      const reference = own(record, '$ref')
      at = step === '$ref' && typeof reference === 'string' ? refer(reference, root) : own(record, step)
    }
  }
  return at
}

function decoded(text: string): string {
  try {
    return decodeURI(text)
  } catch {
    return text
  }
}
