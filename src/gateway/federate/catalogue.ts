import type { DeploymentRecord, Runtime, Upstream } from '#runtime/index.ts'
import { asProblem, LIMITS, Problem } from '#std/index.ts'
import { requireUpstream } from '../require-upstream.ts'
import { CHANGE_KINDS, kindRow, LIST_KIND_NAMES, type ListKind } from './list-kinds.ts'

/** One list of one deployment as it was last: its tools, prompts, resources, templates or skills. */
export interface ListCatalogue {
  readonly items: readonly Record<string, unknown>[]
  readonly fetchedAtMs: number
  readonly ttlMs: number
  /** Whether the server says that everybody gets the same list. */
  readonly isPublic: boolean
}

/** What is known of a list now: a catalogue, possibly an old one, and why there is no newer one. */
export interface CatalogueState {
  readonly catalogue: ListCatalogue | null
  readonly problem: Problem | null
}

export interface Catalogue {
  /** From memory while fresh, else from the server. Never rejects: trouble is part of the answer. */
  read(deployment: DeploymentRecord, deadlineAtMs: number, kind?: ListKind): Promise<CatalogueState>
  /** What is in memory, of any age. Another object for every list that was fetched. */
  peek(deployment: DeploymentRecord, kind?: ListKind): ListCatalogue | null
  /** The server works again: failures are not believed any longer. Answers with the lists that had failed. */
  forgive(deployment: DeploymentRecord): readonly ListKind[]
  /** Forgets deployments that are gone or were changed. */
  retain(deployments: readonly DeploymentRecord[]): void
}

interface Entry {
  readonly deployment: DeploymentRecord
  /** Null until it was first reached. */
  upstream: Upstream | null
  stopListening: (() => void) | null
  readonly lists: Readonly<Record<ListKind, List>>
}

interface List {
  readonly kind: ListKind
  catalogue: ListCatalogue | null
  /** Counts the changes that the server told of; a list that was asked for before one is old when it arrives. */
  changes: number
  /** The count that `catalogue` belongs to; -1 when it must not be used again. */
  fetchedChanges: number
  /** Why there is no newer list; believed for a moment, so that a hanging server is not waited for again and again. */
  failure: { readonly problem: Problem; readonly changes: number; readonly untilMs: number } | null
  pending: { readonly changes: number; readonly state: Promise<CatalogueState> } | null
}

/** A server that promises no lifetime and no notifications is asked again after this time. */
const UNPROMISED_TTL_MS = 30_000
const SHORTEST_TTL_MS = 1_000
const FAILURE_MS = 3_000
const METHOD_NOT_FOUND = -32601

export function createCatalogue(runtime: Runtime, now: () => number): Catalogue {
  const entries = new Map<string, Entry>()
  const fetch = async (entry: Entry, list: List, deadlineAtMs: number): Promise<CatalogueState> => {
    const { changes, kind } = list
    try {
      const upstream = requireUpstream(runtime, entry.deployment)
      const info = await upstream.describe(deadlineAtMs)
      const isTold = listen(entry, upstream, kind)
      const { items, ttlMs, isPublic } = kindRow(kind).isOffered(info) ? await listAll(upstream, kind, deadlineAtMs) : NOTHING
      const lifetimeMs = ttlMs ?? (isTold ? LIMITS.catalogueTtlMsDefault : UNPROMISED_TTL_MS)
      const boundedMs = Math.min(Math.max(lifetimeMs, SHORTEST_TTL_MS), LIMITS.eraVerdictMsMax)
      list.catalogue = { items, fetchedAtMs: now(), ttlMs: boundedMs, isPublic }
      list.fetchedChanges = changes
      list.failure = null
      if (kind === 'tools') runtime.noteTools(entry.deployment.tenant, entry.deployment.name, items.length)
    } catch (error) {
      list.fetchedChanges = -1
      list.failure = { problem: asProblem(error), changes, untilMs: now() + FAILURE_MS }
    }
    return stateOf(list)
  }
  return {
    read(deployment, deadlineAtMs, kind = 'tools') {
      let entry = entries.get(deployment.id)
      if (entry === undefined) entries.set(deployment.id, (entry = newEntry(deployment)))
      const list = entry.lists[kind]
      if (isSettled(list, now())) return Promise.resolve(stateOf(list))
      if (list.pending?.changes === list.changes) return list.pending.state
      const pending = { changes: list.changes, state: fetch(entry, list, deadlineAtMs) }
      list.pending = pending
      return pending.state.finally(() => {
        if (list.pending === pending) list.pending = null
      })
    },
    peek: (deployment, kind = 'tools') => entries.get(deployment.id)?.lists[kind].catalogue ?? null,
    forgive(deployment) {
      const lists = entries.get(deployment.id)?.lists
      if (lists === undefined) return []
      const failed = Object.values(lists).filter((list) => list.failure !== null)
      for (const list of failed) list.failure = null
      return failed.map((list) => list.kind)
    },
    retain(deployments) {
      const current = new Map(deployments.map((deployment) => [deployment.id, deployment]))
      for (const [id, entry] of entries) {
        const deployment = current.get(id)
        const isSame = deployment?.digest === entry.deployment.digest && isSameUpstream(entry, runtime)
        if (isSame) continue
        entry.stopListening?.()
        entries.delete(id)
      }
    },
  }
}

