import { Problem } from '#std/index.ts'
import type { JsonFault } from './inspect-json.ts'

export type RpcId = string | number

/** One JSON-RPC 2.0 message, told apart by its members. */
export type Message =
  | { readonly kind: 'request'; readonly id: RpcId; readonly method: string; readonly params: Record<string, unknown> }
  | { readonly kind: 'notification'; readonly id: null; readonly method: string; readonly params: Record<string, unknown> }
  | {
      readonly kind: 'response'
      readonly id: RpcId
      readonly method: ''
      readonly params: Record<string, unknown>
      /** Exactly one of the two is there. */
      readonly result?: Record<string, unknown>
      readonly error?: { readonly code: number; readonly message: string }
    }

const ENVELOPE_KEYS = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error'])
/** Parameters that decide something: another spelling of one of them is an attempt to be read in two ways (R2). */
const EXACT_PARAM_KEYS = new Set([
  'name',
  'arguments',
  'uri',
  '_meta',
  'cursor',
  'taskId',
  'requestState',
  'inputResponses',
  'protocolVersion',
  'capabilities',
  'clientInfo',
  'requestId',
  'progressToken',
  'ref',
  'notifications',
  'level',
])
const PARAM_KEYS = new Set([...EXACT_PARAM_KEYS].map(fold))

/** As readers fold that ignore case: over upper case, so that the long s and the Kelvin sign are letters like others. */
function fold(key: string): string {
  return key.toUpperCase().toLowerCase()
}

/** Checks that a parsed value is one JSON-RPC message. Throws `invalid-request` or `invalid-params`. */
export function readMessage(value: unknown): Message {
  if (Array.isArray(value)) throw new Problem('invalid-request', 'Batches are not accepted: send one message per request.')
  if (typeof value !== 'object' || value === null) throw new Problem('invalid-request', 'The body must be one JSON object.')
  const message = value as Record<string, unknown>
  for (const key in message) {
    if (!ENVELOPE_KEYS.has(key)) throw unexpectedKey(key)
  }
  if (message['jsonrpc'] !== '2.0') throw new Problem('invalid-request', 'The member `jsonrpc` must be "2.0".')
  const id = message['id']
  const hasId = typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id))
  if (id !== undefined && !hasId) throw new Problem('invalid-request', 'The member `id` must be a string or a number.')
  if (message['method'] === undefined) return readResponse(message, hasId ? id : null)
  if (typeof message['method'] !== 'string') throw new Problem('invalid-request', 'The member `method` must be a string.')
  if (message['result'] !== undefined || message['error'] !== undefined) {
    throw new Problem('invalid-request', 'A message is a request or a response, not both.')
  }
  const params = readParams(message['params'])
  if (hasId) return { kind: 'request', id: id, method: message['method'], params }
  return { kind: 'notification', id: null, method: message['method'], params }
}

function readResponse(message: Record<string, unknown>, id: RpcId | null): Message {
  if (id === null || (message['result'] === undefined) === (message['error'] === undefined)) {
    throw new Problem('invalid-request', 'The body is neither a request, nor a notification, nor a response.')
  }
  const { result, error } = message
  if (isObject(result)) return { kind: 'response', id, method: '', params: {}, result }
  if (isObject(error) && typeof error['code'] === 'number' && typeof error['message'] === 'string')
    return { kind: 'response', id, method: '', params: {}, error: { code: error['code'], message: error['message'] } }
  throw new Problem('invalid-request', 'A response holds a result that is an object, or an error with code and message.')
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function readParams(params: unknown): Record<string, unknown> {
  if (params === undefined) return {}
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw new Problem('invalid-params', 'The member `params` must be an object.')
  }
  for (const key in params) {
    if (!EXACT_PARAM_KEYS.has(key) && PARAM_KEYS.has(fold(key))) throw caseVariant(key)
  }
  return params as Record<string, unknown>
}

function unexpectedKey(key: string): Problem {
  return new Problem('invalid-request', `The key ${JSON.stringify(key.slice(0, 80))} is no member of a JSON-RPC message.`, {
    remedy: 'Use the exact spelling of the specification.',
  })
}

function caseVariant(key: string): Problem {
  return new Problem('invalid-request', `The key ${JSON.stringify(key)} is another spelling of a known one.`, {
    remedy: 'Use the exact spelling of the specification.',
  })
}

/** The problem that a fault in the text of a request means. */
export function problemOfFault(fault: JsonFault): Problem {
  return new Problem(fault.reason === 'malformed' ? 'malformed-json' : 'invalid-request', `${fault.detail}.`)
}

/** The id of a message that may be broken elsewhere, so that an error can name it. */
export function idOf(value: unknown): RpcId | null {
  const id = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)['id'] : undefined
  return typeof id === 'string' || typeof id === 'number' ? id : null
}
