import { LIMITS } from '#std/index.ts'
import type { JsonSchema, SchemaConverter } from './convert-schema.ts'
import {
  isObject,
  type JsonObject,
  member,
  type ParameterPlace,
  type ParameterPlan,
  type ParameterStyle,
  shortened,
  textOf,
  UnusableOperation,
} from './model.ts'
import { followed } from './resolve-reference.ts'

/** Names that no argument may set, in lower case where case does not matter: they belong to a credential. */
export interface ReservedNames {
  readonly header: ReadonlySet<string>
  readonly query: ReadonlySet<string>
  readonly cookie: ReadonlySet<string>
}

/** A parameter with what the input schema says of it. */
export interface PlannedParameter {
  readonly plan: ParameterPlan
  readonly schema: JsonSchema | boolean
}

/**
 * Headers that an argument must not set, whatever the document says: they carry credentials, frame the message, name the
 * host, or make a server believe in another method, path or sender.
 */
const FORBIDDEN_HEADERS: ReadonlySet<string> = new Set(
  'accept accept-encoding authorization connection content-encoding content-length content-type cookie cookie2 expect forwarded host keep-alive te trailer transfer-encoding upgrade via x-real-ip x-http-method x-http-method-override x-method-override x-original-url x-rewrite-url traceparent tracestate'.split(
    ' ',
  ),
)
const FORBIDDEN_PREFIXES = ['proxy-', 'sec-', 'x-forwarded-'] as const
/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/
const PLACES: readonly unknown[] = ['path', 'query', 'header', 'cookie']
const STYLES: Readonly<Record<ParameterPlace, readonly ParameterStyle[]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
}

/** Plans the parameters of an operation, those of its path first, each overridden by its own of the same name and place. */
export function planParameters(
  document: JsonObject,
  lists: readonly unknown[],
  reserved: ReservedNames,
  converter: SchemaConverter,
): PlannedParameter[] {
  const found = new Map<string, JsonObject>()
  for (const list of lists) {
    for (const given of Array.isArray(list) ? (list as unknown[]) : []) {
      const parameter = followed(document, given)
      const name = textOf(member(parameter, 'name'))
      const place = member(parameter, 'in')
      if (parameter === null || name === null || name === '' || !PLACES.includes(place))
        throw new UnusableOperation('it has a parameter without name and place')
      found.set(`${String(place)} ${name}`, parameter)
    }
  }
  const usable = [...found.values()].filter((parameter) => isArgument(parameter, reserved))
  const names = argumentNames(usable)
  return usable.map((parameter, index) => planOf(document, parameter, names[index]!, converter))
}

function isArgument(parameter: JsonObject, reserved: ReservedNames): boolean {
  const name = member(parameter, 'name') as string
  const place = member(parameter, 'in') as ParameterPlace
  if (place === 'path') return true
  if (place === 'query') return !reserved.query.has(name)
  if (!TOKEN.test(name)) throw new UnusableOperation(`${JSON.stringify(name.slice(0, 100))} is no name for a ${place}`)
  if (place === 'cookie') return !reserved.cookie.has(name)
  const lower = name.toLowerCase()
  return !FORBIDDEN_HEADERS.has(lower) && !FORBIDDEN_PREFIXES.some((prefix) => lower.startsWith(prefix)) && !reserved.header.has(lower)
}

/** The name that the body has among the arguments, so no parameter has it. */
export const BODY_ARGUMENT = 'body'
const ARGUMENT_LENGTH_MAX = 64

/** Names that every model and client takes; one that several places share says its place. */
function argumentNames(parameters: readonly JsonObject[]): string[] {
  const plain = parameters.map((parameter) => plainName(member(parameter, 'name') as string))
  const taken = new Set<string>([BODY_ARGUMENT])
  return parameters.map((parameter, index) => {
    const own = plain[index]!
    const isShared = own === BODY_ARGUMENT || plain.filter((other) => other === own).length > 1
    const base = isShared ? `${own}_${member(parameter, 'in') as ParameterPlace}` : own
    let name = base
    for (let number = 2; taken.has(name) || (name !== own && plain.includes(name)); number++) name = `${base}_${number}`
    taken.add(name)
    return name
  })
}

const plainName = (name: string): string => {
  const plain = name
    .slice(0, ARGUMENT_LENGTH_MAX)
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
  return plain === '' ? 'parameter' : plain
}

function planOf(document: JsonObject, parameter: JsonObject, argument: string, converter: SchemaConverter): PlannedParameter {
  const name = member(parameter, 'name') as string
  const place = member(parameter, 'in') as ParameterPlace
  const { schema, isJson } = schemaOf(document, parameter)
  const fallback = STYLES[place][0]!
  const given = member(parameter, 'style')
  const style = STYLES[place].find((one) => one === given) ?? fallback
  if (given !== undefined && style !== given)
    throw new UnusableOperation(`the parameter ${JSON.stringify(name.slice(0, 100))} has a style that a ${place} cannot have`)
  const explode = member(parameter, 'explode')
  const plan: ParameterPlan = {
    argument,
    name,
    place,
    style,
    isExploded: typeof explode === 'boolean' ? explode : style === 'form',
    isRequired: place === 'path' || member(parameter, 'required') === true,
    isJson,
  }
  const converted = converter.convert(schema)
  const text = textOf(member(parameter, 'description'))
  if (text === null || typeof converted === 'boolean') return { plan, schema: converted }
  return { plan, schema: { ...converted, description: shortened(text, LIMITS.openapiTextLengthMax) } }
}

function schemaOf(document: JsonObject, parameter: JsonObject): { schema: unknown; isJson: boolean } {
  const content = member(parameter, 'content')
  if (!isObject(content)) return { schema: member(parameter, 'schema') ?? {}, isJson: false }
  const [mediaType, value] = Object.entries(content)[0] ?? []
  const name = JSON.stringify((member(parameter, 'name') as string).slice(0, 100))
  if (mediaType === undefined || !/[/+]json\b/i.test(mediaType)) throw new UnusableOperation(`the parameter ${name} is not written as JSON`)
  return { schema: member(followed(document, value), 'schema') ?? {}, isJson: true }
}
