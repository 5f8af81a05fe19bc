import type { DeploymentRecord } from '#runtime/index.ts'
import type { Endpoint } from '../endpoints.ts'
import type { ListCatalogue } from './catalogue.ts'
import {
  isPrintable,
  isSameCatalogues,
  jsonOf,
  unprintable,
  uniteOffers,
  type ItemView,
  type LeftOut,
  type ListedItem,
  type Offered,
  type PeekCatalogue,
} from './item-view.ts'
import { kindRow, type ListKind } from './list-kinds.ts'
import { qualifyUri } from './qualified-uri.ts'
import { createUriOwners, type ItemsOf, type SpaceKind, type UriOwners } from './uri-owners.ts'
import { newStepBudget } from './uri-template.ts'

/** The resources, templates and skills of an endpoint, given the catalogues at hand, and whose their URIs are. */
export interface ResourceSpace {
  readonly owners: UriOwners
  readonly resources: ItemView
  readonly templates: ItemView
  readonly skills: ItemView
}

export const SPACE_KINDS = ['resources', 'templates', 'skills'] as const satisfies readonly ListKind[]

const spaces = new WeakMap<Endpoint, { catalogues: readonly (ListCatalogue | null)[]; space: ResourceSpace }>()

/** The space of an endpoint; compiled anew only when one of its catalogues is another. */
export function spaceOf(endpoint: Endpoint, peek: PeekCatalogue): ResourceSpace {
  const catalogues = SPACE_KINDS.flatMap((kind) => endpoint.sources.map(({ deployment }) => peek(deployment, kind)))
  const known = spaces.get(endpoint)
  if (known !== undefined && isSameCatalogues(known.catalogues, catalogues)) return known.space
  const itemsOf: ItemsOf = (kind, source) => catalogues[SPACE_KINDS.indexOf(kind) * endpoint.sources.length + source]?.items ?? []
  const owners = createUriOwners(endpoint, itemsOf)
  const space: ResourceSpace = {
    owners,
    resources: unite('resources', endpoint, owners, itemsOf),
    templates: unite('templates', endpoint, owners, itemsOf),
    skills: unite('skills', endpoint, owners, itemsOf),
  }
  spaces.set(endpoint, { catalogues, space })
  return space
}

function unite(kind: SpaceKind, endpoint: Endpoint, owners: UriOwners, itemsOf: ItemsOf): ItemView {
  const offers = endpoint.sources.map(({ deployment }, source) => offer(kind, deployment, owners, itemsOf(kind, source)))
  return uniteOffers(offers, (item) => ({
    server: item.deployment.name,
    [kindRow(kind).singular]: item.upstreamName,
    cause: 'It is listed twice.',
    remedy: 'The publisher of the server must list it once.',
  }))
}

function offer(kind: SpaceKind, deployment: DeploymentRecord, owners: UriOwners, listed: readonly Record<string, unknown>[]): Offered {
  const { key, singular } = kindRow(kind)
  const items: ListedItem[] = []
  const leftOut: LeftOut[] = []
  for (const item of listed) {
    const upstreamName = item[key] as string
    if (!isPrintable(upstreamName)) {
      leftOut.push(unprintable(deployment.name, singular, upstreamName))
      continue
    }
    const owner = owners.listedAs(kind, deployment, upstreamName)
    if (owner === null) leftOut.push(unreadable(deployment, singular, upstreamName))
    else if ('takenBy' in owner) leftOut.push(takenUri(deployment, singular, upstreamName, owner.takenBy))
    else {
      const definition = definitionOf(kind, deployment, owners, item, owner.text)
      items.push({ name: owner.text, deployment, upstreamName, definition, json: jsonOf(definition) })
    }
  }
  return { items, leftOut }
}

function definitionOf(
  kind: SpaceKind,
  deployment: DeploymentRecord,
  owners: UriOwners,
  item: Record<string, unknown>,
  text: string,
): Record<string, unknown> {
  if (kind === 'skills') return nameSkill(item, (uri) => owners.nameOf(deployment, uri, newStepBudget()).uri)
  const { key } = kindRow(kind)
  return item[key] === text ? item : { ...item, [key]: text }
}

/**
 * A skill with its URIs in the words of the endpoint. Everything else stays: what `SKILL.md` says of itself is checked
 * against the file (SEP-2640).
 */
export function nameSkill(skill: Record<string, unknown>, nameUri: (uri: string) => string): Record<string, unknown> {
  const { uri, resources } = skill
  const named = typeof uri === 'string' ? nameUri(uri) : uri
  if (named === uri) return skill
  if (!Array.isArray(resources)) return { ...skill, uri: named }
  const files = (resources as unknown[]).map((file) => {
    const own = typeof file === 'object' && file !== null ? (file as Record<string, unknown>)['uri'] : undefined
    return typeof own === 'string' ? { ...(file as object), uri: nameUri(own) } : file
  })
  return { ...skill, uri: named, resources: files }
}

function unreadable({ name }: DeploymentRecord, singular: string, text: string): LeftOut {
  return {
    server: name,
    [singular]: text,
    cause: 'It does not begin with the scheme of a URI, or is no URI template (RFC 6570).',
    remedy: `The publisher of the server must mend it; until then use /mcp/${name}.`,
  }
}

function takenUri(deployment: DeploymentRecord, singular: string, text: string, takenBy: DeploymentRecord): LeftOut {
  const proposed = qualifyUri(deployment.name, text)
  return {
    server: deployment.name,
    [singular]: text,
    cause: `${text} is offered by ${takenBy.name}, which comes first.`,
    remedy: proposed === null ? `Use /mcp/${deployment.name}.` : `Name it by its server: ${proposed}.`,
  }
}
