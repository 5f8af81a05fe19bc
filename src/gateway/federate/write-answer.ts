import { legacy, modern } from '#protocol/index.ts'
import { asProblem } from '#std/index.ts'
import type { RpcError } from '#runtime/index.ts'
import type { ReceivedCall } from '../call.ts'
import { answer, conclude, FLIGHT_HEADER, rpcError } from '../conclude.ts'
import type { GatewayState } from '../deps.ts'

const JSON_HEADERS = ['content-type', 'application/json'] as const
export const STREAM_HEADERS = ['content-type', 'text/event-stream', 'cache-control', 'no-cache', 'x-accel-buffering', 'no'] as const
const FLIGHT_KEY = 'dev.sallyport/flight'

/** Sends a neutral result in the words of the client's era. `headers` are added to those of the answer. */
export function writeResult(
  call: ReceivedCall,
  result: Record<string, unknown>,
  gateway: GatewayState,
  headers: readonly string[] = [],
): void {
  const outcome = result['isError'] === true ? 'tool-error' : 'ok'
  if (call.shape === 'invoke') {
    const body = JSON.stringify({ result: legacy.encodeResult(result), flight: flightOf(call) })
    answer(call, outcome, 200, [...JSON_HEADERS, ...headers], body, gateway)
    return
  }
  const { message, speech } = call
  const shown = wantsFlight(call)
    ? { ...result, _meta: { ...(result['_meta'] as object | undefined), [FLIGHT_KEY]: flightOf(call) } }
    : result
  const wire = speech?.era === 'modern' ? modern.encodeResult(message!.method, shown, serverInfo(gateway)) : legacy.encodeResult(shown)
  writeMessage(call, outcome, JSON.stringify({ jsonrpc: '2.0', id: message!.id, result: wire }), gateway, headers)
}

/** Passes a JSON-RPC error of an upstream on. Codes that one era must not send are mapped (2026-07-28, basic, error codes). */
export function writeRpcError(call: ReceivedCall, error: RpcError, gateway: GatewayState): void {
  const code = call.speech?.era === 'modern' && (error.code === -32002 || error.code === -32042) ? -32602 : error.code
  const { message } = call
  writeMessage(call, 'rpc-error', JSON.stringify({ jsonrpc: '2.0', id: message?.id ?? null, error: { ...error, code } }), gateway)
}

/** Sends the JSON text of the message that answers a request, as the end of the stream if one is open. */
export function writeMessage(
  call: ReceivedCall,
  outcome: string,
  json: string,
  gateway: GatewayState,
  headers: readonly string[] = [],
): void {
  if (!call.reply.isOpen) {
    answer(call, outcome, 200, [...JSON_HEADERS, ...headers], json, gateway)
    return
  }
  conclude(
    call,
    { outcome, status: 200, bytesOut: json.length },
    gateway,
    () => {
      call.reply.write(`event: message\ndata: ${json}\n\n`)
      call.reply.end()
    },
    (problem) => {
      call.reply.write(`event: message\ndata: ${rpcError(call.message?.id ?? 0, asProblem(problem))}\n\n`)
      call.reply.end()
    },
    json,
  )
}

/** Sends a notification that belongs to a request; the answer becomes a stream with the first one. */
export function writeNotification(call: ReceivedCall, method: string, params: Record<string, unknown>): void {
  const { reply } = call
  if (call.isConcluded || reply.isGone) return
  if (!reply.isOpen) reply.open(200, [FLIGHT_HEADER, call.id, ...STREAM_HEADERS])
  reply.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', method, params })}\n\n`)
}

/** Ends a call that the client has cancelled: it is recorded, and no message answers it. */
export function writeCancelled(call: ReceivedCall, gateway: GatewayState): void {
  const end = (): void => (call.reply.isOpen ? call.reply.end() : call.reply.send(202, [], ''))
  conclude(call, { outcome: 'cancelled', status: 499, bytesOut: 0 }, gateway, end, end)
}

/** 202 without a body, for notifications and responses. */
export function writeAccepted(call: ReceivedCall): void {
  call.isConcluded = true
  call.reply.send(202, [], '')
}

export function serverInfo(gateway: GatewayState): Record<string, unknown> {
  const { name, title, version } = gateway.server
  return { name, title, version }
}

/** The flight record as callers with that right see it. */
export function flightOf(call: ReceivedCall): Record<string, unknown> {
  return {
    id: call.id,
    caller: call.caller?.name ?? '',
    rule: call.authorization?.rule ?? '',
    deployment: call.deployment,
    us: Math.round((performance.now() - call.startedMark) * 1000),
    steps: call.steps,
  }
}

function wantsFlight(call: ReceivedCall): boolean {
  const meta = call.message?.params['_meta'] as Record<string, unknown> | undefined
  return meta?.[FLIGHT_KEY] === true && call.caller?.scopes.has('admin') === true
}
