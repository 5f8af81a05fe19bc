import { LIMITS } from '#std/index.ts'
import type { ReceivedCall, ResolvedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import type { ListedItem } from './item-view.ts'
import { itemsOf, peekIn } from './list-items.ts'
import { serverOf } from './listed-names.ts'

/**
 * Finds a tool or prompt by its listed name; asks only the servers that could have it. Null when there is none. Throws the
 * problem of the server that the name says it belongs to, when that is why.
 */
export async function findListed(
  call: ResolvedCall,
  kind: 'tools' | 'prompts',
  name: string,
  gateway: GatewayState,
): Promise<ListedItem | null> {
  const { endpoint, startedAtMs } = call
  const peek = peekIn(gateway)
  const inMemory = itemsOf(kind, endpoint, peek).byName.get(name)
  if (inMemory !== undefined) return inMemory
  const server = endpoint.deployment === null ? serverOf(name) : endpoint.deployment.name
  const named = endpoint.sources.filter((source) => source.deployment.name === server)
  const asked = named.length > 0 ? named : endpoint.sources
  const deadlineAtMs = startedAtMs + LIMITS.listDeadlineMsDefault
  const states = await Promise.all(
    asked.map(({ deployment }) => gateway.catalogue.read(deployment, Math.min(deadlineAtMs, startedAtMs + deployment.deadlineMs), kind)),
  )
  const found = itemsOf(kind, endpoint, peek).byName.get(name)
  if (found !== undefined) return found
  const [state] = named.length > 0 ? states : []
  if (state !== undefined && state.problem !== null && state.catalogue === null) {
    const open: ReceivedCall = call
    open.deployment = named[0]!.deployment.name
    throw state.problem
  }
  return null
}
