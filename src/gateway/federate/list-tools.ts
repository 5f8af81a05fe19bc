import { mayUseTool } from '#policy/index.ts'
import { META } from '#protocol/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import { mark, type InspectedCall, type ResolvedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import type { CatalogueState } from './catalogue.ts'
import { viewOf, type LeftOut, type ListedTool } from './view.ts'
import { serverInfo, writeMessage } from './write-answer.ts'

/** A server whose tools are missing or old, for the client and for people. */
export interface ServerTrouble {
  readonly server: string
  readonly state: 'unavailable' | 'stale'
  readonly cause: string
  readonly remedy: string
  /** How old the catalogue is that was served instead. */
  readonly ageMs?: number
}

export interface ToolList {
  readonly tools: readonly ListedTool[]
  readonly trouble: readonly ServerTrouble[]
  readonly leftOut: readonly LeftOut[]
  readonly ttlMs: number
}

const TROUBLE_KEY = 'dev.sallyport/servers'
const LEFT_OUT_KEY = 'dev.sallyport/left-out'

/**
 * The tools that a caller may use here. Servers are asked side by side, each within its own deadline; one that does not
 * answer is named with cause and remedy while the others' tools are listed.
 */
export async function collectTools(call: ResolvedCall, gateway: GatewayState): Promise<ToolList> {
  const { endpoint, caller } = call
  const now = gateway.now()
  const states = await Promise.all(
    endpoint.sources.map(({ deployment }) =>
      gateway.catalogue.read(deployment, now + Math.min(deployment.deadlineMs, LIMITS.listDeadlineMsDefault)),
    ),
  )
  const view = viewOf(endpoint, (deployment) => gateway.catalogue.peek(deployment))
  const tools = caller.tools === null ? view.tools : view.tools.filter((tool) => mayUseTool(caller, tool.name))
  const trouble = states.flatMap((state, index) => troubleOf(endpoint.sources[index]!.deployment.name, state, gateway.now()))
  const ttlMs = Math.min(
    LIMITS.catalogueTtlMsDefault,
    ...states.map((state) => (state.problem === null ? (state.catalogue?.ttlMs ?? 0) : 0)),
  )
  return { tools, trouble, leftOut: view.leftOut, ttlMs }
}

function troubleOf(server: string, { catalogue, problem }: CatalogueState, nowMs: number): ServerTrouble[] {
  if (problem === null) return []
  const remedy = problem.remedy ?? `sallyport deployment show ${server}`
  if (catalogue === null) return [{ server, state: 'unavailable', cause: problem.message, remedy }]
  return [{ server, state: 'stale', cause: problem.message, remedy, ageMs: nowMs - catalogue.fetchedAtMs }]
}

/** Answers `tools/list` from the texts that the view keeps: 5,000 tools are joined, not serialised. */
export async function answerToolsList(call: InspectedCall, gateway: GatewayState): Promise<void> {
  if (call.message.params['cursor'] !== undefined)
    throw new Problem('invalid-params', 'There is no such page.', { remedy: 'Call tools/list without a cursor.' })
  const list = await collectTools(call, gateway)
  mark(call, 'forward', `${list.tools.length} tools`)
  const isModern = call.speech.era === 'modern'
  const meta: Record<string, unknown> = {}
  if (isModern) meta[META.serverInfo] = serverInfo(gateway)
  if (list.trouble.length > 0) meta[TROUBLE_KEY] = list.trouble
  if (list.leftOut.length > 0) meta[LEFT_OUT_KEY] = list.leftOut
  const result =
    `{"tools":[${list.tools.map((tool) => tool.json).join(',')}]` +
    (isModern ? `,"resultType":"complete","ttlMs":${list.ttlMs},"cacheScope":"private"` : '') +
    (Object.keys(meta).length === 0 ? '}' : `,"_meta":${JSON.stringify(meta)}}`)
  writeMessage(call, 'ok', `{"jsonrpc":"2.0","id":${JSON.stringify(call.message.id)},"result":${result}}`, gateway)
}
