import { encodeHeaderValue, META, NAME_PARAMS, paramHeaderValues, type ParamHeader } from '#protocol/index.ts'
import type { InputGiven, UpstreamRequest } from '../model.ts'
import { isObject } from './rpc-exchange.ts'

export interface WireMessage {
  readonly headers: string[]
  readonly message: object
}

/** A request on the wire of 2026-07-28: self-contained, with its envelope and the headers that repeat it. */
export function encodeModernRequest(
  id: number,
  version: string,
  request: UpstreamRequest,
  paramHeaders: readonly ParamHeader[],
): WireMessage {
  const { method, params, given } = request
  const meta = envelope(version, params, request.clientCapabilities)
  if (request.clientInfo !== undefined) meta[META.clientInfo] = request.clientInfo
  if (request.logLevel !== undefined) meta[META.logLevel] = request.logLevel
  if (request.onProgress !== undefined) meta['progressToken'] = id
  if (request.traceparent !== undefined) meta['traceparent'] = request.traceparent
  const headers = baseHeaders(version, method)
  const nameParam = NAME_PARAMS[method]
  const name = nameParam === undefined ? undefined : params[nameParam]
  if (typeof name === 'string') headers.push('mcp-name', encodeHeaderValue(name))
  for (const [header, value] of paramHeaderValues(paramHeaders, params['arguments'])) headers.push(header, value)
  if (request.traceparent !== undefined) headers.push('traceparent', request.traceparent)
  const answers = given === undefined ? {} : { inputResponses: given.responses, ...stateOf(given) }
  return { headers, message: { jsonrpc: '2.0', id, method, params: { ...params, ...answers, _meta: meta } } }
}

/** Byte for byte what the server gave, and nothing where it gave nothing (2026-07-28, basic/patterns/mrtr). */
const stateOf = ({ state }: InputGiven): { requestState?: string } => (state === null ? {} : { requestState: state })

/** A notification; core 2026-07-28 defines none over HTTP, extensions may. */
export function encodeModernNotification(version: string, method: string, params: Record<string, unknown>): WireMessage {
  return {
    headers: baseHeaders(version, method),
    message: { jsonrpc: '2.0', method, params: { ...params, _meta: envelope(version, params) } },
  }
}

/** Without a client nothing is declared, so that no server asks for what nobody can be asked. */
function envelope(version: string, params: Record<string, unknown>, capabilities: Record<string, unknown> = {}): Record<string, unknown> {
  const own = isObject(params['_meta']) ? params['_meta'] : {}
  return { ...own, [META.protocolVersion]: version, [META.clientCapabilities]: capabilities }
}

const baseHeaders = (version: string, method: string): string[] => {
  const headers = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream']
  headers.push('mcp-protocol-version', version, 'mcp-method', method)
  return headers
}
