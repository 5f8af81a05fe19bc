import { mark, type ResolvedCall } from '../call.ts'
import { answer } from '../conclude.ts'
import type { GatewayState } from '../deps.ts'
import type { Endpoint } from '../endpoints.ts'
import { collect, type ItemList, type ServerTrouble } from '../federate/list-items.ts'
import { kindRow, LIST_KIND_NAMES, type ListKind } from '../federate/list-kinds.ts'
import { collectTools } from '../federate/list-tools.ts'
import { openApiOf } from './openapi.ts'

const JSON_HEADERS = ['content-type', 'application/json', 'cache-control', 'no-store'] as const

/** `GET /mcp`: what this caller may use. `GET /mcp/{name}`: one of them with what it offers. */
export async function answerView(call: ResolvedCall, view: 'overview' | 'entry' | 'openapi', gateway: GatewayState): Promise<void> {
  const body =
    view === 'overview'
      ? overview(call, gateway)
      : view === 'entry'
        ? await entry(call, gateway)
        : openApiOf(call.endpoint, (await collectTools(call, gateway)).tools, gateway.server)
  mark(call, 'forward', view)
  answer(call, 'ok', 200, JSON_HEADERS, JSON.stringify(body), gateway)
}

function overview(call: ResolvedCall, gateway: GatewayState): unknown {
  return { servers: gateway.endpoints.usable(call.caller).map((endpoint) => summary(endpoint, gateway)) }
}

/** A credential that is restricted to some tools sees these and nothing else. */
async function entry(call: ResolvedCall, gateway: GatewayState): Promise<unknown> {
  const { endpoint, caller } = call
  const kinds: readonly ListKind[] = caller.tools === null ? LIST_KIND_NAMES : ['tools']
  const lists = await Promise.all(kinds.map((kind) => collect(call, kind, gateway)))
  return {
    ...summary(endpoint, gateway),
    ...Object.fromEntries(kinds.map((kind, index) => [kindRow(kind).member, lists[index]!.items.map(({ definition }) => definition)])),
    unavailable: troubleOf(lists),
    leftOut: lists.flatMap(({ leftOut }) => leftOut),
    openapi: `${gateway.server.publicUrl}${endpoint.path}/openapi.json`,
  }
}

/** Each server once, however many of its lists are missing. */
function troubleOf(lists: readonly ItemList[]): ServerTrouble[] {
  const byServer = new Map<string, ServerTrouble>()
  for (const trouble of lists.flatMap((list) => list.trouble)) if (!byServer.has(trouble.server)) byServer.set(trouble.server, trouble)
  return [...byServer.values()]
}

function summary(endpoint: Endpoint, gateway: GatewayState): Record<string, unknown> {
  const { name, title, description, kind, path } = endpoint
  return { name, title, description, kind, endpoint: gateway.server.publicUrl + path, status: statusOf(endpoint, gateway) }
}

/** `ready` when all deployments are, `degraded` when some are, else the state of the first. */
function statusOf(endpoint: Endpoint, gateway: GatewayState): string {
  const states = endpoint.sources.map(
    ({ deployment }) => gateway.runtime.upstream(deployment.tenant, deployment.name)?.status().state ?? 'stopped',
  )
  if (states.length === 0) return 'empty'
  if (states.every((state) => state === 'ready')) return 'ready'
  return states.includes('ready') ? 'degraded' : states[0]!
}
