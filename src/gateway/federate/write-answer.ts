import { legacy, META } from '#protocol/index.ts'
import { asProblem, Problem } from '#std/index.ts'
import type { InputRequest, RpcError } from '#runtime/index.ts'
import type { ReceivedCall } from '../call.ts'
import { answer, conclude, endStream, FLIGHT_HEADER, rpcError, writeEvent } from '../conclude.ts'
import type { GatewayState } from '../deps.ts'
import { STREAM_HEADERS } from '../http.ts'
import { CallStream } from '../sessions/call-stream.ts'
import { revisionFor } from './speaks.ts'

const JSON_HEADERS = ['content-type', 'application/json'] as const
export { STREAM_HEADERS } from '../http.ts'
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
  const { message } = call
  const shown = wantsFlight(call)
    ? { ...result, _meta: { ...(result['_meta'] as object | undefined), [FLIGHT_KEY]: flightOf(call) } }
    : result
  const wire = revisionFor(call).encodeResult(message!.method, shown, serverInfo(gateway))
  writeMessage(call, outcome, JSON.stringify({ jsonrpc: '2.0', id: message!.id, result: wire }), gateway, headers)
}

/** Tells a modern client what is asked of it (2026-07-28, basic/patterns/mrtr): it answers by calling again with `state`. */
export function writeInputRequired(
  call: ReceivedCall,
  requests: Readonly<Record<string, InputRequest>>,
  state: string,
  gateway: GatewayState,
): void {
  const result = {
    resultType: 'input_required',
    inputRequests: requests,
    requestState: state,
    _meta: { [META.serverInfo]: serverInfo(gateway) },
  }
  writeMessage(call, 'input-required', JSON.stringify({ jsonrpc: '2.0', id: call.message!.id, result }), gateway)
}

/** Asks a legacy client on the stream of its call, which is opened if need be. */
export function writeRequest(call: ReceivedCall, id: string, { method, params }: InputRequest, gateway: GatewayState): void {
  const wire = revisionFor(call).encodeServerRequest(method, params, id)
  if (wire === null) throw new Problem('missing-capability', `The client speaks a revision that knows no such ${method}.`)
  openStream(call, gateway)
  writeEvent(call, JSON.stringify({ jsonrpc: '2.0', id, method, params: wire }))
}

/** Passes a JSON-RPC error of an upstream on. Codes that one era must not send are mapped (2026-07-28, basic, error codes). */
export function writeRpcError(call: ReceivedCall, error: RpcError, gateway: GatewayState): void {
  const code = revisionFor(call).encodeErrorCode(error.code)
  const json = JSON.stringify({ jsonrpc: '2.0', id: call.message?.id ?? null, error: { ...error, code } })
  const status = call.speech?.era === 'modern' ? (MODERN_STATUSES.get(code) ?? 200) : 200
  writeMessage(call, 'rpc-error', json, gateway, [], status)
}

/** Errors that modern clients read from the HTTP status as well (2026-07-28, basic, error codes). */
const MODERN_STATUSES: ReadonlyMap<number, number> = new Map([
  [-32020, 400],
  [-32021, 400],
  [-32022, 400],
  [-32601, 404],
])

/** Sends the JSON text of the message that answers a request, as the end of the stream if one is open. */
export function writeMessage(
  call: ReceivedCall,
  outcome: string,
  json: string,
  gateway: GatewayState,
  headers: readonly string[] = [],
  status = 200,
): void {
  if (!call.reply.isOpen) {
    answer(call, outcome, status, [...JSON_HEADERS, ...headers], json, gateway)
    return
  }
  conclude(
    call,
    { outcome, status: 200, bytesOut: json.length },
    gateway,
    () => {
      writeEvent(call, json)
      endStream(call)
    },
    (problem) => {
      writeEvent(call, rpcError(call.message?.id ?? 0, asProblem(problem)))
      endStream(call)
    },
    json,
  )
}

/** Sends a notification that belongs to a request; the answer becomes a stream with the first one. */
export function writeNotification(call: ReceivedCall, method: string, params: Record<string, unknown>, gateway: GatewayState): void {
  if (call.isConcluded || (call.reply.isGone && call.stream === null)) return
  const wire = revisionFor(call).encodeNotification(method, params)
  if (wire === null) return
  openStream(call, gateway)
  writeEvent(call, JSON.stringify({ jsonrpc: '2.0', method, params: wire }))
}

/** The first message before the answer makes a stream of it; within a legacy session one that can be taken up again. */
function openStream(call: ReceivedCall, gateway: GatewayState): void {
  const { reply, id, session } = call
  if (reply.isOpen) return
  reply.open(200, [FLIGHT_HEADER, id, ...STREAM_HEADERS])
  if (session?.mode !== 'local') return
  call.stream = new CallStream(gateway.events, session.nonce, id)
  if (revisionFor(call).primesStreams) reply.write(call.stream.prime())
}

/** Ends a call that the client has cancelled: it is recorded, and no message answers it. */
export function writeCancelled(call: ReceivedCall, gateway: GatewayState): void {
  const end = (): void => (call.reply.isOpen ? endStream(call) : call.reply.send(202, [], ''))
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
