import { inspectRequestBody } from '#guard/index.ts'
import { authorize as decide, EVERYTHING, notFound, ruleForEndpoint } from '#policy/index.ts'
import { classify, idOf, problemOfFault, readMessage } from '#protocol/index.ts'
import { asProblem, newId, Problem } from '#std/index.ts'
import {
  mark,
  traceparentOf,
  type AnswerShape,
  type AuthorizedCall,
  type IdentifiedCall,
  type InspectedCall,
  type LimitedCall,
  type ReadCall,
  type ReceivedCall,
  type ResolvedCall,
} from './call.ts'
import { refuse } from './conclude.ts'
import type { GatewayState } from './deps.ts'
import { bindingOf } from './endpoints.ts'
import { forward } from './forward.ts'
import { header, type Inbound, type Reply } from './http.ts'
import { messageOfInvoke } from './views/invoke.ts'
import { methodRow } from './methods.ts'
import { isToolSearch, unwrapCallTool } from './search/meta-tools.ts'
import type { SessionClaims } from './sessions/session-seal.ts'

/**
 * The life of one MCP request. Each step takes what only the step before it can make, so that none can be left out;
 * whatever is refused on the way is recorded and answered in one place.
 */
export async function handle(
  inbound: Inbound,
  reply: Reply,
  target: { tenant: string; name: string; shape: AnswerShape },
  gateway: GatewayState,
): Promise<void> {
  const call = receive(inbound, reply, target.shape, gateway)
  try {
    gateway.snapshots.assertFresh(call.startedAtMs)
    gateway.recorder.assertWritable()
    const identified = identify(call, gateway)
    const resolved = resolve(identified, target, gateway)
    const read = readBody(resolved, gateway)
    const authorized = authorize(read)
    const limited = limit(authorized, gateway)
    const inspected = inspectCall(limited)
    await forward(inspected, gateway)
  } catch (error) {
    const problem = asProblem(error)
    if (problem.type === 'internal-error') gateway.log.error({ err: error, call: call.id }, 'a call failed unexpectedly')
    refuse(call, problem, gateway)
  }
}

export function receive(inbound: Inbound, reply: Reply, shape: AnswerShape, gateway: GatewayState): ReceivedCall {
  const startedAtMs = gateway.now()
  const startedMark = performance.now()
  return {
    inbound,
    reply,
    id: newId('evt', startedAtMs),
    shape,
    startedAtMs,
    startedMark,
    lastMark: startedMark,
    steps: [],
    caller: null,
    endpoint: null,
    message: null,
    speech: null,
    session: null,
    row: null,
    authorization: null,
    deployment: '',
    running: null,
    stream: null,
    trace: null,
    isConcluded: false,
  }
}

export function identify(call: ReceivedCall, gateway: GatewayState): IdentifiedCall {
  try {
    call.caller = gateway.authenticator.authenticate(header(call.inbound, 'authorization'), call.startedAtMs)
  } catch (error) {
    gateway.limiter.takeFailure(call.inbound.remoteAddress, call.startedAtMs)
    throw error
  } finally {
    mark(call, 'identify')
  }
  return call as IdentifiedCall
}

/** Finds the endpoint. One that exists and one that does not are told apart for nobody who may not use it (R5). */
export function resolve(call: IdentifiedCall, target: { tenant: string; name: string }, gateway: GatewayState): ResolvedCall {
  const { caller } = call
  if (caller.kind === 'anonymous' && target.name === EVERYTHING) throw unauthenticated()
  const endpoint = target.name === EVERYTHING ? gateway.endpoints.everything(caller) : gateway.endpoints.find(target.tenant, target.name)
  if (
    endpoint === undefined ||
    (target.name === EVERYTHING && caller.tenant !== target.tenant) ||
    ruleForEndpoint(caller, endpoint) === null
  ) {
    throw caller.kind === 'anonymous' ? unauthenticated() : notFound()
  }
  const open: ReceivedCall = call
  open.endpoint = endpoint
  mark(call, 'resolve')
  return call as ResolvedCall
}

