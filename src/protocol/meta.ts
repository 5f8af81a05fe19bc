import { err, LIMITS, ok, type Result } from '#std/index.ts'

/** Keys of the request envelope in `params._meta` (2026-07-28, basic, _meta). */
export const META = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const

/** Work that goes on after its call was answered (ext-tasks, SEP-2663). */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks'

const SENTINEL_START = '=?base64?'
const SENTINEL_END = '?='

/** A header value as 2026-07-28 wants it: visible ASCII as it is, anything else as `=?base64?…?=` over UTF-8. */
export function encodeHeaderValue(text: string): string {
  const isPlain =
    /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !(text.startsWith(SENTINEL_START) && text.endsWith(SENTINEL_END))
  return isPlain ? text : `${SENTINEL_START}${Buffer.from(text, 'utf8').toString('base64')}${SENTINEL_END}`
}

/** The text a header value stands for; null when it pretends to be encoded and is not. */
export function decodeHeaderValue(value: string): string | null {
  const trimmed = value.trim()
  if (!trimmed.startsWith(SENTINEL_START) || !trimmed.endsWith(SENTINEL_END)) return trimmed
  const encoded = trimmed.slice(SENTINEL_START.length, -SENTINEL_END.length)
  const bytes = Buffer.from(encoded, 'base64')
  return bytes.toString('base64') === encoded ? bytes.toString('utf8') : null
}

/** Methods whose `Mcp-Name` header repeats a parameter, and which (2026-07-28, streamable HTTP, request metadata). */
export const NAME_PARAMS: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
}

/** An argument of a tool that is repeated as the header `Mcp-Param-{header}` (2026-07-28, streamable HTTP, custom headers). */
export interface ParamHeader {
  readonly header: string
  /** Where the argument stands in `arguments`. */
  readonly path: readonly string[]
}

const ANNOTATION = 'x-mcp-header'
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const ANNOTATED_TYPES: readonly unknown[] = ['string', 'integer', 'boolean']
/** Keywords that hold schemas but through which an annotated property may not be reached. */
const SCHEMA_KEYWORDS: readonly string[] = [
  'items',
  'prefixItems',
  'contains',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'propertyNames',
  'oneOf',
  'anyOf',
  'allOf',
  'not',
  'if',
  'then',
  'else',
]
const SCHEMA_MAP_KEYWORDS = ['patternProperties', 'dependentSchemas', '$defs', 'definitions']

/**
 * The header annotations of a tool's input schema. A tool whose annotations break the rules must not be offered to
 * anybody; the error says which rule.
 */
export function readParamHeaders(inputSchema: unknown): Result<readonly ParamHeader[], string> {
  const found: ParamHeader[] = []
  const taken = new Set<string>()
  const visit = (schema: unknown, path: readonly string[] | null, depth: number): string | null => {
    if (!isRecord(schema)) return null
    if (depth > LIMITS.jsonDepthMax) return 'the schema is nested too deeply'
    if (ANNOTATION in schema) {
      const fault = annotationFault(schema, path, taken)
      if (fault !== null) return fault
      const header = schema[ANNOTATION] as string
      taken.add(header.toLowerCase())
      found.push({ header, path: path! })
    }
    for (const [name, child] of entriesOf(schema['properties'])) {
      const fault = visit(child, path === null ? null : [...path, name], depth + 1)
      if (fault !== null) return fault
    }
    const unreachable = [
      ...SCHEMA_KEYWORDS.flatMap((keyword) => schema[keyword] ?? []),
      ...SCHEMA_MAP_KEYWORDS.flatMap((keyword) => entriesOf(schema[keyword]).map(([, child]) => child)),
    ]
    for (const child of unreachable) {
      const fault = visit(child, null, depth + 1)
      if (fault !== null) return fault
    }
    return null
  }
  const fault = visit(inputSchema, [], 1)
  return fault === null ? ok(found) : err(fault)
}

function annotationFault(schema: Record<string, unknown>, path: readonly string[] | null, taken: ReadonlySet<string>): string | null {
  const header = schema[ANNOTATION]
  if (path === null || path.length === 0) return `${ANNOTATION} stands where only a chain of properties may lead`
  const place = path.join('.')
  if (typeof header !== 'string' || !TOKEN.test(header)) return `${ANNOTATION} of ${place} is not a header name`
  if (!ANNOTATED_TYPES.includes(schema['type'])) return `${place} has ${ANNOTATION} and is not a string, integer or boolean`
  return taken.has(header.toLowerCase()) ? `${ANNOTATION} ${header} is used twice` : null
}

/** The `Mcp-Param-*` header values of one call, by name as annotated. An argument that is absent or null has none. */
export function paramHeaderValues(headers: readonly ParamHeader[], args: unknown): readonly (readonly [name: string, value: string])[] {
  return headers.flatMap(({ header, path }) => {
    let value = args
    for (const key of path) value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
    const text = typeof value === 'string' ? value : typeof value === 'boolean' || Number.isSafeInteger(value) ? String(value) : null
    return text === null ? [] : [[`Mcp-Param-${header}`, encodeHeaderValue(text)] as const]
  })
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const entriesOf = (value: unknown): [string, unknown][] => (isRecord(value) ? Object.entries(value) : [])
