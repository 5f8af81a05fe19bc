import { Problem } from '#std/index.ts'
import type { InspectedCall, ReceivedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import { requireUpstream } from '../require-upstream.ts'
import { ask } from './ask.ts'
import { findListed } from './find-listed.ts'
import { openCursor, sealCursor } from './list-pages.ts'
import { routeTemplate, routeUri } from './route-uri.ts'
import { shaperOf, type Shaper } from './shape-result.ts'
import { writeRpcError } from './write-answer.ts'

// The methods that are about one thing of one server: its name or URI says which, and the answer comes back in the words of
// the endpoint.

const RESOURCE_NOT_FOUND = -32002

/** Answers `prompts/get`. */
export async function getPrompt(call: InspectedCall, gateway: GatewayState): Promise<void> {
  const { name, ...rest } = parametersOf(call)
  if (typeof name !== 'string') throw new Problem('invalid-params', 'params.name must be the name of a prompt.')
  const prompt = await findListed(call, 'prompts', name, gateway)
  if (prompt === null) throw unknownPrompt(name)
  const { prompt: shape } = shaperOf(call, prompt.deployment, gateway)
  await ask(call, requireUpstream(gateway.runtime, prompt.deployment), { params: { ...rest, name: prompt.upstreamName }, shape }, gateway)
}

/** Answers `resources/read`. */
export const readResource = (call: InspectedCall, gateway: GatewayState): Promise<void> =>
  askAboutUri(call, (shaper) => shaper.contents, gateway)

/** Answers `skills/get` (SEP-2640). */
export const getSkill = (call: InspectedCall, gateway: GatewayState): Promise<void> => askAboutUri(call, (shaper) => shaper.skill, gateway)

/** Answers `resources/directory/read` (SEP-2640); the cursor of the server goes out sealed. */
export async function readDirectory(call: InspectedCall, gateway: GatewayState): Promise<void> {
  const { uri } = call.message.params
  const method = `resources/directory/read ${String(uri)}`
  const cursor = openCursor(call, method, gateway)
  const shapeOf = (shaper: Shaper) => (result: Record<string, unknown>) => {
    const { nextCursor } = result
    const named = shaper.directory(result)
    return typeof nextCursor === 'string' ? { ...named, nextCursor: sealCursor(call, method, nextCursor, gateway) } : named
  }
  await askAboutUri(call, shapeOf, gateway, cursor === null ? {} : { cursor })
}

async function askAboutUri(
  call: InspectedCall,
  shapeOf: (shaper: Shaper) => (result: Record<string, unknown>) => Record<string, unknown>,
  gateway: GatewayState,
  over: Record<string, unknown> = {},
): Promise<void> {
  const { uri, ...rest } = parametersOf(call)
  if (typeof uri !== 'string') throw new Problem('invalid-params', 'params.uri must be a URI.')
  const routed = await routeUri(call, uri, gateway)
  if (routed === null) return refuseUri(call, uri, gateway)
  const shape = shapeOf(shaperOf(call, routed.deployment, gateway))
  const question = { params: { ...rest, ...over, uri: routed.uri }, shape }
  await ask(call, requireUpstream(gateway.runtime, routed.deployment), question, gateway)
}

/** Says that there is no such resource, in the manner of the client's era. */
export function refuseUri(call: ReceivedCall, uri: string, gateway: GatewayState): void {
  const data = { uri, remedy: 'resources/list and resources/templates/list show what there is.' }
  writeRpcError(call, { code: RESOURCE_NOT_FOUND, message: `No server of this endpoint has ${uri.slice(0, 500)}`, data }, gateway)
}

/** Answers `completion/complete`: the reference says whose argument is to be completed. */
export async function complete(call: InspectedCall, gateway: GatewayState): Promise<void> {
  const { ref, ...rest } = parametersOf(call)
  const { type, name, uri } = (typeof ref === 'object' && ref !== null ? ref : {}) as Record<string, unknown>
  if (type === 'ref/prompt' && typeof name === 'string') {
    const prompt = await findListed(call, 'prompts', name, gateway)
    if (prompt === null) throw unknownPrompt(name)
    const params = { ...rest, ref: { ...(ref as object), name: prompt.upstreamName } }
    return await ask(call, requireUpstream(gateway.runtime, prompt.deployment), { params }, gateway)
  }
  if (type === 'ref/resource' && typeof uri === 'string') {
    const routed = await routeTemplate(call, uri, gateway)
    if (routed === null) throw new Problem('invalid-params', `No server of this endpoint has ${uri.slice(0, 500)}`, { rpcData: { uri } })
    const params = { ...rest, ref: { ...(ref as object), uri: routed.uri } }
    return await ask(call, requireUpstream(gateway.runtime, routed.deployment), { params }, gateway)
  }
  throw new Problem('invalid-params', 'params.ref must be a ref/prompt with its name, or a ref/resource with its URI.')
}

/** What the client asks, without what belongs to the transport or to a retry. */
function parametersOf({ message }: InspectedCall): Record<string, unknown> {
  const { _meta: _, inputResponses: _given, requestState: _state, ...params } = message.params
  return params
}

function unknownPrompt(name: string): Problem {
  return new Problem('invalid-params', `Unknown prompt: ${name.slice(0, 200)}`, {
    remedy: 'prompts/list shows the prompts this endpoint offers.',
  })
}
