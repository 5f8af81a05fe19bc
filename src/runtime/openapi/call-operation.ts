import type { UpstreamAnswer, UpstreamRequest } from '../model.ts'
import { LIMITS } from '#std/index.ts'
import { buildRequest } from './build-request.ts'
import { ArgumentFault } from './encode-value.ts'
import { isObject, type JsonObject } from './model.ts'
import { failedResult, readResponse } from './read-response.ts'
import type { CallOptions, ReadyApi } from './ready-api.ts'
import { sendRequest, type SendOptions } from './send-request.ts'

const INVALID_PARAMS = -32602

/** Answers `tools/call`. Rejects with `upstream-failed`, and with whatever the signal was aborted with. */
export async function callOperation(
  api: ReadyApi,
  { params, traceparent }: UpstreamRequest,
  { onReached, ...options }: CallOptions,
  place: Pick<SendOptions, 'name' | 'egress'>,
): Promise<UpstreamAnswer> {
  const name = String(params['name']).slice(0, LIMITS.toolNameLengthMax)
  const operation = api.compiled.operations.get(name)
  if (operation === undefined) return { ok: false, error: { code: INVALID_PARAMS, message: `Unknown tool: ${name}` } }
  const given = params['arguments']
  const args: JsonObject = isObject(given) ? given : {}
  try {
    const request = buildRequest(operation, args, api.sender, api.credentialOf(operation))
    if (traceparent !== undefined && /^[0-9a-f-]{55}$/.test(traceparent)) request.headers['traceparent'] = traceparent
    const response = await sendRequest(request, { ...options, ...place, isTrusted: api.isTrusted })
    onReached()
    return { ok: true, result: readResponse(operation, response, { name: place.name, withoutSecrets: api.withoutSecrets }) }
  } catch (error) {
    // What the model can mend is told to the model (2026-07-28, server/tools, error handling).
    if (error instanceof ArgumentFault) return { ok: true, result: failedResult(`${error.message}.`) }
    throw error
  }
}
