import { legacy, MODERN_VERSIONS } from '#protocol/index.ts'
import type { Era } from '#runtime/index.ts'
import { LIMITS, newSecret } from '#std/index.ts'
import type { InspectedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import type { Endpoint } from '../endpoints.ts'
import { readClient } from '../sessions/session-client.ts'
import { describeAll, TOOLS_ONLY, uniteCapabilities } from './capabilities.ts'
import { serverInfo, writeResult } from './write-answer.ts'

/** Answers `initialize` and gives the client a session that any process of this server can check. */
export async function initialize(call: InspectedCall, gateway: GatewayState): Promise<void> {
  const { message, endpoint, caller } = call
  const version = legacy.negotiateVersion(message.params['protocolVersion'])
  const { capabilities, instructions } = await introduce(call, 'legacy', gateway)
  const result = { protocolVersion: version, capabilities, serverInfo: serverInfo(gateway), instructions }
  const token = gateway.seal.seal({
    tenant: endpoint.tenant,
    endpoint: endpoint.name,
    callerId: caller.id,
    version,
    client: readClient(message.params, version),
    mode: 'local',
    boundTo: '',
    upstreamSession: null,
    nonce: newSecret().slice(0, 12),
    expiresAtMs: gateway.now() + LIMITS.sessionAgeMsMax,
  })
  writeResult(call, result, gateway, ['mcp-session-id', token])
}

/** Answers `server/discover` (2026-07-28, basic, discovery). */
export async function discover(call: InspectedCall, gateway: GatewayState): Promise<void> {
  const { capabilities, instructions, ttlMs } = await introduce(call, 'modern', gateway)
  // What a caller may use decides what is in it.
  const result = { supportedVersions: [...MODERN_VERSIONS], capabilities, instructions, ttlMs, cacheScope: 'private' }
  writeResult(call, result, gateway)
}

interface Introduction {
  readonly capabilities: Record<string, unknown>
  readonly instructions: string
  /** How long it can be believed: not at all while a server has not spoken. */
  readonly ttlMs: number
}

async function introduce(call: InspectedCall, era: Era, gateway: GatewayState): Promise<Introduction> {
  const { endpoint, caller } = call
  const { deployment, description } = endpoint
  if (deployment === null) {
    const instructions = instructionsOf(endpoint)
    if (caller.tools !== null) return { capabilities: TOOLS_ONLY, instructions, ttlMs: LIMITS.describedTtlMs }
    const described = await describeAll(endpoint, gateway)
    const ttlMs = described.isWhole ? LIMITS.describedTtlMs : 0
    return { capabilities: uniteCapabilities(described, era, true), instructions, ttlMs }
  }
  const upstream = gateway.runtime.upstream(deployment.tenant, deployment.name)
  if (upstream === undefined) return { capabilities: TOOLS_ONLY, instructions: description, ttlMs: 0 }
  const info = upstream.known() ?? (await upstream.describe(call.startedAtMs + deployment.startDeadlineMs))
  const capabilities = caller.tools === null ? uniteCapabilities({ infos: [info], isWhole: true }, era, false) : TOOLS_ONLY
  return { capabilities, instructions: info.instructions ?? description, ttlMs: LIMITS.describedTtlMs }
}

function instructionsOf({ description, sources, search }: Endpoint): string {
  const names = sources.map((source) => source.deployment.name)
  const tools = search ? 'search_tools finds tools, call_tool calls them' : 'Tools and prompts are named {server}__{name}'
  return `${description}${description === '' ? '' : ' '}${tools}. Servers: ${names.join(', ') || 'none yet'}.`
}
