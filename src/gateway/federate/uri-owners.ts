import type { DeploymentRecord } from '#runtime/index.ts'
import type { Endpoint } from '../endpoints.ts'
import type { ListKind } from './list-kinds.ts'
import { isPrivateUri, isSharedUri, qualifyUri, readQualified } from './qualified-uri.ts'
import { newStepBudget, parseUriTemplate, type StepBudget, type UriTemplate } from './uri-template.ts'

export type SpaceKind = Extract<ListKind, 'resources' | 'templates' | 'skills'>

/** The items of one source, by its place among the sources of the endpoint. */
export type ItemsOf = (kind: SpaceKind, source: number) => readonly Record<string, unknown>[]

/** The server that answers for a URI, and the URI in its words. */
export interface RoutedUri {
  readonly deployment: DeploymentRecord
  readonly uri: string
}

/** How a URI of a server is said at this address. */
export interface NamedUri {
  readonly uri: string
  /** The text leads nowhere by itself: somebody must remember which server it came from. */
  readonly isMention: boolean
}

/** Whose the URIs of an endpoint are, by the one scheme of `qualified-uri.ts`. */
export interface UriOwners {
  /** Null for a text that neither names its server, nor is in a list, nor fits a template. */
  find(uri: string): RoutedUri | null
  /** The same for the template of a resource, as it is listed; or for a URI. */
  findTemplate(template: string): RoutedUri | null
  /** Puts a URI of a server into the words of the endpoint. */
  nameOf(deployment: DeploymentRecord, uri: string, budget: StepBudget): NamedUri
  /** What a list says for an item of a server; or who has taken the text. */
  listedAs(
    kind: SpaceKind,
    deployment: DeploymentRecord,
    text: string,
  ): { readonly text: string } | { readonly takenBy: DeploymentRecord } | null
}

export function createUriOwners(endpoint: Endpoint, itemsOf: ItemsOf): UriOwners {
  return endpoint.deployment === null ? new SharedSpace(endpoint, itemsOf) : ownersOfOne(endpoint.deployment)
}

/** Behind the address of one server every URI is its own. */
function ownersOfOne(deployment: DeploymentRecord): UriOwners {
  return {
    find: (uri) => ({ deployment, uri }),
    findTemplate: (uri) => ({ deployment, uri }),
    nameOf: (_deployment, uri) => ({ uri, isMention: false }),
    listedAs: (_kind, _deployment, text) => ({ text }),
  }
}

/** A server by its place in the order of the endpoint. */
interface Owner {
  readonly deployment: DeploymentRecord
  readonly place: number
}

interface OwnedTemplate extends Owner {
  readonly template: UriTemplate
}

/**
 * The first server in the order of the endpoint that offers a text has it, be it by a list or by a template: nobody who comes
 * later can put something in the place of it.
 */
class SharedSpace implements UriOwners {
  readonly #servers: ReadonlyMap<string, DeploymentRecord>
  readonly #uris = new Map<string, Owner>()
  /** In the order of their servers. */
  readonly #templates: OwnedTemplate[] = []
  readonly #templateTexts = new Map<string, OwnedTemplate>()
  /** URIs that are listed under a qualified text, as their server says them; null: more than one does. */
  readonly #natives = new Map<string, DeploymentRecord | null>()
  /** For what the lists say, all together. */
  readonly #listBudget = newStepBudget()

  constructor({ sources }: Endpoint, itemsOf: ItemsOf) {
    this.#servers = new Map(sources.map(({ deployment }) => [deployment.name, deployment]))
    for (const [place, { deployment }] of sources.entries()) {
      const owner: Owner = { deployment, place }
      for (const { uri } of itemsOf('resources', place)) this.#take(owner, uri as string)
      for (const skill of itemsOf('skills', place)) for (const uri of urisOfSkill(skill)) this.#take(owner, uri)
      for (const { uriTemplate } of itemsOf('templates', place)) this.#takeTemplate(owner, uriTemplate as string)
    }
  }

