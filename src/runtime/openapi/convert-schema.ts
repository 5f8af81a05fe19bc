import { LIMITS } from '#std/index.ts'
import { isObject, type JsonObject, member, shortened, textOf, UnusableOperation } from './model.ts'
import { followed, resolveReference } from './resolve-reference.ts'

export type JsonSchema = Record<string, unknown>

/**
 * `input` keeps what the API demands. `output` says what is there and demands little: clients refuse a result that does
 * not fit, and what an API really answers seldom fits its description in every null and every further name.
 */
export type SchemaUse = 'input' | 'output'

export interface SchemaConverter {
  convert(schema: unknown): JsonSchema | boolean
  /** The definitions that converted schemas refer to as `#/$defs/NAME`: those that lead to themselves. */
  definitions(): JsonSchema
}

const TEXTS = ['title', 'description'] as const
const KEPT = ['default', 'deprecated', 'contentEncoding', 'contentMediaType'] as const
const DEMANDS =
  'const enum format minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems uniqueItems minContains maxContains minProperties maxProperties dependentRequired'.split(
    ' ',
  )
const ONE_SCHEMA = ['items', 'additionalProperties', 'unevaluatedProperties', 'unevaluatedItems', 'propertyNames', 'contains'] as const
const ONE_SCHEMA_OF_DEMANDS = ['not', 'if', 'then', 'else'] as const
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'] as const
const MAPS = ['patternProperties', 'dependentSchemas'] as const
const PATTERN_LENGTH_MAX = 512
const NAME = /^[A-Za-z0-9_.-]{1,64}$/

/** How deep schemas are written when they have too many parts; the first is the usual one. */
const DEPTHS = [LIMITS.openapiSchemaDepthMax, 8, 6, 4, 3, 2, 1, 0] as const

/** Says that the schemas of one tool have too many parts as deep as they are written. */
class TooManyParts extends Error {
  override name = 'TooManyParts'
}

/**
 * Converts the schemas of one tool from OpenAPI 3.0 or 3.1 into JSON Schema of 2020-12. In documents where everything
 * leads to everything else a tool would hold the whole of them: what has too many parts is written again less deep, so that
 * what stands at the top is never lost. `work` may be called several times, each time with a new converter.
 */
export function withSchemas<T>(document: JsonObject, use: SchemaUse, work: (converter: SchemaConverter) => T): T {
  for (const depthMax of DEPTHS) {
    try {
      return work(new Converter(document, use, depthMax, true))
    } catch (error) {
      if (!(error instanceof TooManyParts)) throw error
    }
  }
  return work(new Converter(document, use, 0, false))
}

/** The schema of a result, as far as it is an object; null when it is something else. Throws `UnusableOperation`. */
export function convertResultSchema(document: JsonObject, schema: unknown): JsonSchema | null {
  if (!isObjectSchema(document, schema)) return null
  return withSchemas(document, 'output', (converter) => {
    const converted = converter.convert(schema)
    if (typeof converted === 'boolean') return null
    const definitions = converter.definitions()
    return { ...converted, type: 'object', ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }) }
  })
}

class Converter implements SchemaConverter {
  readonly #document: JsonObject
  readonly #use: SchemaUse
  readonly #depthMax: number
  /** Gives up when there are too many parts; otherwise what is too much is left open. */
  readonly #isStrict: boolean
  readonly #nodesMax: number
  /** 3.0 is a dialect of its own; 3.1 is JSON Schema. */
  readonly #isOld: boolean
  readonly #names = new Map<string, string>()
  readonly #definitions = new Map<string, JsonSchema | boolean>()
  /** References that are being written in place, and those that turned out to lead to themselves. */
  readonly #open = new Set<string>()
  readonly #recursive = new Set<string>()
  #nodes = 0

  constructor(document: JsonObject, use: SchemaUse, depthMax: number, isStrict: boolean) {
    this.#document = document
    this.#use = use
    this.#depthMax = depthMax
    this.#isStrict = isStrict
    this.#nodesMax = use === 'input' ? LIMITS.openapiSchemaNodesMax : LIMITS.openapiResultNodesMax
    this.#isOld = String(member(document, 'openapi')).startsWith('3.0')
  }

  convert(schema: unknown): JsonSchema | boolean {
    return this.#convert(schema, 0)
  }

