import { LIMITS } from '#std/index.ts'

/**
 * What a transport without headers must know of a message to give it the headers that HTTP has. Decides nothing: whoever
 * reads the body afterwards refuses what this reader understands in another way (R2, R3).
 */
export interface Outline {
  readonly kind: 'request' | 'notification' | 'response' | 'unreadable'
  readonly id: string | number | null
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
  /** The revision that a message of the stateless era names; null: it is of the older one, or broken. */
  readonly version: string | null
}

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion'
/** Methods whose `Mcp-Name` header repeats a parameter (2026-07-28, streamable HTTP, request metadata). */
const NAME_PARAMS: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
])

const UNREADABLE: Outline = { kind: 'unreadable', id: null, method: '', params: {}, version: null }

export function outlineOf(text: string): Outline {
  const message = asRecord(parseJson(text))
  if (message === null) return UNREADABLE
  const given = message['id']
  const id = typeof given === 'string' || typeof given === 'number' ? given : null
  const method = message['method']
  if (typeof method !== 'string') return { ...UNREADABLE, id, kind: id === null ? 'unreadable' : 'response' }
  const params = asRecord(message['params']) ?? {}
  const version = asRecord(params['_meta'])?.[VERSION_KEY]
  return { kind: id === null ? 'notification' : 'request', id, method, params, version: typeof version === 'string' ? version : null }
}

/** An argument of a tool that is repeated as a header (2026-07-28, streamable HTTP, custom headers). */
interface ParamHeader {
  readonly header: string
  readonly path: readonly string[]
}

/** The tools that want such headers, by name. */
export type ParamHeaders = Map<string, readonly ParamHeader[]>

/** The headers that a message of the stateless era has over HTTP. */
export function headersOf({ kind, method, params, version }: Outline, known: ParamHeaders): Record<string, string> {
  if (version === null) return {}
  const headers: Record<string, string> = { 'mcp-protocol-version': headerValue(version) }
  if (kind !== 'request') return headers
  headers['mcp-method'] = headerValue(method)
  const name = params[NAME_PARAMS.get(method) ?? '']
  if (typeof name !== 'string') return headers
  headers['mcp-name'] = headerValue(name)
  for (const { header, path } of (method === 'tools/call' ? known.get(name) : undefined) ?? []) {
    let value: unknown = params['arguments']
    for (const key of path) value = asRecord(value)?.[key]
    if (typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value))
      headers[`mcp-param-${header.toLowerCase()}`] = headerValue(String(value))
  }
  return headers
}

const ANNOTATION = 'x-mcp-header'
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Notes the annotations in an answer to `tools/list`; gives the cursor of the next page, null at the end. */
export function learnParamHeaders(text: string, known: ParamHeaders): string | null {
  const result = asRecord(asRecord(parseJson(text))?.['result'])
  const tools = result?.['tools']
  for (const listed of Array.isArray(tools) ? tools : []) {
    const tool = asRecord(listed)
    const name = tool?.['name']
    if (typeof name !== 'string') continue
    const found = annotationsOf(tool?.['inputSchema'], [])
    if (found.length > 0 && (known.has(name) || known.size < LIMITS.conversationParamToolsMax)) known.set(name, found)
    else known.delete(name)
  }
  const cursor = result?.['nextCursor']
  return typeof cursor === 'string' ? cursor : null
}

/** Whether an answer may hold annotations at all; nearly none does. */
export const mentionsParamHeaders = (text: string): boolean => text.includes(ANNOTATION)

function annotationsOf(schema: unknown, path: readonly string[]): ParamHeader[] {
  const properties = asRecord(asRecord(schema)?.['properties'])
  if (properties === null || path.length >= LIMITS.jsonDepthMax) return []
  return Object.entries(properties).flatMap(([key, property]) => {
    const header = asRecord(property)?.[ANNOTATION]
    const own = typeof header === 'string' && TOKEN.test(header) ? [{ header, path: [...path, key] }] : []
    return [...own, ...annotationsOf(property, [...path, key])]
  })
}

/** Visible ASCII as it is, anything else as `=?base64?…?=` over UTF-8 (the same clause). */
function headerValue(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !(text.startsWith('=?base64?') && text.endsWith('?='))
  return isPlain ? text : `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function asRecord(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
}
