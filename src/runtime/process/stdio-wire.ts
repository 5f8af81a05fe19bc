import { META } from '#protocol/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import type { Era, InputRequest, InputRequired, RpcError, UpstreamAnswer, UpstreamRequest } from '../model.ts'
import { declaresTasks, INPUT_CALLS, isDeclared, isInputMethod, isObject } from './declared-input.ts'

type Json = Record<string, unknown>

const INTERNAL_CODE = -32603
/** 2025-11-25, client/elicitation, URL elicitation required. */
const URL_ELICITATION_REQUIRED = -32042

/** The parameters with the envelope of the era (2026-07-28, basic, _meta) and a progress token of ours. */
export function wireParams(request: UpstreamRequest, id: number, era: Era, protocolVersion: string, clientInfo: Json): Json {
  const passed = request.params['_meta']
  const meta: Json = isObject(passed) ? { ...passed } : {}
  delete meta['progressToken']
  if (request.onProgress !== undefined) meta['progressToken'] = id
  if (request.traceparent !== undefined) meta['traceparent'] = request.traceparent
  let { params } = request
  if (era === 'modern' && request.method !== 'initialize') {
    meta[META.protocolVersion] = protocolVersion
    meta[META.clientCapabilities] = request.clientCapabilities ?? {}
    meta[META.clientInfo] = request.clientInfo ?? clientInfo
    if (request.logLevel !== undefined) meta[META.logLevel] = request.logLevel
    if (request.given !== undefined) {
      const { responses, state } = request.given
      params = { ...params, inputResponses: responses, ...(state === null ? {} : { requestState: state }) }
    }
  }
  return Object.keys(meta).length === 0 ? params : { ...params, _meta: meta }
}

/** A response in the neutral model. Throws `upstream-failed` for one that the request did not allow. */
export function readAnswer(name: string, message: Json, request: UpstreamRequest, era: Era): UpstreamAnswer {
  const { result, error } = message
  if (isObject(result)) return era === 'modern' ? readModern(name, result, request) : { ok: true, result: withoutLegacy(result, request) }
  if (!isObject(error))
    return { ok: false, error: { code: INTERNAL_CODE, message: 'The server answered with something that is not an object.' } }
  const rpcError: RpcError = {
    code: typeof error['code'] === 'number' ? error['code'] : INTERNAL_CODE,
    message: typeof error['message'] === 'string' ? error['message'] : 'The server gave no message.',
    ...(error['data'] === undefined ? {} : { data: error['data'] }),
  }
  const input = era === 'legacy' && rpcError.code === URL_ELICITATION_REQUIRED ? readElicitations(rpcError.data, request) : null
  return input === null ? { ok: false, error: rpcError } : { ok: 'input', input }
}

/** Results say whether they are complete (2026-07-28, basic, result types); older ones are. */
function readModern(name: string, result: Json, request: UpstreamRequest): UpstreamAnswer {
  const { resultType, ...rest } = result
  if (resultType === undefined) return { ok: true, result }
  if (resultType === 'complete') return { ok: true, result: rest }
  const capabilities = request.clientCapabilities ?? {}
  if (resultType === 'task' && request.method === 'tools/call' && declaresTasks(capabilities)) return { ok: true, result }
  if (resultType === 'input_required' && INPUT_CALLS.has(request.method)) {
    return { ok: 'input', input: readInputRequired(name, result, capabilities) }
  }
  throw broken(name, `answered ${request.method} with a kind of result that was not asked for`)
}

function readInputRequired(
  name: string,
  { inputRequests: wanted = {}, requestState: state = null }: Json,
  capabilities: Json,
): InputRequired {
  if (!isObject(wanted) || (state !== null && typeof state !== 'string')) throw broken(name, 'asks for input in a form that cannot be read')
  if (state !== null && JSON.stringify(state).length > LIMITS.upstreamStateBytesMax) {
    throw broken(name, `asks for input with a state of more than ${LIMITS.upstreamStateBytesMax} bytes`)
  }
  const entries = Object.entries(wanted)
  if (entries.length === 0 && state === null) throw broken(name, 'asks for input without saying which')
  if (entries.length > LIMITS.serverRequestsMax) throw broken(name, `asks for more than ${LIMITS.serverRequestsMax} things at once`)
  const requests: [string, InputRequest][] = entries.map(([key, value]) => {
    const { method, params = {} } = isObject(value) ? value : {}
    if (!isInputMethod(method) || !isObject(params)) throw broken(name, 'asks for input that no client has')
    const request = { method, params }
    if (!isDeclared(capabilities, request)) throw broken(name, `asks for ${method} in a way that the client of this call did not declare`)
    return [key, request]
  })
  return { requests: Object.fromEntries(requests), state }
}

const broken = (name: string, what: string): Problem =>
  new Problem('upstream-failed', `${name} ${what}.`, { remedy: `Report it to whoever makes ${name}: it does not keep to the protocol.` })

/** A legacy result means nothing by `resultType`; tasks of that era are not offered to anybody. */
function withoutLegacy(result: Json, { method }: UpstreamRequest): Json {
  const { resultType: _, ...rest } = result
  return method === 'tools/list' && Array.isArray(rest['tools']) ? { ...rest, tools: rest['tools'].map(withoutTasks) } : rest
}

function withoutTasks(tool: unknown): unknown {
  if (!isObject(tool)) return tool
  const { execution, ...rest } = tool
  if (!isObject(execution) || execution['taskSupport'] === undefined) return tool
  const { taskSupport: _, ...kept } = execution
  return Object.keys(kept).length === 0 ? rest : { ...rest, execution: kept }
}

/** URLs that the server wants visited before the same call is made again: nothing is kept for it meanwhile. */
function readElicitations(data: unknown, { method, clientCapabilities = {} }: UpstreamRequest): InputRequired | null {
  const wanted = isObject(data) && Array.isArray(data['elicitations']) ? (data['elicitations'] as unknown[]) : []
  if (!INPUT_CALLS.has(method) || wanted.length === 0 || wanted.length > LIMITS.serverRequestsMax) return null
  const requests: [string, InputRequest][] = []
  for (const params of wanted) {
    if (!isObject(params) || typeof params['url'] !== 'string') return null
    const request = legacyInput('elicitation/create', { ...params, mode: 'url' })
    if (!isDeclared(clientCapabilities, request)) return null
    requests.push([`url-${requests.length + 1}`, request])
  }
  return { requests: Object.fromEntries(requests), state: null }
}

/** A request of a legacy server as it is asked further: without its envelope, tasks, and names for what never comes. */
export function legacyInput(method: InputRequest['method'], params: Json): InputRequest {
  const { _meta: _envelope, task: _task, elicitationId: _id, ...rest } = params
  return { method, params: rest }
}
