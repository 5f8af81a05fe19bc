import { inspectResult } from '#guard/index.ts'
import { unknownTool } from '#policy/index.ts'
import { modern } from '#protocol/index.ts'
import type { Upstream, UpstreamRequest } from '#runtime/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import { mark, type InspectedCall, type ReceivedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import { requireUpstream } from '../require-upstream.ts'
import { serverOf, viewOf, type ListedTool } from './view.ts'
import { writeCancelled, writeNotification, writeResult, writeRpcError } from './write-answer.ts'

/** Answers `tools/call` by the tool's deployment, in the neutral model. */
export async function callTool(call: InspectedCall, gateway: GatewayState): Promise<void> {
  const name = call.message.params['name'] as string
  const tool = await findTool(call, name, gateway)
  call.deployment = tool.deployment.name
  const given = call.message.params['arguments'] as Record<string, unknown> | undefined
  if (call.speech.era === 'modern' && tool.paramHeaders.length > 0) modern.checkParamHeaders(tool.paramHeaders, given, call.inbound.headers)
  const params: Record<string, unknown> = {
    name: tool.upstreamName,
    arguments: tool.fixed === null ? (given ?? {}) : { ...given, ...tool.fixed },
  }
  await ask(call, requireUpstream(gateway.runtime, tool.deployment), params, gateway)
}

/** Sends a request to one upstream and its answer to the client: progress and log messages first, cancellation both ways. */
export async function ask(call: InspectedCall, upstream: Upstream, params: Record<string, unknown>, gateway: GatewayState): Promise<void> {
  call.deployment = upstream.deployment.name
  const { message, speech, reply } = call
  const meta = (message.params['_meta'] ?? {}) as Record<string, unknown>
  const progressToken = meta['progressToken']
  const passed = Object.fromEntries(Object.entries(meta).filter(([key]) => isPassed(key)))
  const traceparent = meta['traceparent'] ?? call.inbound.headers['traceparent']
  const { clientInfo = null, logLevel = null } = speech.envelope ?? {}
  const request: UpstreamRequest = {
    method: message.method,
    params: Object.keys(passed).length === 0 ? params : { ...params, _meta: passed },
    deadlineAtMs: call.startedAtMs + Math.min(upstream.deployment.deadlineMs, LIMITS.deadlineMsMax),
    ...(clientInfo === null ? {} : { clientInfo }),
    ...(logLevel === null ? {} : { logLevel, onLog: (entry) => writeNotification(call, 'notifications/message', entry) }),
    ...(typeof traceparent === 'string' ? { traceparent } : {}),
    ...(progressToken === undefined
      ? {}
      : { onProgress: (progress) => writeNotification(call, 'notifications/progress', { ...progress, progressToken }) }),
  }
  const pending = upstream.request(request)
  let isCancelled = false
  const cancel = (reason: string): void => {
    isCancelled = true
    pending.cancel(reason)
  }
  reply.onGone(() => cancel('the client has gone'))
  call.running = { cancel: () => cancel('the right to it has ended') }
  const key = cancelKey(call, message.id)
  const forget = key === null ? null : gateway.inFlight.register(key, () => cancel('the client cancelled'))
  try {
    const answered = await pending.answer
    mark(call, 'forward', answered.ok ? undefined : `error ${answered.error.code}`)
    if (answered.ok) {
      inspectResult(answered.result)
      mark(call, 'inspect-result')
      writeResult(call, answered.result, gateway)
    } else if (call.shape === 'invoke') throw problemOfRpcError(upstream, answered.error)
    else writeRpcError(call, answered.error, gateway)
  } catch (error) {
    if (!isCancelled) throw error
    writeCancelled(call, gateway)
  } finally {
    forget?.()
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

/** Finds a tool by its listed name; asks only the servers that could have it. */
async function findTool(call: InspectedCall, name: string, gateway: GatewayState): Promise<ListedTool> {
  const { endpoint } = call
  const inMemory = viewOf(endpoint, (deployment) => gateway.catalogue.peek(deployment)).byName.get(name)
  if (inMemory !== undefined) return inMemory
  const server = endpoint.kind === 'deployment' ? endpoint.name : serverOf(name)
  const named = endpoint.sources.filter((source) => source.deployment.name === server)
  const asked = named.length > 0 ? named : endpoint.sources
  const deadlineAtMs = call.startedAtMs + LIMITS.listDeadlineMsDefault
  const states = await Promise.all(
    asked.map(({ deployment }) => gateway.catalogue.read(deployment, Math.min(deadlineAtMs, call.startedAtMs + deployment.deadlineMs))),
  )
  const found = viewOf(endpoint, (deployment) => gateway.catalogue.peek(deployment)).byName.get(name)
  if (found !== undefined) return found
  const [state] = named.length > 0 ? states : []
  if (state !== undefined && state.problem !== null && state.catalogue === null) {
    call.deployment = named[0]!.deployment.name
    throw state.problem
  }
  throw unknownTool(name)
}

function problemOfRpcError(upstream: Upstream, error: { code: number; message: string }): Problem {
  if (error.code === -32602) return new Problem('invalid-params', error.message.slice(0, 500))
  return new Problem('upstream-failed', `${upstream.deployment.name} answered: ${error.message.slice(0, 500)}`, {
    extensions: { rpcCode: error.code },
  })
}
