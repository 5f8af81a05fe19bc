import { LIMITS } from '#std/index.ts'
import type { JsonSchema, SchemaConverter } from './convert-schema.ts'
import {
  type BodyPlan,
  type FieldPlan,
  isObject,
  type JsonObject,
  member,
  type ParameterStyle,
  shortened,
  textOf,
  UnusableOperation,
} from './model.ts'
import { BODY_ARGUMENT } from './plan-parameters.ts'
import { followed } from './resolve-reference.ts'

export interface PlannedBody {
  readonly plan: BodyPlan
  readonly schema: JsonSchema | boolean
}

/** In the order in which one is taken when the document offers several. */
const KINDS: readonly { readonly kind: BodyPlan['kind']; readonly fits: (essence: string) => boolean }[] = [
  { kind: 'json', fits: isJsonType },
  { kind: 'form', fits: (essence) => essence === 'application/x-www-form-urlencoded' },
  { kind: 'multipart', fits: (essence) => essence === 'multipart/form-data' },
  { kind: 'text', fits: (essence) => essence === 'text/plain' },
]

export function isJsonType(essence: string): boolean {
  return essence === 'application/json' || essence === 'text/json' || (essence.startsWith('application/') && essence.endsWith('+json'))
}

/** `application/json; charset=utf-8` → `application/json`. */
export const essenceOf = (mediaType: string): string => (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase()

/** Plans the body; null when there is none. Throws `UnusableOperation` for one that must be there and cannot be written here. */
export function planBody(document: JsonObject, given: unknown, converter: SchemaConverter): PlannedBody | null {
  const body = followed(document, given)
  if (body === null) return null
  const content = member(body, 'content')
  const isRequired = member(body, 'required') === true
  const offers = isObject(content) ? Object.entries(content) : []
  for (const { kind, fits } of KINDS) {
    const [mediaType, value] = offers.find(([type]) => fits(essenceOf(type))) ?? []
    if (mediaType === undefined) continue
    const offer = followed(document, value)
    const schema = member(offer, 'schema') ?? {}
    const fields =
      kind === 'form' || kind === 'multipart' ? fieldsOf(document, schema, member(offer, 'encoding'), kind) : new Map<string, FieldPlan>()
    const plan: BodyPlan = { argument: BODY_ARGUMENT, mediaType: writableType(mediaType, kind), kind, isRequired, fields }
    return { plan, schema: describedAs(bodySchema(converter.convert(schema), plan), member(body, 'description')) }
  }
  if (!isRequired) return null
  const types = offers.map(([type]) => type.slice(0, 100)).join(', ')
  throw new UnusableOperation(`it needs a body of the type ${types === '' ? 'that is not named' : types}, which is not written here`)
}

/** The type goes into a header as it is, so only what a media type can be is taken over. */
function writableType(mediaType: string, kind: BodyPlan['kind']): string {
  const essence = essenceOf(mediaType)
  return kind === 'text' ? 'text/plain; charset=utf-8' : /^[\w.+-]{1,64}\/[\w.+-]{1,64}$/.test(essence) ? essence : 'application/json'
}

function bodySchema(schema: JsonSchema | boolean, { kind, fields }: BodyPlan): JsonSchema | boolean {
  if (kind === 'text') return typeof schema !== 'boolean' && schema['type'] === 'string' ? schema : { type: 'string' }
  const properties = typeof schema === 'boolean' ? undefined : schema['properties']
  if (typeof schema === 'boolean' || !isObject(properties)) return schema
  const shown = Object.entries(properties).map(([name, inner]) => {
    if (fields.get(name)?.isBinary !== true) return [name, inner]
    return [name, { ...(isObject(inner) ? inner : {}), contentEncoding: 'base64' }]
  })
  return { ...schema, properties: Object.fromEntries(shown) as JsonObject }
}

function describedAs(schema: JsonSchema | boolean, description: unknown): JsonSchema | boolean {
  const text = textOf(description)
  if (text === null || typeof schema === 'boolean' || schema['description'] !== undefined) return schema
  return { ...schema, description: shortened(text, LIMITS.openapiTextLengthMax) }
}

const STYLES: readonly ParameterStyle[] = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject']

/** OpenAPI 3.1, encoding object: how the fields of a form are written where it is not the usual way. */
function fieldsOf(document: JsonObject, schema: unknown, encoding: unknown, kind: BodyPlan['kind']): Map<string, FieldPlan> {
  const properties = member(followed(document, schema), 'properties')
  const names = new Set([...Object.keys(isObject(properties) ? properties : {}), ...Object.keys(isObject(encoding) ? encoding : {})])
  return new Map(
    [...names].map((name) => {
      const own = member(encoding, name)
      const style = STYLES.find((one) => one === member(own, 'style')) ?? 'form'
      const explode = member(own, 'explode')
      const isBinary = kind === 'multipart' && isBinarySchema(followed(document, member(properties, name)))
      return [name, { style, isExploded: typeof explode === 'boolean' ? explode : style === 'form', isBinary }]
    }),
  )
}

/** A file: `format: binary` in 3.0, a string with a media type and no encoding in 3.1. */
function isBinarySchema(schema: JsonObject | null): boolean {
  if (member(schema, 'format') === 'binary') return true
  return typeof member(schema, 'contentMediaType') === 'string' && member(schema, 'contentEncoding') === undefined
}
