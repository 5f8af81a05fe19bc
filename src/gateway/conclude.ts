import { hash } from 'node:crypto'
import type { AuditEvent } from '#audit/index.ts'
import type { EndedCall } from '#telemetry/index.ts'
import type { Problem } from '#std/index.ts'
import type { ReceivedCall } from './call.ts'
import type { GatewayState } from './deps.ts'
import { CLIENT_NOTIFICATIONS } from './methods.ts'
import type { RpcId } from '#protocol/index.ts'

const JSON_TYPE = 'application/json'
const PROBLEM_TYPE = 'application/problem+json'
/** The answer names its flight record, so that a person can look it up. */
export const FLIGHT_HEADER = 'sallyport-flight'

/** How a call ended, for the record. */
export interface Outcome {
  readonly outcome: string
  readonly status: number
  readonly bytesOut: number
}

/**
 * Records how a call ended and only then runs `answer`: an answer that is not in the audit does not leave.
 * When the record fails, `failed` gets the problem instead. `answered` is the JSON text of the answer, for those who keep bodies.
 */
export function conclude(
  call: ReceivedCall,
  outcome: Outcome,
  gateway: GatewayState,
  send: () => void,
  failed: (problem: unknown) => void,
  answered: Buffer | string | null = null,
): void {
  if (call.isConcluded) return
  call.isConcluded = true
  const event = eventOf(call, outcome)
  gateway.metrics.call({ deployment: event.deployment, method: event.method, outcome: event.outcome, era: event.era }, event.us)
  if (call.trace !== null) call.trace.end(spanOf(event))
  if (!isAudited(call, outcome)) {
    send()
    return
  }
  try {
    gateway.recorder.record(event, (failure) => (failure === null ? send() : failed(failure)))
  } catch (error) {
    failed(error)
    return
  }
  if (gateway.bodies !== null) gateway.bodies.keep(call, answered)
}

/** Records and sends a complete answer. */
export function answer(
  call: ReceivedCall,
  outcome: string,
  status: number,
  headers: readonly string[],
  body: Buffer | string,
  gateway: GatewayState,
): void {
  conclude(
    call,
    { outcome, status, bytesOut: body.length },
    gateway,
    () => call.reply.send(status, [FLIGHT_HEADER, call.id, ...headers], body),
    (problem) => sendProblem(call, problem as Problem),
    body,
  )
}

/** Records a refusal and sends it in the form the client can read. */
export function refuse(call: ReceivedCall, problem: Problem, gateway: GatewayState): void {
  if (call.isConcluded) return
  if (problem.type === 'rate-limited' && call.caller === null && gateway.floodRecords.take(call.startedAtMs) > 0) {
    // A flood of wrong credentials is counted; a record of each would let strangers fill the disk.
    call.isConcluded = true
    gateway.metrics.denial({ method: methodOf(call), deployment: '', problem: problem.type })
    sendProblem(call, problem)
    return
  }
  gateway.metrics.denial({ method: methodOf(call), deployment: call.deployment, problem: problem.type })
  conclude(
    call,
    { outcome: problem.type, status: problem.status, bytesOut: 0 },
    gateway,
    () => sendProblem(call, problem),
    // A refusal needs no record to be safe: the caller gets nothing by it.
    () => sendProblem(call, problem),
  )
}

/** JSON-RPC error when the id of the request is known, else a problem document. */
export function sendProblem(call: ReceivedCall, problem: Problem): void {
  const { reply, message } = call
  if (reply.isOpen) {
    if (message !== null && message.kind === 'request') writeEvent(call, rpcError(message.id, problem))
    endStream(call)
    return
  }
  const headers = [FLIGHT_HEADER, call.id, ...extraHeaders(problem)]
  const isRpc = call.shape === 'mcp' && message !== null && message.kind === 'request' && message.id !== ''
  if (isRpc) reply.send(statusOf(call, problem), ['content-type', JSON_TYPE, ...headers], rpcError(message.id, problem))
  else
    reply.send(
      problem.status,
      ['content-type', PROBLEM_TYPE, ...headers],
      JSON.stringify(call.shape === 'mcp' ? { ...problem.toDocument(), ...withoutId(problem) } : problem.toDocument()),
    )
}

/** Sends one message on the open stream of a call. */
export function writeEvent({ reply, stream }: ReceivedCall, json: string): void {
  reply.write(stream === null ? `event: message\ndata: ${json}\n\n` : stream.event(json))
}

