import { LIMITS, Problem } from '#std/index.ts'
import { MASK, maskText } from './mask.ts'
import { Secret } from './secret.ts'

// What may stand in a log line. Objects are copied by rules and not passed on: a field that no rule lets through is not
// there to be redacted.

/** Fields of any depth with these names are secrets whatever they hold. */
const SECRET_NAME =
  /authori[sz]ation|cookie|passw|passphrase|secret|token|assertion|credential|signature|(?:api|owner|cli|private|access|master|signing|encryption)[-_]?key|session[-_]?id|x-[\w-]*key|(?:^|[-_])proof$|databaseurl|database_url|redisurl|redis_url|^dsn$|^env$|^arguments$|^argv$/i

const NAME_LENGTH_MAX = 128
/** Of a text this many times too long, nothing is shown: it would have to be searched for secrets to its end. */
const TOO_LONG = 4

/** Headers that say nothing of who is asking. */
const SAFE_HEADERS = new Set([
  'accept', 'accept-encoding', 'content-encoding', 'content-length', 'content-type', 'date', 'host', 'last-event-id', 'mcp-method',
  'mcp-protocol-version', 'origin', 'retry-after', 'server', 'traceparent', 'transfer-encoding', 'user-agent', 'x-request-id',
]) // prettier-ignore

export type LogFields = Readonly<Record<string, unknown>>

/** What the line itself says: a field of this name would stand there twice. */
const RESERVED = new Set(['level', 'time', 'msg'])

/** The fields of a log line, made safe. */
export function safeFields(fields: LogFields): Record<string, unknown> {
  const safe = safeEntries(fields, 0)
  for (const name of RESERVED) {
    if (!(name in safe)) continue
    safe[`${name}_`] = safe[name]
    delete safe[name]
  }
  return safe
}

function safeEntries(fields: object, depth: number): Record<string, unknown> {
  const safe: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields).slice(0, LIMITS.logEntriesMax)) {
    const shown = safeField(name, value, depth)
    // Defined and not set: `__proto__` is a name like any other here.
    if (shown !== undefined) Object.defineProperty(safe, safeText(name), { value: shown, enumerable: true, configurable: true })
  }
  return safe
}

function safeField(name: string, value: unknown, depth: number): unknown {
  if (value === undefined) return undefined
  if (name.length > NAME_LENGTH_MAX || SECRET_NAME.test(name)) return MASK
  if (name === 'headers') return safeHeaders(value)
  if (name === 'req' || name === 'request' || name === 'res' || name === 'response') return safeRequest(value)
  return safeValue(value, depth)
}

function safeValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return safeText(value)
    case 'number':
    case 'boolean':
      return value
    case 'bigint':
      return String(value)
    case 'object':
      return value === null ? null : safeObject(value, depth)
    default:
      return undefined
  }
}

function safeObject(value: object, depth: number): unknown {
  if (value instanceof Error) return safeError(value)
  if (value instanceof Secret) return MASK
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof URL) return safeText(value.href)
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  if (value instanceof Map || value instanceof Set) return `[${value.size} entries]`
  if (depth >= LIMITS.logDepthMax) return '[…]'
  if (Array.isArray(value)) return value.slice(0, LIMITS.logEntriesMax).map((entry) => safeValue(entry, depth + 1) ?? null)
  return safeEntries(value, depth + 1)
}

/** Masked before it is cut, so that no secret loses the end by which it is recognised. */
export function safeText(text: string): string {
  const max = LIMITS.logTextLengthMax
  if (text.length <= max) return text
  return text.length > max * TOO_LONG ? `[${text.length} characters]` : `${maskText(text).slice(0, max)}…`
}

/** Type, message, stack, code and causes of an error; nothing else that libraries hang onto theirs, such as the request. */
export function safeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return safeValue(error, LIMITS.logDepthMax - 1)
  const { cause, code } = error as Error & { code?: unknown }
  return {
    type: safeText(error instanceof Problem ? error.type : (error.constructor?.name ?? 'Error')),
    message: safeText(error.message),
    ...(typeof code === 'string' || (typeof code === 'number' && !(error instanceof Problem)) ? { code: safeValue(code, 0) } : {}),
    ...(error.stack === undefined ? {} : { stack: safeText(error.stack) }),
    ...(cause === undefined || cause === null ? {} : { cause: depth >= LIMITS.logDepthMax ? '[…]' : safeError(cause, depth + 1) }),
    ...(error instanceof AggregateError && depth < LIMITS.logDepthMax
      ? { errors: error.errors.slice(0, LIMITS.logDepthMax).map((one: unknown) => safeError(one, depth + 1)) }
      : {}),
  }
}

/** Method, path, status, peer and harmless headers of an HTTP request or answer. */
function safeRequest(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return safeValue(value, 0)
  const { id, method, url, path, status, statusCode, headers, remoteAddress } = value as Record<string, unknown>
  const where = url ?? path
  return safeEntries(
    { id, method, path: typeof where === 'string' ? withoutQuery(where) : undefined, status: status ?? statusCode, remoteAddress, headers },
    1,
  )
}

const withoutQuery = (url: string): string => url.split(/[?#]/, 1)[0]!

function safeHeaders(value: unknown): unknown {
  const entries = headerEntries(value)
  if (entries === undefined) return MASK
  const safe: Record<string, unknown> = {}
  for (const [name, text] of entries.slice(0, LIMITS.logEntriesMax)) {
    if (SAFE_HEADERS.has(name.toLowerCase())) safe[name.toLowerCase()] = safeText(String(text))
  }
  return safe
}

/** Headers come as objects, as `Headers`, as pairs, and flat as Node's raw ones. */
function headerEntries(value: unknown): [string, unknown][] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (value instanceof Headers || value instanceof Map)
    return [...(value as Map<unknown, unknown>).entries()].map(([name, text]) => [String(name), text])
  if (!Array.isArray(value)) return Object.entries(value)
  if (value.every((entry) => Array.isArray(entry))) return value.map(([name, text]: unknown[]) => [String(name), text])
  return value.flatMap((name, i) => (i % 2 === 0 ? [[String(name), value[i + 1]] as [string, unknown]] : []))
}
