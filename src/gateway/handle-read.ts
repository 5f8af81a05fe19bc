import { authorize as decide, EVERYTHING } from '#policy/index.ts'
import { asProblem, Problem } from '#std/index.ts'
import { mark, type ReceivedCall, type ResolvedCall } from './call.ts'
import { answer, refuse } from './conclude.ts'
import type { GatewayState } from './deps.ts'
import { openListenStream } from './federate/listen.ts'
import { identify, readSession, receive, resolve } from './handle.ts'
import { header, type Inbound, type Reply } from './http.ts'
import { relayExchange } from './relay/relay.ts'
import type { Route } from './route.ts'
import { resumeStream } from './sessions/call-stream.ts'
import { answerView } from './views/json-views.ts'

/**
 * The life of a request without a body: the JSON views, the event stream of a legacy session (`GET` with
 * `text/event-stream`) and its end (`DELETE`). The same outer steps in the same order as `handle`.
 */
export async function handleRead(inbound: Inbound, reply: Reply, route: Route, gateway: GatewayState): Promise<void> {
  const { method } = inbound
  if ((method !== 'GET' && method !== 'DELETE') || route.shape === 'invoke') {
    throw new Problem('method-not-allowed', `${method} is not taken here.`, { remedy: 'Use POST for messages and calls, GET to read.' })
  }
  const call = receive(inbound, reply, 'mcp', gateway)
  try {
    gateway.snapshots.assertFresh(call.startedAtMs)
    gateway.recorder.assertWritable()
    const resolved = resolve(identify(call, gateway), route, gateway)
    call.authorization = decide({ caller: resolved.caller, endpoint: resolved.endpoint, scope: 'mcp:list', tool: null })
    mark(call, 'authorize', call.authorization.rule)
    gateway.limiter.take(resolved.caller, inbound.remoteAddress, call.startedAtMs)
    mark(call, 'limit')
    await dispatch(call, resolved, route, gateway)
  } catch (error) {
    const problem = asProblem(error)
    if (problem.type === 'internal-error') gateway.log.error({ err: error, call: call.id }, 'a read failed unexpectedly')
    refuse(call, problem, gateway)
  }
}

async function dispatch(call: ReceivedCall, resolved: ResolvedCall, route: Route, gateway: GatewayState): Promise<void> {
  const wantsStream = (header(call.inbound, 'accept') ?? '').includes('text/event-stream')
  if (call.inbound.method === 'GET' && !wantsStream) {
    const view = route.view === 'openapi' ? 'openapi' : route.name === EVERYTHING ? 'overview' : 'entry'
    return await answerView(resolved, view, gateway)
  }
  call.speech = { era: 'legacy', envelope: null }
  call.session = readSession(resolved, gateway)
  if (call.session?.mode === 'relay') return await relayRead(call, gateway)
  if (call.inbound.method === 'GET') {
    const lastEventId = header(call.inbound, 'last-event-id')
    if (lastEventId === undefined || call.session === null) return openListenStream(call, gateway)
    return await resumeStream(call, lastEventId, gateway)
  }
  if (call.session === null)
    throw new Problem('session-required', 'DELETE ends a session, and this request names none.', { remedy: 'Send Mcp-Session-Id.' })
  gateway.endedSessions.set(call.session.nonce, true)
  gateway.bus.publish({ kind: 'session-ended', nonce: call.session.nonce })
  answer(call, 'ok', 200, [], '', gateway)
}

async function relayRead(call: ReceivedCall, gateway: GatewayState): Promise<void> {
  const { deployment } = call.endpoint!
  const upstream = deployment === null ? undefined : gateway.runtime.upstream(deployment.tenant, deployment.name)
  if (deployment === null || upstream === undefined || upstream.http === null)
    throw new Problem('unknown-session', 'There is no such session, or it has ended.', { remedy: 'Send initialize again.' })
  call.deployment = deployment.name
  const isStream = call.inbound.method === 'GET'
  await relayExchange(call, isStream ? 'GET' : 'DELETE', isStream ? 0 : deployment.deadlineMs, upstream, gateway)
}
