import { matchesTool, type ToolRules } from '#profile/index.ts'
import { readParamHeaders, type ParamHeader } from '#protocol/index.ts'
import type { DeploymentRecord } from '#runtime/index.ts'
import type { Endpoint, Source } from '../endpoints.ts'
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
} from './item-view.ts'
import { aliasOf, fullName } from './listed-names.ts'
import { isPrivateUri, qualifyUri } from './qualified-uri.ts'

type Arguments = Readonly<Record<string, unknown>>

/** One tool as an endpoint lists it. */
export interface ListedTool extends ListedItem {
  /** Arguments that the profile sets; the caller cannot. */
  readonly fixed: Arguments | null
  /** Arguments that the profile sets where the caller does not. */
  readonly prefilled: Arguments | null
  /** Arguments that a modern client repeats as headers. */
  readonly paramHeaders: readonly ParamHeader[]
}

/** Says in `_meta` what a profile made of a tool, so that people can see that it is not as its server has it. */
const OVERRIDDEN_KEY = 'dev.sallyport/overridden'

const views = new WeakMap<Endpoint, { catalogues: readonly (ListCatalogue | null)[]; view: ItemView<ListedTool> }>()

/** The tools of an endpoint; compiled anew only when one of its catalogues is another. */
export function viewOf(endpoint: Endpoint, catalogueOf: (deployment: DeploymentRecord) => ListCatalogue | null): ItemView<ListedTool> {
  const catalogues = endpoint.sources.map((source) => catalogueOf(source.deployment))
  const known = views.get(endpoint)
  if (known !== undefined && isSameCatalogues(known.catalogues, catalogues)) return known.view
  const offers = endpoint.sources.map((source, index) => offer(endpoint, source, catalogues[index] ?? null))
  const view = uniteOffers(offers, collision)
  views.set(endpoint, { catalogues, view })
  return view
}

/** The arguments of a call as they go to the deployment. */
export function argumentsOf({ fixed, prefilled }: ListedTool, given: Arguments | undefined): Arguments {
  if (fixed === null && prefilled === null) return given ?? {}
  return { ...prefilled, ...given, ...fixed }
}

const NOTHING: Offered<ListedTool> = { items: [], leftOut: [] }

/** What was made of a catalogue for endpoints without rules: the same for all of them, as tools are many and callers, too. */
const offers = new WeakMap<ListCatalogue, { plain?: Offered<ListedTool>; federated?: Offered<ListedTool> }>()

function offer(endpoint: Endpoint, source: Source, catalogue: ListCatalogue | null): Offered<ListedTool> {
  if (catalogue === null) return NOTHING
  const isPlain = endpoint.deployment !== null
  if (source.rules.length > 0) return compile(isPlain, source, catalogue)
  let known = offers.get(catalogue)
  if (known === undefined) offers.set(catalogue, (known = {}))
  return (known[isPlain ? 'plain' : 'federated'] ??= compile(isPlain, source, catalogue))
}

function compile(isPlain: boolean, source: Source, catalogue: ListCatalogue): Offered<ListedTool> {
  const server = source.deployment.name
  const items: ListedTool[] = []
  const leftOut: LeftOut[] = []
  for (const tool of catalogue.items) {
    const name = tool['name'] as string
    const paramHeaders = readParamHeaders(tool['inputSchema'])
    if (!isPrintable(name)) leftOut.push(unprintable(server, 'tool', name))
    else if (!paramHeaders.ok) leftOut.push(invalid(server, name, paramHeaders.error))
    else {
      const listed = list(isPlain, source, tool, paramHeaders.value)
      if (listed !== null) items.push(listed)
    }
  }
  return { items, leftOut }
}

/** The tool under the name and with the changes of this endpoint; null when it is not offered. */
function list(isPlain: boolean, source: Source, tool: Record<string, unknown>, paramHeaders: readonly ParamHeader[]): ListedTool | null {
  const upstreamName = tool['name'] as string
  const longName = fullName(source.deployment.name, upstreamName)
  const federatedName = isPlain ? upstreamName : aliasOf(longName)
  const rules = source.rules.find((candidate) => offersTool(candidate, federatedName, longName))
  if (rules === undefined && source.rules.length > 0) return null
  const change = (made: Readonly<Record<string, Arguments>> | undefined): Arguments | null =>
    made?.[federatedName] ?? made?.[longName] ?? null
  const name = rules?.rename[federatedName] ?? rules?.rename[longName] ?? federatedName
  const description = rules?.describe[federatedName] ?? rules?.describe[longName]
  const fixed = change(rules?.fix)
  const prefilled = change(rules?.prefill)
  const definition = definitionOf(tool, isPlain ? null : source.deployment.name, { name, description, fixed, prefilled }, federatedName)
  const json = definition === tool ? jsonOf(tool) : JSON.stringify(definition)
  return { name, deployment: source.deployment, upstreamName, definition, json, fixed, prefilled, paramHeaders }
}

