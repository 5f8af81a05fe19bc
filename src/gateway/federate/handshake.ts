import { legacy, MODERN_VERSIONS } from '#protocol/index.ts'
import { LIMITS, newSecret } from '#std/index.ts'
import type { InspectedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import { serverInfo, writeResult } from './write-answer.ts'

/** What an endpoint of several deployments can do by itself: tools, and telling when they change. */
const FEDERATED_CAPABILITIES = { tools: { listChanged: true } }
/** What is passed on to a single deployment as it is; subscriptions and logging levels need a bridge of their own. */
const PASSED_CAPABILITIES = ['resources', 'prompts', 'completions'] as const

/** Answers `initialize` and gives the client a session that any process of this server can check. */
export async function initialize(call: InspectedCall, gateway: GatewayState): Promise<void> {
  const { message, endpoint, caller } = call
  const version = legacy.negotiateVersion(message.params['protocolVersion'])
  const result = {
    protocolVersion: version,
    capabilities: await capabilitiesOf(call, gateway),
    serverInfo: serverInfo(gateway),
    instructions: instructionsOf(call),
  }
  const token = gateway.seal.seal({
    tenant: endpoint.tenant,
    endpoint: endpoint.name,
    callerId: caller.id,
    version,
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
  writeResult(
    call,
    {
      supportedVersions: [...MODERN_VERSIONS],
      capabilities: await capabilitiesOf(call, gateway),
      instructions: instructionsOf(call),
      ttlMs: 0,
      cacheScope: 'private',
    },
    gateway,
  )
}

async function capabilitiesOf(call: InspectedCall, gateway: GatewayState): Promise<Record<string, unknown>> {
  const { deployment } = call.endpoint
  const upstream = deployment === null ? undefined : gateway.runtime.upstream(deployment.tenant, deployment.name)
  if (deployment === null || upstream === undefined) return FEDERATED_CAPABILITIES
  const { capabilities } = upstream.known() ?? (await upstream.describe(call.startedAtMs + deployment.startDeadlineMs))
  const passed: Record<string, unknown> = {}
  if (capabilities['tools'] !== undefined) passed['tools'] = { listChanged: true }
  for (const name of PASSED_CAPABILITIES) if (capabilities[name] !== undefined) passed[name] = {}
  return passed
}

function instructionsOf(call: InspectedCall): string {
  const { endpoint } = call
  if (endpoint.deployment !== null) return endpoint.description
  const names = endpoint.sources.map((source) => source.deployment.name)
  return `${endpoint.description}${endpoint.description === '' ? '' : ' '}Tools are named {server}__{tool}. Servers: ${names.join(', ') || 'none yet'}.`
}
