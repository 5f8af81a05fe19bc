export type Fields = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

export const PROTOCOL_VERSION = '2026-07-28'

/** RFC 9110 §5.6.2; a tool that asks for anything else gets no header. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const DEPTH_MAX = 16

/** Plain ASCII as it is, anything else in base64 (2026-07-28, Streamable HTTP, request metadata). */
export function headerValue(text: string): string {
  if (/^(?! )[\x20-\x7e]*(?<! )$/.test(text) && !text.startsWith('=?base64?')) return text
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte))
  return `=?base64?${btoa(bytes.join(''))}?=`
}

/** The `Mcp-Param-*` headers that a tool's schema asks for, from the arguments of a call. */
export function parameterHeaders(schema: unknown, args: unknown, depth = 0): Readonly<Record<string, string>> {
  if (!isRecord(schema) || !isRecord(schema['properties']) || !isRecord(args) || depth > DEPTH_MAX) return {}
  const headers: Record<string, string> = {}
  for (const [name, property] of Object.entries(schema['properties'])) {
    if (!isRecord(property) || !Object.hasOwn(args, name)) continue
    const value = args[name]
    const header = property['x-mcp-header']
    if (typeof header === 'string' && TOKEN.test(header) && isPlain(value)) headers[`mcp-param-${header}`] = headerValue(String(value))
    Object.assign(headers, parameterHeaders(property, value, depth + 1))
  }
  return headers
}

const isPlain = (value: unknown): boolean => typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value)

/** Null stands for everything that the caller may use. */
export const endpointPath = (endpoint: string | null): string => (endpoint === null ? '/mcp' : `/mcp/${encodeURIComponent(endpoint)}`)

/** The body of a request, as it is sent and as it is shown. */
export function requestBody(method: string, params: Fields, extra: Fields = {}): Fields {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': PROTOCOL_VERSION,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'sallyport-console', version: '1' },
    ...extra,
  }
  return { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } }
}