  definitions(): JsonSchema {
    return Object.fromEntries([...this.#definitions].toSorted(([one], [other]) => (one < other ? -1 : 1)))
  }

  #convert(schema: unknown, depth: number): JsonSchema | boolean {
    if (typeof schema === 'boolean') return schema
    if (!this.#mayGrow(1) || !isObject(schema)) return {}
    if (depth > this.#depthMax) return this.#outline(schema)
    const reference = member(schema, '$ref')
    if (typeof reference !== 'string') return this.#plain(schema, depth)
    const found = this.#reference(reference, depth)
    const beside = this.#plain(this.#isOld ? textsOf(schema) : schema, depth)
    if (Object.keys(beside).length === 0) return found
    if (typeof found === 'boolean') return found ? beside : false
    const isText = Object.keys(beside).every((key) => key === 'title' || key === 'description' || key === 'default' || key === 'deprecated')
    if (isText || '$ref' in found) return { ...found, ...beside }
    return { ...beside, allOf: [found, ...((beside['allOf'] as unknown[] | undefined) ?? [])] }
  }

  /** What is left out is accepted as anything: the API itself judges it. */
  #mayGrow(nodes: number): boolean {
    this.#nodes += nodes
    if (this.#nodes <= this.#nodesMax) return true
    if (this.#isStrict) throw new TooManyParts()
    return false
  }

  /** What stands too deep is still named, with its kind. */
  #outline(schema: JsonObject): JsonSchema {
    const found = followed(this.#document, schema) ?? {}
    const texts = TEXTS.map((key) => [key, boundedText(member(schema, key) ?? member(found, key))] as const)
    return Object.fromEntries([...texts, ['type', this.#type(found)] as const].filter(([, value]) => value !== undefined))
  }

  #reference(reference: string, depth: number): JsonSchema | boolean {
    if (this.#open.has(reference)) this.#recursive.add(reference)
    if (this.#recursive.has(reference)) return { $ref: `#/$defs/${this.#nameOf(reference)}` }
    this.#open.add(reference)
    const schema = this.#convert(resolveReference(this.#document, reference), depth)
    this.#open.delete(reference)
    if (!this.#recursive.has(reference)) return schema
    const name = this.#nameOf(reference)
    const own = `#/$defs/${name}`
    // A circle of nothing but references says nothing, and a reader of it would never end.
    this.#definitions.set(name, typeof schema === 'object' && schema['$ref'] === own ? {} : schema)
    return { $ref: own }
  }

  #nameOf(reference: string): string {
    const known = this.#names.get(reference)
    if (known !== undefined) return known
    const last = reference.slice(reference.lastIndexOf('/') + 1)
    const base = NAME.test(last) ? last : 'schema'
    const taken = new Set(this.#names.values())
    let name = base
    for (let number = 2; taken.has(name); number++) name = `${base}_${number}`
    this.#names.set(reference, name)
    return name
  }

  #plain(schema: JsonObject, depth: number): JsonSchema {
    const entries: [string, unknown][] = []
    const put = (key: string, value: unknown): void => void (value !== undefined && entries.push([key, value]))
    const isInput = this.#use === 'input'
    for (const key of TEXTS) put(key, boundedText(member(schema, key)))
    put('type', this.#type(schema))
    for (const key of KEPT) if (isInput || key === 'deprecated') put(key, this.#counted(member(schema, key)))
    for (const key of ONE_SCHEMA) put(key, this.#inner(key, schema, depth))
    this.#properties(schema, depth, put)
    for (const key of LISTS) put(!isInput && key === 'oneOf' ? 'anyOf' : key, this.#list(member(schema, key), depth))
    for (const key of MAPS) put(key, this.#map(member(schema, key), depth))
    if (!isInput) return Object.fromEntries(entries)
    for (const key of ONE_SCHEMA_OF_DEMANDS) put(key, this.#inner(key, schema, depth))
    for (const key of DEMANDS) put(key, this.#counted(member(schema, key)))
    put('pattern', usablePattern(member(schema, 'pattern')))
    const converted = Object.fromEntries(entries)
    return this.#isOld ? fromOldDialect(schema, converted) : converted
  }

  #type(schema: JsonObject): unknown {
    const type = member(schema, 'type')
    if (typeof type !== 'string' && !Array.isArray(type)) return undefined
    return this.#use === 'input' ? type : [...new Set([type, 'null'].flat())]
  }

  /** A value that is copied with its schema counts with all its parts: a long list of names, repeated, is as large as any schema. */
  #counted(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    let isFitting = true
    for (const inner of Object.values(value)) isFitting = this.#mayGrow(1) && this.#counted(inner) !== undefined && isFitting
    return isFitting ? value : undefined
  }

  #inner(key: string, schema: JsonObject, depth: number): JsonSchema | boolean | undefined {
    const inner = member(schema, key)
    // In results further names are always allowed.
    if (inner === undefined || (inner === false && this.#use === 'output')) return undefined
    return this.#convert(inner, depth + 1)
  }

  #properties(schema: JsonObject, depth: number, put: (key: string, value: unknown) => void): void {
    const given = member(schema, 'properties')
    const hidden = new Set<string>()
    if (isObject(given)) {
      const mark = this.#use === 'input' ? 'readOnly' : 'writeOnly'
      for (const [name, inner] of Object.entries(given)) if (this.#isMarked(inner, mark)) hidden.add(name)
      const shown = Object.entries(given).filter(([name]) => !hidden.has(name))
      put('properties', Object.fromEntries(shown.map(([name, inner]) => [name, this.#convert(inner, depth + 1)])))
    }
    const required = member(schema, 'required')
    if (this.#use === 'output' || !Array.isArray(required)) return
    const wanted = (required as unknown[]).filter((name) => typeof name === 'string' && !hidden.has(name))
    if (wanted.length > 0) put('required', wanted)
  }

  /** Whether a property is only for the other direction (OpenAPI 3.0, schema object, `readOnly`). */
  #isMarked(schema: unknown, mark: 'readOnly' | 'writeOnly'): boolean {
    return member(schema, mark) === true || member(followed(this.#document, schema), mark) === true
  }

  #list(value: unknown, depth: number): unknown {
    if (!Array.isArray(value) || value.length === 0) return undefined
    return (value as unknown[]).map((inner) => this.#convert(inner, depth + 1))
  }

  #map(value: unknown, depth: number): unknown {
    if (!isObject(value)) return undefined
    const usable = Object.entries(value).filter(([pattern]) => usablePattern(pattern) !== undefined)
    return Object.fromEntries(usable.map(([name, inner]) => [name, this.#convert(inner, depth + 1)]))
  }
}

const textsOf = (schema: JsonObject): JsonObject =>
  Object.fromEntries(TEXTS.flatMap((key) => (member(schema, key) === undefined ? [] : [[key, member(schema, key)]])))

const boundedText = (value: unknown): string | undefined => {
  const text = textOf(value)
  return text === null ? undefined : shortened(text, LIMITS.openapiTextLengthMax)
}

/** A pattern that no client could compile would break the tool there. */
function usablePattern(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > PATTERN_LENGTH_MAX) return undefined
  try {
    return new RegExp(value, 'u').unicode ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** What 3.0 writes in its own way: exclusive bounds as booleans, `nullable`. */
function fromOldDialect(schema: JsonObject, converted: JsonSchema): JsonSchema {
  const result = { ...converted }
  for (const [own, plain] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof result[own] !== 'boolean') continue
    if (result[own] && typeof result[plain] === 'number') {
      result[own] = result[plain]
      delete result[plain]
    } else delete result[own]
  }
  if (member(schema, 'nullable') !== true) return result
  const { type, enum: values } = result
  if (typeof type !== 'string') return { anyOf: [result, { type: 'null' }] }
  result['type'] = [type, 'null']
  if (Array.isArray(values) && !values.includes(null)) result['enum'] = [...(values as unknown[]), null]
  return result
}

/** Whether a schema of a result describes an object and nothing else. Throws `UnusableOperation` for references that lead nowhere. */
function isObjectSchema(document: JsonObject, schema: unknown, depth = 0): boolean {
  if (depth > LIMITS.openapiRefsMax) throw new UnusableOperation('its result is described by too many references')
  const found = followed(document, schema)
  if (found === null || member(found, 'nullable') === true) return false
  const type = member(found, 'type')
  if (type !== undefined) return type === 'object' || (Array.isArray(type) && type.length === 1 && type[0] === 'object')
  const all = member(found, 'allOf')
  if (Array.isArray(all) && all.length > 0) return (all as unknown[]).every((part) => isObjectSchema(document, part, depth + 1))
  return isObject(member(found, 'properties'))
}