  find(uri: string): RoutedUri | null {
    const qualified = this.#readQualified(uri)
    if (qualified !== null) return qualified
    const deployment = this.#ownerOf(uri, newStepBudget()) ?? this.#natives.get(uri) ?? null
    return deployment === null ? null : { deployment, uri }
  }

  findTemplate(template: string): RoutedUri | null {
    const qualified = this.#readQualified(template)
    if (qualified !== null) return qualified
    const owner = this.#templateTexts.get(template)
    return owner === undefined ? this.find(template) : { deployment: owner.deployment, uri: template }
  }

  nameOf(deployment: DeploymentRecord, uri: string, budget: StepBudget): NamedUri {
    const owner = this.#isQualifiedAlways(uri) ? null : this.#ownerOf(uri, budget)
    if (owner?.id === deployment.id) return { uri, isMention: false }
    if (owner === null && isSharedUri(uri)) return { uri, isMention: true }
    const qualified = qualifyUri(deployment.name, uri)
    return qualified === null ? { uri, isMention: true } : { uri: qualified, isMention: false }
  }

  listedAs(kind: SpaceKind, deployment: DeploymentRecord, text: string): ReturnType<UriOwners['listedAs']> {
    if (this.#isQualifiedAlways(text)) {
      const qualified = qualifyUri(deployment.name, text)
      return qualified === null ? null : { text: qualified }
    }
    const owner = kind === 'templates' ? this.#ownerOfTemplate(text) : this.#ownerOf(text, this.#listBudget)
    if (owner === null) return null
    return owner.id === deployment.id ? { text } : { takenBy: owner }
  }

  #take(owner: Owner, uri: string): void {
    if (!this.#isQualifiedAlways(uri)) {
      if (!this.#uris.has(uri)) this.#uris.set(uri, owner)
      return
    }
    const { deployment } = owner
    const other = this.#natives.get(uri)
    this.#natives.set(uri, other === undefined || other?.id === deployment.id ? deployment : null)
  }

  /** A template without a scheme would fit everything, and could not carry the name of its server. */
  #takeTemplate(owner: Owner, text: string): void {
    const template = qualifyUri(owner.deployment.name, text) === null ? null : parseUriTemplate(text)
    if (template === null || this.#isQualifiedAlways(text) || this.#templateTexts.has(text)) return
    const owned: OwnedTemplate = { ...owner, template }
    this.#templateTexts.set(text, owned)
    this.#templates.push(owned)
  }

  #ownerOf(uri: string, budget: StepBudget): DeploymentRecord | null {
    const listed = this.#uris.get(uri)
    for (const { deployment, place, template } of this.#templates) {
      if (listed !== undefined && place >= listed.place) break
      if (template.matches(uri, budget)) return deployment
    }
    return listed?.deployment ?? null
  }

  /** Whoever gets what is made of a template has it: perhaps a server with a wider one that comes first. */
  #ownerOfTemplate(text: string): DeploymentRecord | null {
    const owned = this.#templateTexts.get(text)
    return owned === undefined ? null : (this.#ownerOf(owned.template.sample, this.#listBudget) ?? owned.deployment)
  }

  #isQualifiedAlways(text: string): boolean {
    return isPrivateUri(text) || this.#readQualified(text) !== null
  }

  #readQualified(text: string): RoutedUri | null {
    const qualified = readQualified(text, (name) => this.#servers.has(name))
    return qualified === null ? null : { deployment: this.#servers.get(qualified.server)!, uri: qualified.uri }
  }
}

/** A skill and its files are read as resources, listed as such or not. */
function urisOfSkill({ uri, resources }: Record<string, unknown>): string[] {
  const files: unknown[] = Array.isArray(resources) ? (resources as unknown[]) : []
  return [uri, ...files.map((file) => (file as Record<string, unknown> | null)?.['uri'])].filter((text) => typeof text === 'string')
}