export function endStream({ reply, stream }: ReceivedCall): void {
  stream?.finish()
  reply.end()
}

/** An MCP client finds the JSON-RPC error in the problem document too; without an id, as JSON-RPC 2.0 §5 wants it then. */
function withoutId({ code, title, message }: Problem): Record<string, unknown> {
  return { jsonrpc: '2.0', id: null, error: { code, message: `${title}: ${message}` } }
}

/** Requests and refusals are evidence; a notification that was taken, or a ping, is not. */
function isAudited({ row, message }: ReceivedCall, { status }: Outcome): boolean {
  if (status >= 400) return true
  return message?.kind === 'notification' ? false : (row?.isAudited ?? true)
}

export function rpcError(id: RpcId, problem: Problem): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: problem.toRpcError() })
}

/** Problems of the transport have their HTTP status; trouble behind us and bad parameters are answers like others. */
function statusOf(call: ReceivedCall, problem: Problem): number {
  if (problem.type.startsWith('upstream-')) return 200
  if (problem.type === 'invalid-params') return call.authorization === null && call.speech === null ? 400 : 200
  if (problem.type === 'unknown-method') return call.speech?.era === 'modern' ? 404 : 200
  if (problem.type === 'internal-error') return 200
  return problem.status
}

function extraHeaders(problem: Problem): string[] {
  if (problem.type === 'unauthenticated') return ['www-authenticate', 'Bearer realm="sallyport"']
  if (problem.type === 'insufficient-scope') {
    const scopes = problem.extensions['scopes'] as readonly string[]
    return ['www-authenticate', `Bearer realm="sallyport", error="insufficient_scope", scope="${scopes.join(' ')}"`]
  }
  const retry = problem.extensions['retryAfterSeconds']
  return typeof retry === 'number' ? ['retry-after', String(retry)] : []
}

function methodOf(call: ReceivedCall): string {
  if (call.row !== null && call.message !== null) return call.message.method
  if (call.message?.kind === 'notification' && CLIENT_NOTIFICATIONS.has(call.message.method)) return call.message.method
  if (call.message?.kind === 'response') return 'response'
  return call.inbound.method === 'POST' ? 'unknown' : call.inbound.method
}

/** Names as OpenTelemetry's conventions for MCP and HTTP have them; what they lack is ours. */
function spanOf(event: AuditEvent): EndedCall {
  const { method, target, outcome, status } = event
  return {
    name: target === '' ? method : `${method} ${target}`,
    attributes: {
      'mcp.method.name': method,
      'http.response.status_code': status,
      'sallyport.call.id': event.id,
      'sallyport.endpoint': event.endpoint,
      'sallyport.deployment': event.deployment,
      'sallyport.caller': event.actorId,
      'sallyport.outcome': outcome,
      'sallyport.era': event.era,
    },
    isError: outcome !== 'ok' && outcome !== 'cancelled' && outcome !== 'input-required',
    us: event.us,
    steps: event.steps,
  }
}

const DENIALS = new Set([
  'unauthenticated',
  'insufficient-scope',
  'not-found',
  'unknown-session',
  'rate-limited',
  'wrong-host',
  'wrong-origin',
])
const TARGET_LENGTH_MAX = 256

function eventOf(call: ReceivedCall, { outcome, status, bytesOut }: Outcome): AuditEvent {
  const { caller, endpoint, message, row } = call
  const target = row?.target === null || row === null || message === null ? '' : message.params[row.target]
  return {
    id: call.id,
    atMs: call.startedAtMs,
    tenant: endpoint?.tenant ?? caller?.tenant ?? 'default',
    kind: 'call',
    actorId: caller?.id ?? '',
    actorKind: caller?.kind ?? 'anonymous',
    actorName: caller?.name ?? '',
    endpoint: endpoint?.name ?? call.inbound.path.slice(0, TARGET_LENGTH_MAX),
    deployment: call.deployment,
    method: methodOf(call),
    target: typeof target === 'string' ? target.slice(0, TARGET_LENGTH_MAX) : '',
    era: call.speech?.era ?? '',
    verdict: DENIALS.has(outcome) || call.authorization === null ? 'deny' : 'allow',
    rule: call.authorization?.rule ?? '',
    outcome,
    status,
    bytesIn: call.inbound.body.length,
    bytesOut,
    us: Math.round((performance.now() - call.startedMark) * 1000),
    bodySha256: call.inbound.body.length === 0 ? '' : hash('sha256', call.inbound.body, 'hex'),
    steps: call.steps,
  }
}