interface Changes {
  readonly name: string
  readonly description: string | undefined
  readonly fixed: Arguments | null
  readonly prefilled: Arguments | null
}

/** `server` is the name that private URIs are qualified with; null where the endpoint is one server. */
function definitionOf(
  tool: Record<string, unknown>,
  server: string | null,
  { name, description, fixed, prefilled }: Changes,
  federatedName: string,
): Record<string, unknown> {
  const patch: Record<string, unknown> = {}
  const overridden: Record<string, unknown> = {}
  if (name !== tool['name']) patch['name'] = name
  if (name !== federatedName) overridden['name'] = federatedName
  if (description !== undefined) {
    patch['description'] = description
    overridden['description'] = true
  }
  if (fixed !== null || prefilled !== null) {
    patch['inputSchema'] = schemaWith(tool['inputSchema'] as Record<string, unknown>, fixed, prefilled)
    overridden['arguments'] = [...Object.keys(fixed ?? {}), ...Object.keys(prefilled ?? {})]
  }
  const { execution } = tool
  // Tasks of 2025-11-25 are not to be had here.
  if (isRecord(execution) && 'taskSupport' in execution) patch['execution'] = without(execution, 'taskSupport')
  const meta = metaOf(tool['_meta'], server, overridden)
  if (meta !== tool['_meta']) patch['_meta'] = meta
  return Object.keys(patch).length === 0 ? tool : { ...tool, ...patch }
}

function metaOf(given: unknown, server: string | null, overridden: Record<string, unknown>): unknown {
  let meta = given
  // A server cannot say of itself that we changed something.
  if (isRecord(meta) && OVERRIDDEN_KEY in meta) meta = without(meta, OVERRIDDEN_KEY)
  if (isRecord(meta) && server !== null) meta = withUiOf(server, meta)
  return Object.keys(overridden).length === 0 ? meta : { ...(isRecord(meta) ? meta : {}), [OVERRIDDEN_KEY]: overridden }
}

function without(record: Record<string, unknown>, member: string): Record<string, unknown> {
  const { [member]: _left, ...rest } = record
  return rest
}

/** The address of the interface of a tool (MCP Apps), in today's form and the older one, under the name of its server. */
export function withUiOf(server: string, meta: Record<string, unknown>): Record<string, unknown> {
  const { ui, [OLD_UI_KEY]: old } = meta
  let made = meta
  const uri = isRecord(ui) ? ui['resourceUri'] : undefined
  if (isRecord(ui) && typeof uri === 'string' && isPrivateUri(uri)) made = { ...made, ui: { ...ui, resourceUri: qualifyUri(server, uri) } }
  if (typeof old === 'string' && isPrivateUri(old)) made = { ...made, [OLD_UI_KEY]: qualifyUri(server, old) }
  return made
}

const OLD_UI_KEY = 'ui/resourceUri'

/** Rules may name a tool by its short name or by the one it would have without the limit on names. */
function offersTool(rules: ToolRules, ...names: readonly string[]): boolean {
  const isNamedIn = (patterns: readonly string[]): boolean => patterns.some((pattern) => names.some((name) => matchesTool(pattern, name)))
  return !isNamedIn(rules.exclude) && (rules.include.length === 0 || isNamedIn(rules.include))
}

/** What is fixed is not asked for; what is prefilled need not be given. */
function schemaWith(schema: Record<string, unknown>, fixed: Arguments | null, prefilled: Arguments | null): Record<string, unknown> {
  const properties: Record<string, unknown> = { ...(schema['properties'] as Record<string, unknown> | undefined) }
  for (const [name, value] of Object.entries(prefilled ?? {})) {
    const property = properties[name]
    properties[name] = { ...(isRecord(property) ? property : {}), default: value }
  }
  for (const name of Object.keys(fixed ?? {})) delete properties[name]
  const isAsked = (name: unknown): boolean => !Object.hasOwn(fixed ?? {}, name as string) && !Object.hasOwn(prefilled ?? {}, name as string)
  const required = Array.isArray(schema['required']) ? (schema['required'] as unknown[]).filter(isAsked) : undefined
  return { ...schema, properties, ...(required === undefined ? {} : { required }) }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Clients must drop a tool whose header annotations break the rules; so does a gateway that is their server. */
function invalid(server: string, tool: string, fault: string): LeftOut {
  return {
    server,
    tool,
    cause: `Its input schema is invalid: ${fault}.`,
    remedy: 'The publisher of the server must mend the x-mcp-header annotations.',
  }
}

function collision(tool: ListedTool, other: ListedTool): LeftOut {
  const proposed = aliasOf(fullName(tool.deployment.name, `${tool.upstreamName}-2`))
  return {
    server: tool.deployment.name,
    tool: tool.upstreamName,
    cause: `The name ${tool.name} is taken by ${other.upstreamName} of ${other.deployment.name}.`,
    remedy: `Rename it in the profile, for example to ${proposed}.`,
  }
}