function newEntry(deployment: DeploymentRecord): Entry {
  const lists = LIST_KIND_NAMES.map((kind): [ListKind, List] => [
    kind,
    { kind, catalogue: null, changes: 0, fetchedChanges: -1, failure: null, pending: null },
  ])
  return { deployment, upstream: null, stopListening: null, lists: Object.fromEntries(lists) as Record<ListKind, List> }
}

/** A deployment whose secrets were changed has another upstream under the same digest. */
function isSameUpstream({ upstream, deployment }: Entry, runtime: Runtime): boolean {
  return upstream === null || runtime.upstream(deployment.tenant, deployment.name) === upstream
}

const stateOf = ({ catalogue, failure }: List): CatalogueState => ({ catalogue, problem: failure?.problem ?? null })

/** Whether what is in memory is the answer: a catalogue that is still good, or a failure that has just been met. */
function isSettled({ catalogue, failure, changes, fetchedChanges }: List, nowMs: number): boolean {
  if (failure !== null) return failure.changes === changes && nowMs < failure.untilMs
  return catalogue !== null && fetchedChanges === changes && nowMs - catalogue.fetchedAtMs < catalogue.ttlMs
}

/** Follows the changes of a server that tells of any; whether it tells of those of this list. */
function listen(entry: Entry, upstream: Upstream, kind: ListKind): boolean {
  const capabilities = upstream.known()?.capabilities ?? {}
  const tellsOf = (name: string): boolean => (capabilities[name] as { listChanged?: unknown } | undefined)?.listChanged === true
  if (entry.upstream !== upstream) {
    entry.stopListening?.()
    entry.stopListening = null
    entry.upstream = upstream
  }
  if (CHANGE_KINDS.some(tellsOf)) {
    entry.stopListening ??= upstream.onNotification((method) => {
      for (const list of Object.values(entry.lists)) {
        if (method === `notifications/${kindRow(list.kind).changedWith}/list_changed`) list.changes++
      }
    })
  }
  return tellsOf(kindRow(kind).changedWith)
}

interface Listed {
  readonly items: readonly Record<string, unknown>[]
  readonly ttlMs: number | null
  readonly isPublic: boolean
}

const NOTHING: Listed = { items: [], ttlMs: null, isPublic: true }

/** All pages of a list, within the bounds of pages and items. */
async function listAll(upstream: Upstream, kind: ListKind, deadlineAtMs: number): Promise<Listed> {
  const { method, member, isItem, itemsMax } = kindRow(kind)
  const items: Record<string, unknown>[] = []
  let isPublic = true
  let ttlMs: number | null = null
  let cursor: unknown
  for (let page = 0; page < LIMITS.listPagesMax; page++) {
    const answer = await upstream.request({ method, params: cursor === undefined ? {} : { cursor }, deadlineAtMs }).answer
    if (answer.ok === 'input') throw new Problem('upstream-failed', `${upstream.deployment.name} asked for input to answer ${method}.`)
    if (!answer.ok) {
      if (answer.error.code === METHOD_NOT_FOUND) return NOTHING
      throw new Problem('upstream-failed', `${upstream.deployment.name} refused ${method}: ${answer.error.message.slice(0, 200)}`)
    }
    const listed: unknown = answer.result[member]
    if (!Array.isArray(listed)) throw new Problem('upstream-failed', `${upstream.deployment.name} answered ${method} without a list.`)
    for (const item of listed as unknown[]) {
      if (isRecord(item) && isItem(item)) items.push(item)
      if (items.length > itemsMax) throw new Problem('upstream-failed', `${upstream.deployment.name} has more than ${itemsMax} ${member}.`)
    }
    const lifetimeMs = answer.result['ttlMs']
    if (typeof lifetimeMs === 'number') ttlMs = Math.min(ttlMs ?? lifetimeMs, lifetimeMs)
    isPublic &&= answer.result['cacheScope'] === 'public'
    cursor = answer.result['nextCursor']
    if (typeof cursor !== 'string') break
  }
  return { items, ttlMs, isPublic }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
