import { inspectResult } from '#guard/index.ts'
import type { InputGiven, InputRequired, PendingAnswer, Upstream, UpstreamAnswer, UpstreamRequest } from '#runtime/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import { mark, traceparentOf, type InspectedCall, type ReceivedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import { askClient } from './ask-client.ts'
import { clientOf, principalOf } from './client-of.ts'
import { writeCancelled, writeInputRequired, writeNotification, writeResult, writeRpcError } from './write-answer.ts'

/** What one upstream is asked for a call. */
export interface Question {
  /** Default: the method of the call. */
  readonly method?: string
  /** In the names of the upstream, without the envelope. */
  readonly params: Record<string, unknown>
  /** Puts a result into the names of the endpoint. Default: as it is. */
  readonly shape?: (result: Record<string, unknown>) => Record<string, unknown>
}

/**
 * Sends a request to one upstream and its answer to the client: progress and log messages first, cancellation both ways.
 * What the server asks for on the way goes to the client in the manner of its era: a modern one gets the question as the
 * result and calls again, a legacy one is asked on the stream of its call.
 */
export async function ask(call: InspectedCall, upstream: Upstream, question: Question, gateway: GatewayState): Promise<void> {
  call.deployment = upstream.deployment.name
  const { revision } = gateway.endpoints
  const cached = gateway.results.find(call, upstream, question.params, revision)
  if (cached !== null) {
    mark(call, 'forward', 'from the cache')
    const { result, ttlMs } = cached
    return writeResult(call, { ...(question.shape?.(result) ?? result), ttlMs }, gateway)
  }
  const { message, reply } = call
  const asking: Asking = { pending: null, cancelled: null }
  const cancel = (reason: string): void => {
    asking.cancelled = reason
    asking.pending?.cancel(reason)
  }
  // One that can come back for the answer has not given it up.
  reply.onGone(() => (call.stream === null ? cancel('the client has gone') : undefined))
  call.running = { cancel: () => cancel('the right to it has ended') }
  const key = cancelKey(call, message.id)
  const forget = key === null ? null : gateway.inFlight.register(key, () => cancel('the client cancelled'))
  try {
    const answered = await answerOf(call, upstream, question, asking, gateway)
    mark(call, 'forward', noteOf(answered))
    if (answered.ok === false) {
      if (call.shape === 'invoke') throw problemOfRpcError(upstream, answered.error)
      writeRpcError(call, answered.error, gateway)
      return
    }
    if (answered.ok === 'input') {
      const state = gateway.requestStates.wrap(call, upstream.deployment, answered.input.state)
      writeInputRequired(call, answered.input.requests, state, gateway)
      return
    }
    inspectResult(answered.result)
    mark(call, 'inspect-result')
    gateway.results.keep(call, upstream, question.params, revision, answered.result)
    writeResult(call, question.shape?.(answered.result) ?? answered.result, gateway)
  } catch (error) {
    if (asking.cancelled === null) throw error
    writeCancelled(call, gateway)
  } finally {
    forget?.()
  }
}

interface Asking {
  pending: PendingAnswer | null
  /** Why, when nobody waits for the call any more. */
  cancelled: string | null
}

/** Asks until there is an answer, or input that only a retry can bring. */
async function answerOf(
  call: InspectedCall,
  upstream: Upstream,
  question: Question,
  asking: Asking,
  gateway: GatewayState,
): Promise<UpstreamAnswer> {
  let given = givenBy(call, upstream, gateway)
  for (let round = 0; ; round++) {
    asking.pending = upstream.request(requestOf(call, upstream, question, given, gateway))
    const answered = await asking.pending.answer
    if (answered.ok !== 'input' || call.speech.era === 'modern') return answered
    if (round >= LIMITS.inputRoundsMax)
      throw new Problem('upstream-failed', `${upstream.deployment.name} asked for input more than ${LIMITS.inputRoundsMax} times.`)
    const { input } = answered
    given = await inputFrom(call, upstream, input, asking, gateway).catch((error: unknown) => {
      // Whoever waits at the server learns that nobody will answer.
      const again = requestOf(call, upstream, question, { responses: {}, state: input.state }, gateway)
      if (input.state !== null) giveUp(upstream.request(again))
      throw error
    })
  }
}

function giveUp(pending: PendingAnswer): void {
  pending.answer.catch(() => {})
  pending.cancel('nobody answered the question')
}