/** Reads the body, which alone decides what is asked, and checks the headers against it (R2, R3). */
function readBody(call: ResolvedCall, gateway: GatewayState): ReadCall {
  const { inbound, endpoint } = call
  const contentType = header(inbound, 'content-type') ?? ''
  if (!/^application\/json\s*(?:;|$)/i.test(contentType)) {
    throw new Problem('unsupported-media-type', `The body must be application/json, not ${contentType.slice(0, 80) || 'without a type'}.`, {
      remedy: 'Send Content-Type: application/json.',
    })
  }
  if (call.shape === 'mcp') checkAccept(inbound)
  const parsed = inspectRequestBody(inbound.body)
  if (!parsed.ok) throw problemOfFault(parsed.error)
  const open: ReceivedCall = call
  const isLenient = endpoint.deployment?.headersMode === 'lenient'
  try {
    open.message = call.shape === 'invoke' ? messageOfInvoke(parsed.value) : readMessage(parsed.value)
    open.speech = call.shape === 'invoke' ? { era: 'legacy', envelope: null } : classify(open.message, inbound.headers, isLenient)
    // Headers were compared with what came; what is decided on is the call inside.
    if (endpoint.search) open.message = unwrapCallTool(open.message)
  } catch (error) {
    open.message ??= { kind: 'request', id: idOf(parsed.value) ?? '', method: '', params: {} }
    throw error
  }
  if (open.message.kind === 'notification' && methodRow(open.message.method) !== undefined) {
    throw new Problem('invalid-request', `${open.message.method} is a request and needs an id.`)
  }
  if (open.message.kind === 'request') {
    const row = methodRow(open.message.method)
    if (row === undefined || (row.era !== null && row.era !== open.speech.era))
      throw new Problem('unknown-method', `The method ${JSON.stringify(open.message.method.slice(0, 100))} is not known here.`)
    open.row = row
  }
  if (gateway.tracer !== null) open.trace = gateway.tracer.begin(traceparentOf(call), call.startedAtMs)
  open.session = readSession(call, gateway)
  return call as ReadCall
}

function checkAccept(inbound: Inbound): void {
  const accept = header(inbound, 'accept')
  if (accept === undefined || accept.includes('*/*')) return
  if (!accept.includes('application/json') || !accept.includes('text/event-stream')) {
    throw new Problem('not-acceptable', 'A client must accept application/json and text/event-stream.', {
      remedy: 'Send Accept: application/json, text/event-stream.',
    })
  }
}

/** Opens the sealed session of a legacy request. One of another caller or endpoint is as unknown as a made-up one (R19). */
export function readSession(call: ResolvedCall, gateway: GatewayState): ReceivedCall['session'] {
  const token = header(call.inbound, 'mcp-session-id')
  const { speech }: ReceivedCall = call
  if (token === undefined || speech?.era === 'modern') return null
  const claims = gateway.seal.open(token, call.startedAtMs)
  if (claims === null || !belongsHere(claims, call) || gateway.endedSessions.has(claims.nonce)) {
    throw new Problem('unknown-session', 'There is no such session, or it has ended.', { remedy: 'Send initialize again.' })
  }
  return claims
}

function belongsHere(claims: SessionClaims, { caller, endpoint }: ResolvedCall): boolean {
  if (claims.callerId !== caller.id || claims.tenant !== endpoint.tenant || claims.endpoint !== endpoint.name) return false
  return claims.mode === 'local' || claims.boundTo === bindingOf(endpoint)
}

function authorize(call: ReadCall): AuthorizedCall {
  const { caller, endpoint, message, row } = call
  const tool = row?.isTool === true && !isToolSearch(call) ? message.params['name'] : null
  if (tool !== null && typeof tool !== 'string') throw new Problem('invalid-params', 'params.name must be the name of a tool.')
  const open: ReceivedCall = call
  // A response answers a question of the server's: whoever gives it takes part in a call.
  const scope = message.kind === 'response' ? 'mcp:call' : (row?.scope ?? null)
  if (caller.tools !== null && row?.isForTools === false)
    throw new Problem('unknown-method', `This credential may use tools only, not ${message.method}.`)
  open.authorization = decide({ caller, endpoint, scope, tool })
  mark(call, 'authorize', open.authorization.rule)
  return call as AuthorizedCall
}

function limit(call: AuthorizedCall, gateway: GatewayState): LimitedCall {
  gateway.limiter.take(call.caller, call.inbound.remoteAddress, call.startedAtMs)
  mark(call, 'limit')
  return call as LimitedCall
}

/** What the body may contain was bounded when it was read; content detectors join here. */
function inspectCall(call: LimitedCall): InspectedCall {
  const { message } = call
  if (message.kind === 'request' && message.method === 'tools/call') {
    const given = message.params['arguments']
    if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given))) {
      throw new Problem('invalid-params', 'params.arguments must be an object.')
    }
  }
  mark(call, 'inspect-call')
  return call as InspectedCall
}

function unauthenticated(): Problem {
  return new Problem('unauthenticated', 'This address needs a credential.', {
    remedy: 'Send Authorization: Bearer KEY; `sallyport key create NAME` makes one.',
  })
}
