import { mayUseTool } from '#policy/index.ts'
import { LEGACY_VERSIONS, META, type Revision } from '#protocol/index.ts'
import { LIMITS } from '#std/index.ts'
import { mark, type InspectedCall, type ResolvedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import type { Endpoint } from '../endpoints.ts'
import { SEARCH_MODE_TOOLS } from '../search/meta-tools.ts'
import type { CatalogueState } from './catalogue.ts'
import { promptsOf, type ItemView, type LeftOut, type ListedItem, type PeekCatalogue } from './item-view.ts'
import { kindRow, type ListKind } from './list-kinds.ts'
import { openCursor, pageOf, sealCursor } from './list-pages.ts'
import { SPACE_KINDS, spaceOf } from './resource-space.ts'
import type { SpaceKind } from './uri-owners.ts'
import { viewOf } from './view.ts'
import { revisionFor } from './speaks.ts'
import { serverInfo, writeMessage } from './write-answer.ts'

/** A server whose part of a list is missing or old, for the client and for people. */
export interface ServerTrouble {
  readonly server: string
  readonly state: 'unavailable' | 'stale'
  readonly cause: string
  readonly remedy: string
  /** How old the catalogue is that was served instead. */
  readonly ageMs?: number
}

/** One list of an endpoint for one caller. */
export interface ItemList<Item extends ListedItem = ListedItem> {
  readonly items: readonly Item[]
  readonly trouble: readonly ServerTrouble[]
  readonly leftOut: readonly LeftOut[]
  /** What is left of the shortest lifetime among the parts. */
  readonly ttlMs: number
  /** Whether everybody on earth may be given the same list. */
  readonly isPublic: boolean
}

const TROUBLE_KEY = 'dev.sallyport/servers'
const LEFT_OUT_KEY = 'dev.sallyport/left-out'
const SEARCH_MODE_JSON = SEARCH_MODE_TOOLS.map((tool) => JSON.stringify(tool)).join(',')

export const peekIn =
  ({ catalogue }: GatewayState): PeekCatalogue =>
  (deployment, kind) =>
    catalogue.peek(deployment, kind)

/** A list of an endpoint from what is in memory. */
export function itemsOf(kind: ListKind, endpoint: Endpoint, peek: PeekCatalogue): ItemView {
  switch (kind) {
    case 'tools':
      return viewOf(endpoint, (deployment) => peek(deployment, 'tools'))
    case 'prompts':
      return promptsOf(endpoint, peek)
    case 'resources':
    case 'templates':
    case 'skills':
      return spaceOf(endpoint, peek)[kind]
  }
}

/** Brings a list of every server of the endpoint up to date: side by side, each within its own deadline. */
export function refresh(endpoint: Endpoint, kind: ListKind, gateway: GatewayState): Promise<CatalogueState[]> {
  const now = gateway.now()
  return Promise.all(
    endpoint.sources.map(({ deployment }) =>
      gateway.catalogue.read(deployment, now + Math.min(deployment.deadlineMs, LIMITS.listDeadlineMsDefault), kind),
    ),
  )
}

/**
 * What a caller may use here of one kind. A server that does not answer is named with cause and remedy while what the
 * others have is listed.
 */
export async function collect(call: ResolvedCall, kind: ListKind, gateway: GatewayState): Promise<ItemList> {
  const { endpoint, caller } = call
  const [states] = await Promise.all([
    refresh(endpoint, kind, gateway),
    ...othersOf(endpoint, kind).map((other) => refresh(endpoint, other, gateway)),
  ])
  const view = itemsOf(kind, endpoint, peekIn(gateway))
  const isWhole = caller.tools === null || kind !== 'tools'
  const nowMs = gateway.now()
  return {
    items: isWhole ? view.items : view.items.filter((item) => mayUseTool(caller, item.name)),
    trouble: states.flatMap((state, index) => troubleOf(endpoint.sources[index]!.deployment.name, state, nowMs)),
    leftOut: view.leftOut,
    ttlMs: Math.min(LIMITS.catalogueTtlMsDefault, ...states.map((state) => remainingMs(state, nowMs))),
    isPublic: isWhole && isOfEverybody(endpoint) && states.every(({ catalogue }) => catalogue?.isPublic === true),
  }
}

/** The lists that say, together with this one, which of several servers a URI belongs to. */
const othersOf = ({ deployment }: Endpoint, kind: ListKind): readonly ListKind[] =>
  deployment === null && SPACE_KINDS.includes(kind as SpaceKind) ? SPACE_KINDS.filter((other) => other !== kind) : []

/** Nobody's credential decided what is in it, and nobody needs one to see it (2026-07-28, server/utilities/caching; R28). */
function isOfEverybody({ kind, access, sources }: Endpoint): boolean {
  return kind !== 'everything' && access === 'public' && sources.every(({ rules }) => rules.length === 0)
}

const remainingMs = ({ catalogue, problem }: CatalogueState, nowMs: number): number =>
  catalogue === null || problem !== null ? 0 : Math.max(0, catalogue.fetchedAtMs + catalogue.ttlMs - nowMs)

function troubleOf(server: string, { catalogue, problem }: CatalogueState, nowMs: number): ServerTrouble[] {
  if (problem === null) return []
  const remedy = problem.remedy ?? `sallyport deployment show ${server}`
  if (catalogue === null) return [{ server, state: 'unavailable', cause: problem.message, remedy }]
  return [{ server, state: 'stale', cause: problem.message, remedy, ageMs: nowMs - catalogue.fetchedAtMs }]
}

/** Answers a list from the texts that the views keep: 5,000 tools are joined, not serialised. */
export async function answerList(call: InspectedCall, kind: ListKind, gateway: GatewayState): Promise<void> {
  const { member, method } = kindRow(kind)
  const after = openCursor(call, method, gateway)
  const list = await collect(call, kind, gateway)
  const isSearched = kind === 'tools' && call.endpoint.search
  const page = pageOf(list.items, after)
  mark(call, 'forward', `${page.items.length} ${member}`)
  const isModern = call.speech.era === 'modern'
  const meta: Record<string, unknown> = {}
  if (isModern) meta[META.serverInfo] = serverInfo(gateway)
  if (list.trouble.length > 0) meta[TROUBLE_KEY] = list.trouble
  if (list.leftOut.length > 0) meta[LEFT_OUT_KEY] = list.leftOut
  const next = page.last === null || isSearched ? '' : `,"nextCursor":"${sealCursor(call, method, page.last, gateway)}"`
  const result =
    `{"${member}":[${isSearched ? SEARCH_MODE_JSON : page.items.map((item) => item.json).join(',')}]${next}` +
    (isModern ? `,"resultType":"complete","ttlMs":${list.ttlMs},"cacheScope":"${list.isPublic ? 'public' : 'private'}"` : '') +
    (Object.keys(meta).length === 0 ? '}' : `,"_meta":${JSON.stringify(meta)}}`)
  const wire = isModern ? result : inWordsOf(revisionFor(call), method, result, gateway)
  writeMessage(call, 'ok', `{"jsonrpc":"2.0","id":${JSON.stringify(call.message.id)},"result":${wire}}`, gateway)
}

/** The texts that views keep are in the words of the newest of the era; older clients are rare enough to be translated for. */
function inWordsOf(revision: Revision, method: string, result: string, gateway: GatewayState): string {
  if (revision.version === LEGACY_VERSIONS[0]) return result
  return JSON.stringify(revision.encodeResult(method, JSON.parse(result) as Record<string, unknown>, serverInfo(gateway)))
}
