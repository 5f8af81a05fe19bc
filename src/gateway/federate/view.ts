import { hash } from 'node:crypto'
import { matchesTool, type ToolRules } from '#profile/index.ts'
import { readParamHeaders, type ParamHeader } from '#protocol/index.ts'
import type { DeploymentRecord } from '#runtime/index.ts'
import { LIMITS } from '#std/index.ts'
import type { Endpoint, Source } from '../endpoints.ts'
import type { ToolCatalogue } from './catalogue.ts'

/** One tool as an endpoint lists it. */
export interface ListedTool {
  readonly name: string
  readonly deployment: DeploymentRecord
  /** Its name at the deployment. */
  readonly upstreamName: string
  /** The definition under the listed name, as an object and as JSON text. */
  readonly definition: Record<string, unknown>
  readonly json: string
  /** Arguments that the profile sets; the caller cannot. */
  readonly fixed: Readonly<Record<string, unknown>> | null
  /** Arguments that a modern client repeats as headers. */
  readonly paramHeaders: readonly ParamHeader[]
}

/** A tool that had to be left out. */
export interface LeftOut {
  readonly server: string
  readonly tool: string
  readonly cause: string
  readonly remedy: string
}

/** What an endpoint offers, given the catalogues at hand. Sorted by name, so that lists are the same every time. */
export interface View {
  readonly tools: readonly ListedTool[]
  readonly byName: ReadonlyMap<string, ListedTool>
  readonly leftOut: readonly LeftOut[]
}

const SEPARATOR = '__'
const UNPRINTABLE = /\p{C}/u
const DIGEST_CHARACTERS = 8
const views = new WeakMap<Endpoint, { serials: string; view: View }>()

/** The view of an endpoint; compiled anew only when one of its catalogues is another. */
export function viewOf(endpoint: Endpoint, catalogueOf: (deployment: DeploymentRecord) => ToolCatalogue | null): View {
  const catalogues = endpoint.sources.map((source) => catalogueOf(source.deployment))
  const serials = catalogues.map((catalogue) => catalogue?.serial ?? 0).join(' ')
  const known = views.get(endpoint)
  if (known?.serials === serials) return known.view
  const view = compile(endpoint, catalogues)
  views.set(endpoint, { serials, view })
  return view
}

function compile(endpoint: Endpoint, catalogues: readonly (ToolCatalogue | null)[]): View {
  const byName = new Map<string, ListedTool>()
  const leftOut: LeftOut[] = []
  for (const [index, source] of endpoint.sources.entries()) {
    for (const tool of catalogues[index]?.tools ?? []) {
      if (UNPRINTABLE.test(tool['name'] as string)) {
        leftOut.push(invalidName(source, tool['name'] as string))
        continue
      }
      const paramHeaders = readParamHeaders(tool['inputSchema'])
      if (!paramHeaders.ok) {
        leftOut.push(invalid(source, tool['name'] as string, paramHeaders.error))
        continue
      }
      const listed = list(endpoint, source, tool, paramHeaders.value)
      if (listed === null) continue
      const other = byName.get(listed.name)
      if (other === undefined) byName.set(listed.name, listed)
      else leftOut.push(collision(listed, other))
    }
  }
  const tools = [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return { tools, byName, leftOut }
}

/** The tool under the name and with the changes of this endpoint; null when it is not offered. */
function list(endpoint: Endpoint, source: Source, tool: Record<string, unknown>, paramHeaders: readonly ParamHeader[]): ListedTool | null {
  const upstreamName = tool['name'] as string
  const federatedName = endpoint.kind === 'deployment' ? upstreamName : aliasOf(source.deployment.name + SEPARATOR + upstreamName)
  const fullName = source.deployment.name + SEPARATOR + upstreamName
  const rules = source.rules.find((candidate) => offers(candidate, federatedName, fullName))
  if (rules === undefined && source.rules.length > 0) return null
  const name = rules?.rename[federatedName] ?? federatedName
  const description = rules?.describe[federatedName]
  const fixed = rules?.fix[federatedName] ?? null
  const definition: Record<string, unknown> = { ...tool, name }
  if (description !== undefined) definition['description'] = description
  if (fixed !== null) definition['inputSchema'] = withoutArguments(tool['inputSchema'] as Record<string, unknown>, Object.keys(fixed))
  return { name, deployment: source.deployment, upstreamName, definition, json: JSON.stringify(definition), fixed, paramHeaders }
}

/** Rules may name a tool by its short name or by the one it would have without the limit on names. */
function offers(rules: ToolRules, ...names: readonly string[]): boolean {
  const isNamedIn = (patterns: readonly string[]): boolean => patterns.some((pattern) => names.some((name) => matchesTool(pattern, name)))
  return !isNamedIn(rules.exclude) && (rules.include.length === 0 || isNamedIn(rules.include))
}

/** Clients refuse names above 64 characters; a longer one gets a short form that is the same every time. */
export function aliasOf(name: string): string {
  if (name.length <= LIMITS.aliasLengthMax) return name
  return `${name.slice(0, LIMITS.aliasLengthMax - DIGEST_CHARACTERS - 1)}_${hash('sha256', name, 'hex').slice(0, DIGEST_CHARACTERS)}`
}

/** The deployment that a federated name says it belongs to. */
export function serverOf(name: string): string | null {
  const end = name.indexOf(SEPARATOR)
  return end <= 0 ? null : name.slice(0, end)
}

function withoutArguments(schema: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  const properties = { ...(schema['properties'] as Record<string, unknown> | undefined) }
  for (const name of names) delete properties[name]
  const required = Array.isArray(schema['required']) ? schema['required'].filter((name) => !names.includes(name as string)) : undefined
  return { ...schema, properties, ...(required === undefined ? {} : { required }) }
}

/** Clients must drop a tool whose header annotations break the rules; so does a gateway that is their server. */
function invalid(source: Source, tool: string, fault: string): LeftOut {
  return {
    server: source.deployment.name,
    tool,
    cause: `Its input schema is invalid: ${fault}.`,
    remedy: 'The publisher of the server must mend the x-mcp-header annotations.',
  }
}

/** Names are shown to people and models: one that hides something in itself is none. */
function invalidName(source: Source, tool: string): LeftOut {
  return {
    server: source.deployment.name,
    tool: JSON.stringify(tool.replace(/\p{C}/gu, '?')),
    cause: 'Its name holds control or invisible characters.',
    remedy: 'The publisher of the server must rename it.',
  }
}

function collision(tool: ListedTool, other: ListedTool): LeftOut {
  const proposed = aliasOf(`${tool.deployment.name}${SEPARATOR}${tool.upstreamName}-2`)
  return {
    server: tool.deployment.name,
    tool: tool.upstreamName,
    cause: `The name ${tool.name} is taken by ${other.upstreamName} of ${other.deployment.name}.`,
    remedy: `Rename it in the profile, for example to ${proposed}.`,
  }
}
