import type { ResolvedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import type { LeftOut } from './item-view.ts'
import { collect, peekIn, type ServerTrouble } from './list-items.ts'
import { viewOf, type ListedTool } from './view.ts'

export interface ToolList {
  readonly tools: readonly ListedTool[]
  /** Those of the endpoint, whoever asks: one list as long as the catalogues are the same. */
  readonly all: readonly ListedTool[]
  readonly trouble: readonly ServerTrouble[]
  readonly leftOut: readonly LeftOut[]
  readonly ttlMs: number
}

/** The tools that a caller may use here. */
export async function collectTools(call: ResolvedCall, gateway: GatewayState): Promise<ToolList> {
  const { items, trouble, leftOut, ttlMs } = await collect(call, 'tools', gateway)
  const peek = peekIn(gateway)
  const all = viewOf(call.endpoint, (deployment) => peek(deployment, 'tools')).items
  return { tools: items as readonly ListedTool[], all, trouble, leftOut, ttlMs }
}
