import type { DeploymentRecord } from '#runtime/index.ts'
import type { Endpoint, Source } from '../endpoints.ts'
import type { ListCatalogue } from './catalogue.ts'
import { aliasOf, compareTexts, fullName } from './listed-names.ts'
import type { ListKind } from './list-kinds.ts'

/** One thing as an endpoint lists it: a tool, prompt, resource, template or skill. */
export interface ListedItem {
  /** What tells it from the others of its list: a name, a URI or the template of one. */
  readonly name: string
  readonly deployment: DeploymentRecord
  /** The same at the deployment. */
  readonly upstreamName: string
  /** The definition under the listed name, as an object and as JSON text. */
  readonly definition: Record<string, unknown>
  readonly json: string
}

/** Something that had to be left out; `[singular]` holds what, in the words of its server. */
export interface LeftOut {
  readonly server: string
  readonly cause: string
  readonly remedy: string
  readonly [singular: string]: string
}

/** One list of an endpoint, given the catalogues at hand. Sorted by name, so that lists are the same every time. */
export interface ItemView<Item extends ListedItem = ListedItem> {
  readonly items: readonly Item[]
  readonly byName: ReadonlyMap<string, Item>
  readonly leftOut: readonly LeftOut[]
}

/** What one source brings into a list. */
export interface Offered<Item extends ListedItem = ListedItem> {
  readonly items: readonly Item[]
  readonly leftOut: readonly LeftOut[]
}

/** Where lists are looked at from memory. */
export type PeekCatalogue = (deployment: DeploymentRecord, kind: ListKind) => ListCatalogue | null

/** Unites what the sources offer. What comes second under a name is left out, and `collide` says so. */
export function uniteOffers<Item extends ListedItem>(
  offers: readonly Offered<Item>[],
  collide: (item: Item, other: Item) => LeftOut,
): ItemView<Item> {
  const byName = new Map<string, Item>()
  const leftOut: LeftOut[] = []
  for (const offer of offers) {
    leftOut.push(...offer.leftOut)
    for (const item of offer.items) {
      const other = byName.get(item.name)
      if (other === undefined) byName.set(item.name, item)
      else leftOut.push(collide(item, other))
    }
  }
  return { items: [...byName.values()].toSorted((a, b) => compareTexts(a.name, b.name)), byName, leftOut }
}

const UNPRINTABLE = /\p{C}/u
export const isPrintable = (name: string): boolean => !UNPRINTABLE.test(name)

/** Names are shown to people and models: one that hides something in itself is none. */
export function unprintable(server: string, singular: string, name: string): LeftOut {
  return {
    server,
    [singular]: JSON.stringify(name.replaceAll(/\p{C}/gu, '?')),
    cause: 'Its name holds control or invisible characters.',
    remedy: 'The publisher of the server must rename it.',
  }
}

/** The catalogues that something was made of: made anew when one of them is another object. */
export function isSameCatalogues(a: readonly (ListCatalogue | null)[], b: readonly (ListCatalogue | null)[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

const texts = new WeakMap<object, string>()

/** The JSON text of a definition that is as its server gave it: made once, for all endpoints that list it. */
export function jsonOf(definition: Record<string, unknown>): string {
  let text = texts.get(definition)
  if (text === undefined) texts.set(definition, (text = JSON.stringify(definition)))
  return text
}

const promptViews = new WeakMap<Endpoint, { catalogues: readonly (ListCatalogue | null)[]; view: ItemView }>()

/** The prompts of an endpoint; compiled anew only when one of its catalogues is another. */
export function promptsOf(endpoint: Endpoint, peek: PeekCatalogue): ItemView {
  const catalogues = endpoint.sources.map(({ deployment }) => peek(deployment, 'prompts'))
  const known = promptViews.get(endpoint)
  if (known !== undefined && isSameCatalogues(known.catalogues, catalogues)) return known.view
  const offers = endpoint.sources.map((source, index) => offerPrompts(endpoint, source, catalogues[index] ?? null))
  const view = uniteOffers(offers, collidingPrompt)
  promptViews.set(endpoint, { catalogues, view })
  return view
}

function offerPrompts(endpoint: Endpoint, { deployment, rules }: Source, catalogue: ListCatalogue | null): Offered {
  const items: ListedItem[] = []
  const leftOut: LeftOut[] = []
  for (const prompt of catalogue?.items ?? []) {
    const upstreamName = prompt['name'] as string
    if (!isPrintable(upstreamName)) {
      leftOut.push(unprintable(deployment.name, 'prompt', upstreamName))
      continue
    }
    const longName = fullName(deployment.name, upstreamName)
    const federatedName = endpoint.deployment === null ? aliasOf(longName) : upstreamName
    // Profiles rename prompts as they do tools; the other rules are about tools alone.
    const renamed = rules.map(({ rename }) => rename[federatedName] ?? rename[longName]).find((name) => name !== undefined)
    const name = renamed ?? federatedName
    const definition = name === upstreamName ? prompt : { ...prompt, name }
    items.push({ name, deployment, upstreamName, definition, json: JSON.stringify(definition) })
  }
  return { items, leftOut }
}

function collidingPrompt(prompt: ListedItem, other: ListedItem): LeftOut {
  return {
    server: prompt.deployment.name,
    prompt: prompt.upstreamName,
    cause: `The name ${prompt.name} is taken by ${other.upstreamName} of ${other.deployment.name}.`,
    remedy: `Rename it in the profile, for example to ${aliasOf(fullName(prompt.deployment.name, `${prompt.upstreamName}-2`))}.`,
  }
}