async function inputFrom(
  call: InspectedCall,
  upstream: Upstream,
  { requests, state }: InputRequired,
  asking: Asking,
  gateway: GatewayState,
): Promise<InputGiven> {
  const { session } = call
  if (call.shape === 'invoke' || session === null || session.mode !== 'local') {
    throw new Problem('missing-capability', `${upstream.deployment.name} asks for input, and nobody can be asked here.`, {
      remedy: 'Call it from an MCP client that can answer, in a session.',
    })
  }
  const asked = askClient(call, session.nonce, requests, gateway)
  asking.pending = { answer: new Promise(() => {}), cancel: (reason) => asked.abandon(reason) }
  return { responses: await asked.responses, state }
}

/** The requests in whose course a server may ask (2026-07-28, basic/patterns/mrtr). */
const MAY_ASK: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read'])

/** What a modern client brings back on a retry. A state that is there must be one of ours for exactly this call. */
function givenBy(call: InspectedCall, upstream: Upstream, gateway: GatewayState): InputGiven | null {
  const { inputResponses, requestState } = call.message.params
  if (call.speech.era !== 'modern' || !MAY_ASK.has(call.message.method)) return null
  if (inputResponses === undefined && requestState === undefined) return null
  if (inputResponses !== undefined && !isObject(inputResponses))
    throw new Problem('invalid-params', 'params.inputResponses must be an object.')
  if (requestState !== undefined && typeof requestState !== 'string')
    throw new Problem('invalid-params', 'params.requestState must be a text.')
  const state = requestState === undefined ? null : gateway.requestStates.unwrap(call, upstream.deployment, requestState)
  return { responses: inputResponses ?? {}, state }
}

function requestOf(
  call: InspectedCall,
  upstream: Upstream,
  { method, params }: Question,
  given: InputGiven | null,
  gateway: GatewayState,
): UpstreamRequest {
  const { message } = call
  const meta = (message.params['_meta'] ?? {}) as Record<string, unknown>
  const progressToken = meta['progressToken']
  const passed = Object.fromEntries(Object.entries(meta).filter(([key]) => isPassed(key)))
  const traceparent = call.trace?.traceparent ?? traceparentOf(call)
  const { info, capabilities, logLevel } = clientOf(call, gateway)
  return {
    method: method ?? message.method,
    params: Object.keys(passed).length === 0 ? params : { ...params, _meta: passed },
    deadlineAtMs: gateway.now() + Math.min(upstream.deployment.deadlineMs, LIMITS.deadlineMsMax),
    principal: principalOf(call),
    clientCapabilities: capabilities,
    ...(given === null ? {} : { given }),
    ...(info === null ? {} : { clientInfo: info }),
    ...(logLevel === null ? {} : { logLevel, onLog: (entry) => writeNotification(call, 'notifications/message', entry, gateway) }),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(progressToken === undefined
      ? {}
      : { onProgress: (progress) => writeNotification(call, 'notifications/progress', { ...progress, progressToken }, gateway) }),
  }
}

/**
 * What a cancellation names: the session and the id of the request. Outside a session nobody can prove that a request is
 * theirs: such a call is cancelled by closing it.
 */
export function cancelKey({ session, shape }: ReceivedCall, id: unknown): string | null {
  return session === null || shape === 'invoke' ? null : `${session.nonce} ${typeof id} ${String(id)}`
}

/** `_meta` keys of the envelope and of ours stay here; what else a client says travels on. */
function isPassed(key: string): boolean {
  return (
    key !== 'progressToken' && key !== 'traceparent' && !key.startsWith('io.modelcontextprotocol/') && !key.startsWith('dev.sallyport/')
  )
}

function noteOf(answered: UpstreamAnswer): string | undefined {
  if (answered.ok === false) return `error ${answered.error.code}`
  return answered.ok === 'input'
    ? `asks for ${[...new Set(Object.values(answered.input.requests).map(({ method }) => method))].join(', ')}`
    : undefined
}

function problemOfRpcError(upstream: Upstream, error: { code: number; message: string }): Problem {
  if (error.code === -32602) return new Problem('invalid-params', error.message.slice(0, 500))
  return new Problem('upstream-failed', `${upstream.deployment.name} answered: ${error.message.slice(0, 500)}`, {
    extensions: { rpcCode: error.code },
  })
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
