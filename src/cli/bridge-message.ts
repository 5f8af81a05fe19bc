import { LIMITS, PROBLEM_TYPE_BASE, PROBLEMS, type ProblemType } from '#std/index.ts'
import { parseJson } from './api-client.ts'
import { asRecord, headerValue, parameterHeaders } from './mcp-client.ts'

/** A JSON-RPC message as a client wrote it on a line, as far as its way to the server depends on it. */
export interface BridgeMessage {
  readonly text: string
  readonly kind: 'request' | 'notification' | 'response'
  readonly id: string | number | null
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
  /** The revision that a message of the stateless era names; undefined: it is of the older one. */
  readonly version: string | undefined
}

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion'
const NAME_PARAMS: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
}

/** Undefined for what is no JSON object. */
export function readBridgeMessage(text: string): BridgeMessage | undefined {
  const message = asRecord(parseJson(text))
  if (message === undefined) return undefined
  const given = message['id']
  const id = typeof given === 'string' || typeof given === 'number' ? given : null
  const method = message['method']
  if (typeof method !== 'string') return { text, kind: 'response', id, method: '', params: {}, version: undefined }
  const params = asRecord(message['params']) ?? {}
  const version = asRecord(params['_meta'])?.[VERSION_KEY]
  const kind = id === null ? 'notification' : 'request'
  return { text, kind, id, method, params, version: typeof version === 'string' ? version : undefined }
}

/** Input schemas of the tools whose arguments are repeated as headers, by name. */
export type AnnotatedTools = Map<string, unknown>

/** The headers that a message of the stateless era has over HTTP (2026-07-28, streamable HTTP, request metadata). */
export function headersOfMessage({ kind, method, params, version }: BridgeMessage, tools: AnnotatedTools): Record<string, string> {
  if (version === undefined) return {}
  const headers: Record<string, string> = { 'mcp-protocol-version': headerValue(version) }
  if (kind !== 'request') return headers
  headers['mcp-method'] = headerValue(method)
  const name = params[NAME_PARAMS[method] ?? '']
  if (typeof name !== 'string') return headers
  headers['mcp-name'] = headerValue(name)
  return method === 'tools/call' ? { ...headers, ...parameterHeaders(tools.get(name), params['arguments']) } : headers
}

/** Notes the tools of an answer to `tools/list` that want such headers; gives the cursor of the next page. */
export function learnTools(text: string, tools: AnnotatedTools): string | undefined {
  const result = asRecord(asRecord(parseJson(text))?.['result'])
  const listed = result?.['tools']
  for (const entry of Array.isArray(listed) ? listed : []) {
    const { name, inputSchema } = asRecord(entry) ?? {}
    if (typeof name !== 'string') continue
    if (mentionsHeaders(JSON.stringify(inputSchema ?? null)) && tools.size < LIMITS.conversationParamToolsMax) tools.set(name, inputSchema)
    else tools.delete(name)
  }
  const cursor = result?.['nextCursor']
  return typeof cursor === 'string' ? cursor : undefined
}

export const mentionsHeaders = (text: string): boolean => text.includes('x-mcp-header')

/** HeaderMismatch for an argument: the call was refused and not carried out. */
export function isMissingHeader(text: string): boolean {
  if (!text.includes('-32020')) return false
  const error = asRecord(asRecord(parseJson(text))?.['error'])
  return error?.['code'] === -32020 && /mcp-param-/i.test(String(error['message']))
}

/** Whether a message answers the request with this id. */
export function isAnswerTo(id: string | number | null, text: string): boolean {
  const message = asRecord(parseJson(text))
  return message !== undefined && message['method'] === undefined && message['id'] === id
}

/** An answer of HTTP that is no JSON-RPC message, as the error of a request: a refusal with its own code, or none at all. */
export function errorLine(id: string | number | null, status: number, text: string): string {
  const document = asRecord(parseJson(text))
  const error = asRecord(document?.['error'])
  if (error !== undefined && document?.['type'] === undefined) return JSON.stringify({ ...document, id })
  const { jsonrpc: _jsonrpc, id: _id, error: _error, ...problem } = document ?? {}
  const isProblem = typeof problem['title'] === 'string'
  const message = error?.['message'] ?? (isProblem ? `${String(problem['title'])}: ${String(problem['detail'])}` : `HTTP status ${status}`)
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    error: { code: error?.['code'] ?? codeOf(problem['type']), message, ...(isProblem ? { data: { problem } } : {}) },
  })
}

/** Of ours, outside the range that the specification reserves: the server was not reached, or did not answer as one. */
export const TRANSPORT_CODE = 5020

function codeOf(type: unknown): number {
  const name = typeof type === 'string' ? type.slice(PROBLEM_TYPE_BASE.length) : ''
  return Object.hasOwn(PROBLEMS, name) ? PROBLEMS[name as ProblemType].code : TRANSPORT_CODE
}
