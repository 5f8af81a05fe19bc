import { inertLine } from '@/lib/inert.ts'
import { asRecord, own } from './entries.ts'
import { flatten, typesOf, type Flat, type Schema } from './flatten.ts'

export interface Choice {
  readonly value: unknown
  readonly label: string
  readonly hint: string | undefined
}

export interface Property {
  readonly name: string
  readonly schema: Schema
  readonly isRequired: boolean
}

export interface Variant {
  readonly label: string
  readonly schema: Schema
}

export interface TextField {
  readonly kind: 'text'
  readonly input: 'text' | 'date' | 'date-time' | 'time' | 'email' | 'uri'
  readonly isMultiline: boolean
  readonly isSecret: boolean
  readonly placeholder: string | undefined
}

export interface NumberField {
  readonly kind: 'number'
  readonly isInteger: boolean
  readonly minimum: number | undefined
  readonly maximum: number | undefined
  readonly step: number
}

export interface ListField {
  readonly kind: 'list'
  /** One schema a place; what comes after them is `rest`. */
  readonly prefix: readonly Schema[]
  /** Null: nothing may follow. */
  readonly rest: Schema
  readonly itemsMin: number
  readonly itemsMax: number
}

export interface ObjectField {
  readonly kind: 'object'
  readonly properties: readonly Property[]
  readonly patterns: readonly (readonly [pattern: string, schema: Schema])[]
  /** What other keys must look like; null: there are none. */
  readonly extra: Schema
  /** Whether the schema asks for other keys, and not merely says nothing against them. */
  readonly isOpen: boolean
}

/** How a schema is asked for. `json` is what no other way can express. */
export type Way =
  | TextField
  | NumberField
  | ListField
  | ObjectField
  | { readonly kind: 'boolean' }
  | { readonly kind: 'choice' | 'checks'; readonly choices: readonly Choice[] }
  | { readonly kind: 'variants'; readonly variants: readonly Variant[] }
  | { readonly kind: 'json'; readonly reason: string }

export interface FieldModel {
  readonly title: string | undefined
  readonly description: string | undefined
  readonly initial: unknown
  readonly isNullable: boolean
  readonly isReadOnly: boolean
  readonly way: Way
}

const CHOICES_MAX = 1_000
const PROPERTIES_MAX = 5_000
const VARIANTS_MAX = 50
const PREFIX_MAX = 50
/** Below it objects and lists are edited as JSON: nobody fills in what lies deeper. */
export const DEPTH_MAX = 6

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
const number = (value: unknown): number | undefined => (typeof value === 'number' && Number.isFinite(value) ? value : undefined)
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])
const json = (reason: string): Way => ({ kind: 'json', reason })

/** What to show for a schema. Never throws, whatever the schema is. */
export function fieldOf(schema: Schema, root: Schema, depth = 0): FieldModel {
  const flat = flatten(schema, root)
  if (flat === null) {
    const reason = schema === false ? 'The schema allows no value here.' : 'The schema is too involved for a form.'
    return { title: undefined, description: undefined, initial: undefined, isNullable: false, isReadOnly: false, way: json(reason) }
  }
  const { flat: plain, isNullable } = withoutNull(flat, root)
  return {
    title: text(flat['title']),
    description: text(flat['description']) ?? text(plain['description']),
    initial: own(flat, 'default'),
    isNullable,
    isReadOnly: flat['readOnly'] === true,
    way: wayOf(plain, root, depth),
  }
}

/** Takes null out of a type, an enumeration or two alternatives: it gets a button of its own. */
function withoutNull(flat: Flat, root: Schema): { readonly flat: Flat; readonly isNullable: boolean } {
  const types = typesOf(flat['type'])
  const isNullable = types.includes('null') && types.length > 1
  const rest = isNullable ? types.filter((type) => type !== 'null') : types
  const values = flat['enum']
  const plain: Flat = {
    ...flat,
    ...(isNullable ? { type: rest.length === 1 ? rest[0] : rest } : {}),
    ...(isNullable && Array.isArray(values) ? { enum: values.filter((value) => value !== null) } : {}),
  }
  for (const key of ['anyOf', 'oneOf'] as const) {
    const parts = list(flat[key])
    const others = parts.filter((part) => typesOf(asRecord(part)?.['type']).join() !== 'null' && asRecord(part)?.['const'] !== null)
    if (parts.length !== others.length + 1 || others.length === 0 || parts.length > VARIANTS_MAX) continue
    const { [key]: _, ...bare } = plain
    if (others.length > 1) return { flat: { ...bare, [key]: others }, isNullable: true }
    const single = flatten({ allOf: [others[0], bare] }, root)
    if (single !== null) return { flat: single, isNullable: true }
  }
  return { flat: plain, isNullable }
}

