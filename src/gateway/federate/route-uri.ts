import type { Caller } from '#identity/index.ts'
import type { DeploymentRecord } from '#runtime/index.ts'
import type { GatewayState } from '../deps.ts'
import type { Endpoint } from '../endpoints.ts'
import { peekIn, refresh } from './list-items.ts'
import { SPACE_KINDS, spaceOf } from './resource-space.ts'
import type { RoutedUri } from './uri-owners.ts'

/** Who asks, and at which address. */
export interface Asker {
  readonly caller: Caller
  readonly endpoint: Endpoint
}

/**
 * The server that a URI leads to at this address, and the URI in its words; null when it leads nowhere. What is not known is
 * looked for in the lists of all servers; then the caller's own memory counts, and a server that is the only one to have
 * resources gets what no list has.
 */
export async function routeUri({ caller, endpoint }: Asker, uri: string, gateway: GatewayState): Promise<RoutedUri | null> {
  const known = spaceOf(endpoint, peekIn(gateway)).owners.find(uri)
  if (known !== null) return known
  await refreshUris(endpoint, gateway)
  const found = spaceOf(endpoint, peekIn(gateway)).owners.find(uri)
  if (found !== null) return found
  const mentionedBy = gateway.mentions.deploymentOf(caller, endpoint, uri)
  const deployment =
    endpoint.sources.find((source) => source.deployment.id === mentionedBy)?.deployment ?? onlyWithResources(endpoint, gateway)
  return deployment === null ? null : { deployment, uri }
}

/** The same for what completion refers to: the template of a resource, or a URI. */
export async function routeTemplate(asker: Asker, template: string, gateway: GatewayState): Promise<RoutedUri | null> {
  const { endpoint } = asker
  const known = spaceOf(endpoint, peekIn(gateway)).owners.findTemplate(template)
  if (known !== null) return known
  await refreshUris(endpoint, gateway)
  return spaceOf(endpoint, peekIn(gateway)).owners.findTemplate(template) ?? (await routeUri(asker, template, gateway))
}

async function refreshUris(endpoint: Endpoint, gateway: GatewayState): Promise<void> {
  await Promise.all(SPACE_KINDS.map((kind) => refresh(endpoint, kind, gateway)))
}

function onlyWithResources({ sources }: Endpoint, { runtime }: GatewayState): DeploymentRecord | null {
  const having = sources.filter(({ deployment: { tenant, name } }) => {
    const info = runtime.upstream(tenant, name)?.known()
    // Of one that has not said anything yet nobody knows.
    return info === undefined || info === null || info.capabilities['resources'] !== undefined
  })
  return having.length === 1 ? having[0]!.deployment : null
}
