import { Problem } from '#std/index.ts'
import { isObject, mapItems, omit, pickObjects } from '../map-result.ts'
import { decodeHeaderValue, META, NAME_PARAMS, paramHeaderValues, type ParamHeader } from '../meta.ts'
import type { Message } from '../message.ts'
import type { JsonObject, Revision } from '../revision.ts'
import { isModernVersion, MODERN_VERSIONS } from '../versions.ts'

/** What a modern request says of itself in `_meta` (2026-07-28, basic, _meta). */
export interface Envelope {
  readonly version: string
  readonly clientCapabilities: Record<string, unknown>
  readonly clientInfo: Record<string, unknown> | null
  readonly logLevel: string | null
}

export type HeaderBag = Readonly<Record<string, string | readonly string[] | undefined>>

/** Results that must say how long they hold and for whom (2026-07-28, server/utilities/caching). */
const CACHEABLE = new Set(['server/discover', 'tools/list', 'prompts/list', 'resources/list', 'resources/templates/list', 'resources/read'])
/** Whether a message carries the modern envelope: the body decides the era, never a header. */
export function hasEnvelope(message: Message): boolean {
  const meta = message.params['_meta']
  return typeof meta === 'object' && meta !== null && (meta as Record<string, unknown>)[META.protocolVersion] !== undefined
}

/** Reads and checks the envelope. Throws `invalid-params` or `unsupported-version`. */
export function readEnvelope(message: Message): Envelope {
  const meta = message.params['_meta'] as Record<string, unknown>
  const version = meta[META.protocolVersion]
  if (typeof version !== 'string') throw missing(META.protocolVersion, 'a string')
  if (!isModernVersion(version)) {
    throw new Problem('unsupported-version', `This server does not speak ${JSON.stringify(version.slice(0, 40))}.`, {
      rpcData: { supported: [...MODERN_VERSIONS], requested: version },
    })
  }
  const clientCapabilities = meta[META.clientCapabilities]
  if (message.kind === 'request' && !isObject(clientCapabilities)) throw missing(META.clientCapabilities, 'an object')
  const clientInfo = meta[META.clientInfo]
  const logLevel = meta[META.logLevel]
  return {
    version,
    clientCapabilities: isObject(clientCapabilities) ? clientCapabilities : {},
    clientInfo: isObject(clientInfo) ? clientInfo : null,
    logLevel: typeof logLevel === 'string' ? logLevel : null,
  }
}

/** Refuses a request whose headers say something else than its body (2026-07-28, basic, HeaderMismatch; R3). */
export function checkHeaders(message: Message, headers: HeaderBag): void {
  const meta = message.params['_meta'] as Record<string, unknown>
  compare('MCP-Protocol-Version', headers['mcp-protocol-version'], meta[META.protocolVersion])
  if (message.kind !== 'request') return
  compare('Mcp-Method', headers['mcp-method'], message.method)
  const nameParam = NAME_PARAMS[message.method]
  const name = nameParam === undefined ? undefined : message.params[nameParam]
  if (typeof name === 'string') compare('Mcp-Name', headers['mcp-name'], name)
}

/**
 * Refuses a call whose `Mcp-Param-*` headers say something else than its arguments (2026-07-28, streamable HTTP, custom
 * headers). Whole numbers are compared as numbers.
 */
export function checkParamHeaders(annotations: readonly ParamHeader[], args: unknown, headers: HeaderBag): void {
  const expected = new Map(paramHeaderValues(annotations, args).map(([name, value]) => [name.toLowerCase(), value]))
  for (const { header } of annotations) {
    const name = `mcp-param-${header.toLowerCase()}`
    const value = expected.get(name)
    const given = headers[name]
    if (value === undefined && given === undefined) continue
    if (value === undefined) throw mismatch(`Mcp-Param-${header}`, 'names an argument that the body does not have')
    const plain = decodeHeaderValue(value)
    if (typeof given === 'string' && /^-?\d+$/.test(given.trim()) && Number(given) === Number(plain)) continue
    compare(`Mcp-Param-${header}`, given, plain)
  }
}

function compare(header: string, value: string | readonly string[] | undefined, expected: unknown): void {
  if (value === expected) return
  if (typeof value !== 'string') throw mismatch(header, 'is missing')
  const decoded = decodeHeaderValue(value)
  if (decoded !== expected) throw mismatch(header, decoded === null ? 'is not validly encoded' : 'differs from the body')
}

function mismatch(header: string, what: string): Problem {
  return new Problem('header-mismatch', `The header ${header} ${what}.`, { remedy: `Send ${header} with the value that the body has.` })
}

function missing(key: string, type: string): Problem {
  return new Problem('invalid-params', `params._meta["${key}"] must be ${type}.`, {
    remedy: 'Every request of 2026-07-28 carries its envelope in params._meta.',
  })
}

/** A neutral result as a modern client reads it: complete, with identity and, where the method wants it, its lifetime. */
export function encodeResult(method: string, result: JsonObject, serverInfo: JsonObject): JsonObject {
  const meta = isObject(result['_meta']) ? result['_meta'] : {}
  // How tools run as tasks was a member in 2025-11-25 and is an extension here.
  const shown = method === 'tools/list' ? mapItems(method, result, (tool) => omit(tool, ['execution'])) : result
  const wire: JsonObject = { resultType: 'complete', ...shown, _meta: { ...meta, [META.serverInfo]: serverInfo } }
  if (CACHEABLE.has(method)) {
    if (typeof wire['ttlMs'] !== 'number') wire['ttlMs'] = 0
    if (wire['cacheScope'] !== 'public') wire['cacheScope'] = 'private'
  }
  return wire
}

const INVALID_PARAMS = -32602
const RESOURCE_NOT_FOUND = -32002
const URL_ELICITATION_REQUIRED = -32042
/** Of the handshake era only (2026-07-28, changelog). */
const LEGACY_NOTIFICATIONS: readonly string[] = ['notifications/elicitation/complete', 'notifications/tasks/status']
const CAPABILITIES = ['experimental', 'extensions', 'roots', 'sampling', 'elicitation'] as const

export const revision: Revision = {
  version: '2026-07-28',
  era: 'modern',
  hasVersionHeader: true,
  allowsBatches: false,
  primesStreams: false,
  encodeResult,
  // Two codes of the handshake era have none of their own any more (2026-07-28, basic, error codes).
  encodeErrorCode: (code) => (code === RESOURCE_NOT_FOUND || code === URL_ELICITATION_REQUIRED ? INVALID_PARAMS : code),
  encodeNotification: (method, params) => (LEGACY_NOTIFICATIONS.includes(method) ? null : params),
  // A question is part of a result here (basic/patterns/mrtr): it has a key and no id, and cannot run as a task.
  encodeServerRequest: (_method, params) => omit(params, ['elicitationId', 'task']),
  readClientCapabilities: (declared) => pickObjects(declared, CAPABILITIES),
  encodeClientCapabilities: (capabilities) => pickObjects(capabilities, CAPABILITIES),
}