function wayOf(flat: Flat, root: Schema, depth: number): Way {
  if ('const' in flat) return { kind: 'choice', choices: [choiceOf(flat['const'], flat)] }
  if (Array.isArray(flat['enum'])) return enumeration(flat)
  const variants = variantsOf(flat, root)
  if (variants !== null) return variants
  const types = typesOf(flat['type'])
  if (types.length > 1) {
    return {
      kind: 'variants',
      variants: types.slice(0, VARIANTS_MAX).map((type) => ({ label: TYPES[type] ?? type, schema: { ...flat, type } })),
    }
  }
  switch (types[0] ?? guessed(flat)) {
    case 'string':
      return stringWay(flat)
    case 'number':
    case 'integer':
      return numberWay(flat)
    case 'boolean':
      return { kind: 'boolean' }
    case 'null':
      return { kind: 'choice', choices: [choiceOf(null, {})] }
    case 'array':
      return depth >= DEPTH_MAX ? json('It lies too deep for a form.') : arrayWay(flat, root)
    case 'object':
      return depth >= DEPTH_MAX ? json('It lies too deep for a form.') : objectWay(flat)
    default:
      return json('The schema allows any value.')
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'Text',
  number: 'Number',
  integer: 'Whole number',
  boolean: 'True or false',
  object: 'Object',
  array: 'List',
  null: 'null',
}

/** The type of a schema that does not say it, by what only makes sense for one. */
function guessed(flat: Flat): string | undefined {
  const has = (...keys: readonly string[]): boolean => keys.some((key) => flat[key] !== undefined)
  if (has('properties', 'patternProperties', 'additionalProperties', 'required')) return 'object'
  if (has('items', 'prefixItems', 'minItems', 'maxItems')) return 'array'
  if (has('pattern', 'format', 'minLength', 'maxLength', 'contentMediaType')) return 'string'
  if (has('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf')) return 'number'
  return undefined
}

function choiceOf(value: unknown, { title, description }: Flat): Choice {
  const shown = typeof value === 'string' ? (value === '' ? '(empty text)' : value) : JSON.stringify(value)
  return {
    value,
    label: inertLine(text(title) ?? shown, 120),
    hint: text(description) === undefined ? undefined : inertLine(text(description)!, 160),
  }
}

function enumeration(flat: Flat): Way {
  const values = list(flat['enum'])
  if (values.length === 0) return json('The schema allows no value here.')
  if (values.length > CHOICES_MAX) return json(`The schema lists ${values.length} values, which are too many to choose from.`)
  const names = list(flat['enumNames'])
  return { kind: 'choice', choices: values.map((value, index) => choiceOf(value, { title: names[index] })) }
}

/** `oneOf` and `anyOf` as one choice of values, or as one of several forms. Null: they only constrain. */
function variantsOf(flat: Flat, root: Schema): Way | null {
  const key = Array.isArray(flat['oneOf']) ? 'oneOf' : Array.isArray(flat['anyOf']) ? 'anyOf' : null
  if (key === null) return null
  const parts = list(flat[key])
  if (parts.length === 0) return null
  if (parts.length <= CHOICES_MAX && parts.every((part) => asRecord(part) !== undefined && Object.hasOwn(part as object, 'const'))) {
    return { kind: 'choice', choices: parts.map((part) => choiceOf((part as Flat)['const'], part as Flat)) }
  }
  if (parts.every((part) => onlyConstrains(part))) return null
  if (parts.length > VARIANTS_MAX) return json(`The schema has ${parts.length} variants, which are too many to choose from.`)
  const { [key]: _, title: __, description: ___, default: ____, ...base } = flat
  const isBare = Object.keys(base).length === 0
  const variants = parts.map((part, index) => ({ label: labelOf(part, root, index), schema: isBare ? part : { allOf: [base, part] } }))
  return variants.length === 1 ? wayOf(flatten(variants[0]!.schema, root) ?? {}, root, 0) : { kind: 'variants', variants }
}

const CONSTRAINTS = new Set([
  'required',
  'not',
  'minProperties',
  'maxProperties',
  'dependentRequired',
  'pattern',
  'format',
  'title',
  'description',
])
const onlyConstrains = (part: unknown): boolean => Object.keys(asRecord(part) ?? { none: 0 }).every((key) => CONSTRAINTS.has(key))

function labelOf(part: unknown, root: Schema, index: number): string {
  const record = asRecord(part) ?? {}
  const flat = flatten(part, root) ?? {}
  const reference = text(record['$ref'])
  const fixed = Object.values(asRecord(flat['properties']) ?? {}).find((each) => typeof asRecord(each)?.['const'] === 'string')
  const named =
    text(flat['title']) ??
    text(asRecord(fixed)?.['const']) ??
    (reference === undefined ? undefined : reference.slice(reference.lastIndexOf('/') + 1))
  if (named !== undefined) return inertLine(named, 60)
  const [type] = typesOf(flat['type'])
  if (Array.isArray(flat['enum'])) return 'One of a list'
  return type === undefined ? `Variant ${index + 1}` : (TYPES[type] ?? type)
}

const INPUTS: Readonly<Record<string, TextField['input']>> = {
  date: 'date',
  'date-time': 'date-time',
  time: 'time',
  email: 'email',
  'idn-email': 'email',
  uri: 'uri',
  url: 'uri',
  iri: 'uri',
}
/** From this length on a text is written over several lines. */
const MULTILINE_LENGTH = 300

function stringWay(flat: Flat): Way {
  const format = text(flat['format']) ?? ''
  const isLong = (number(flat['maxLength']) ?? 0) >= MULTILINE_LENGTH || (number(flat['minLength']) ?? 0) >= MULTILINE_LENGTH / 2
  const [example] = list(flat['examples'])
  return {
    kind: 'text',
    input: Object.hasOwn(INPUTS, format) ? INPUTS[format]! : 'text',
    isMultiline: (isLong && format === '') || flat['contentMediaType'] !== undefined || format === 'multiline' || format === 'textarea',
    isSecret: flat['writeOnly'] === true || format === 'password',
    placeholder: typeof example === 'string' ? inertLine(example, 80) : undefined,
  }
}

function numberWay(flat: Flat): Way {
  const step = number(flat['multipleOf'])
  const isInteger = flat['type'] === 'integer'
  const above = number(flat['exclusiveMinimum'])
  const below = number(flat['exclusiveMaximum'])
  return {
    kind: 'number',
    isInteger,
    minimum: number(flat['minimum']) ?? (above === undefined ? undefined : isInteger ? Math.floor(above) + 1 : above),
    maximum: number(flat['maximum']) ?? (below === undefined ? undefined : isInteger ? Math.ceil(below) - 1 : below),
    step: step !== undefined && step > 0 ? step : 1,
  }
}

function arrayWay(flat: Flat, root: Schema): Way {
  const prefix = list(flat['prefixItems'])
  if (prefix.length > PREFIX_MAX) return json('The list has too many different places.')
  const items = flat['items']
  if (prefix.length === 0 && asRecord(items) !== undefined && flat['uniqueItems'] === true) {
    const { way } = fieldOf(items, root)
    if (way.kind === 'choice' && way.choices.length <= PREFIX_MAX) return { kind: 'checks', choices: way.choices }
  }
  return {
    kind: 'list',
    prefix,
    rest: items === false ? null : (items ?? true),
    itemsMin: Math.max(0, number(flat['minItems']) ?? 0),
    itemsMax: number(flat['maxItems']) ?? Number.POSITIVE_INFINITY,
  }
}

function objectWay(flat: Flat): Way {
  const properties = asRecord(flat['properties']) ?? {}
  const conditional = conditionalProperties(flat)
  const names = [...new Set([...Object.keys(properties), ...Object.keys(conditional)])]
  if (names.length > PROPERTIES_MAX) return json(`The schema has ${names.length} properties, which are too many for a form.`)
  const required = new Set(list(flat['required']).filter((each) => typeof each === 'string'))
  const additional = flat['additionalProperties']
  const patterns = Object.entries(asRecord(flat['patternProperties']) ?? {})
  return {
    kind: 'object',
    properties: names.map((name) => ({ name, schema: own(properties, name) ?? own(conditional, name), isRequired: required.has(name) })),
    patterns,
    extra: additional === false ? null : (additional ?? (patterns.length > 0 ? null : true)),
    isOpen: patterns.length > 0 || (additional !== undefined && additional !== false) || names.length === 0,
  }
}

/** Properties that only some values bring along. Whether they are wanted now is for validation to say. */
function conditionalProperties(flat: Flat): Flat {
  const places = [
    flat['then'],
    flat['else'],
    ...Object.values(asRecord(flat['dependentSchemas']) ?? {}),
    ...list(flat['anyOf']),
    ...list(flat['oneOf']),
  ]
  return Object.fromEntries(
    places.slice(0, VARIANTS_MAX).flatMap((place) => Object.entries(asRecord(asRecord(place)?.['properties']) ?? {})),
  )
}
