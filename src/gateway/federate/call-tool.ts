import { unknownTool } from '#policy/index.ts'
import { modern } from '#protocol/index.ts'
import type { InspectedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import { requireUpstream } from '../require-upstream.ts'
import { ask } from './ask.ts'
import { findListed } from './find-listed.ts'
import { toolResultShape } from './tasks.ts'
import { argumentsOf, type ListedTool } from './view.ts'

/** Answers `tools/call` by the tool's deployment, in the neutral model. */
export async function callTool(call: InspectedCall, gateway: GatewayState): Promise<void> {
  const name = call.message.params['name'] as string
  const tool = await findTool(call, name, gateway)
  call.deployment = tool.deployment.name
  const given = call.message.params['arguments'] as Record<string, unknown> | undefined
  // Whoever found the tool by searching has not seen its annotations where a transport looks for them.
  if (call.speech.era === 'modern' && tool.paramHeaders.length > 0 && !call.endpoint.search)
    modern.checkParamHeaders(tool.paramHeaders, given, call.inbound.headers)
  const params: Record<string, unknown> = { name: tool.upstreamName, arguments: argumentsOf(tool, given) }
  const shape = toolResultShape(call, tool.deployment, gateway)
  await ask(call, requireUpstream(gateway.runtime, tool.deployment), { params, shape }, gateway)
}

async function findTool(call: InspectedCall, name: string, gateway: GatewayState): Promise<ListedTool> {
  const tool = await findListed(call, 'tools', name, gateway)
  if (tool === null) throw unknownTool(name)
  return tool as ListedTool
}
