import type { UpstreamRequest } from '../model.ts'
import { isObject } from './declared-input.ts'

type Json = Record<string, unknown>
export type RpcId = string | number

/** How a call is waited for; may change while it goes on. */
export type CallTerms = Pick<UpstreamRequest, 'deadlineAtMs' | 'logLevel' | 'onProgress' | 'onLog'>

/** What a legacy server asks of its client. */
export interface ServerRequest {
  readonly id: RpcId
  readonly method: string
  readonly params: Json
  /** Length of the line it came in. */
  readonly length: number
}

export interface ReceiverPorts {
  /** An answer to a request with this id. Ids that are unknown or settled are none of ours. */
  readonly answer: (id: number, message: Json) => void
  readonly callOf: (progressToken: number) => CallTerms | undefined
  /** The call in flight when there is exactly one. */
  readonly onlyCall: () => CallTerms | undefined
  /** Whether a server of this era may ask at all. */
  readonly mayRequest: () => boolean
  readonly onRequest: (request: ServerRequest) => boolean
  readonly respond: (
    id: RpcId,
    body: { readonly result: Json } | { readonly error: { readonly code: number; readonly message: string } },
  ) => void
  readonly onNotification: (method: string, params: Json) => void
}

/** Takes one message and the length of its line; false for what is no message at all. */
export type Receive = (message: Json, length: number) => boolean

export const METHOD_NOT_FOUND = -32601

/** Sorts what a server says. */
export function createReceiver(ports: ReceiverPorts): Receive {
  const takeRequest = (request: ServerRequest): void => {
    const { id, method } = request
    if (method === 'ping') ports.respond(id, { result: {} })
    else if (!ports.onRequest(request)) {
      ports.respond(id, { error: { code: METHOD_NOT_FOUND, message: `${method} is not offered by this client` } })
    }
  }
  return (message, length) => {
    const { id, method } = message
    if (typeof method === 'string') {
      const params = isObject(message['params']) ? message['params'] : {}
      if (id === undefined) hear(ports, method, params)
      // A modern server must not ask, and must not be written a response (2026-07-28, stdio, receiving messages).
      else if (!isRpcId(id) || !ports.mayRequest()) return false
      else takeRequest({ id, method, params, length })
      return true
    }
    if (message['result'] === undefined && message['error'] === undefined) return false
    if (typeof id === 'number') ports.answer(id, message)
    return true
  }
}

function hear(ports: ReceiverPorts, method: string, params: Json): void {
  if (method === 'notifications/progress') {
    const { progressToken, ...rest } = params
    if (typeof progressToken === 'number') ports.callOf(progressToken)?.onProgress?.(rest)
  } else if (method === 'notifications/message') {
    const call = callOfLog(ports, params)
    if (call?.logLevel === undefined || isAtLeast(params['level'], call.logLevel)) call?.onLog?.(params)
  } else ports.onNotification(method, params)
}

/**
 * A log message need not name its call (2026-07-28, server/utilities/logging: its stream does, and here is but one). Where
 * it repeats the progress token of one it does; without, and with several in flight, it could show one caller what another
 * one did.
 */
function callOfLog({ callOf, onlyCall }: ReceiverPorts, { _meta: meta }: Json): CallTerms | undefined {
  const token = isObject(meta) ? meta['progressToken'] : undefined
  if (token === undefined) return onlyCall()
  return typeof token === 'number' ? callOf(token) : undefined
}

/** RFC 5424 severities as MCP spells them, the least severe first. */
const LEVELS: readonly unknown[] = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']
const isAtLeast = (level: unknown, least: string): boolean => LEVELS.indexOf(level) >= LEVELS.indexOf(least)

const isRpcId = (id: unknown): id is RpcId => typeof id === 'string' || typeof id === 'number'
