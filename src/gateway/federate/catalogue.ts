import type { DeploymentRecord, Runtime, Upstream } from '#runtime/index.ts'
import { asProblem, LIMITS, Problem } from '#std/index.ts'
import { requireUpstream } from '../require-upstream.ts'

/** The tools of one deployment as it listed them last. */
export interface ToolCatalogue {
  readonly tools: readonly Record<string, unknown>[]
  readonly fetchedAtMs: number
  readonly ttlMs: number
  /** Differs between any two catalogues of this process. */
  readonly serial: number
}

/** What is known of a deployment's tools now: a catalogue, possibly an old one, and why there is no newer one. */
export interface CatalogueState {
  readonly catalogue: ToolCatalogue | null
  readonly problem: Problem | null
}

export interface Catalogue {
  /** From memory while fresh, else from the server. Never rejects: trouble is part of the answer. */
  read(deployment: DeploymentRecord, deadlineAtMs: number): Promise<CatalogueState>
  /** What is in memory, of any age. */
  peek(deployment: DeploymentRecord): ToolCatalogue | null
  onChange(listener: (deployment: DeploymentRecord) => void): () => void
  /** Forgets deployments that are gone or were changed. */
  retain(deployments: readonly DeploymentRecord[]): void
}

interface Entry {
  readonly deployment: DeploymentRecord
  catalogue: ToolCatalogue | null
  /** Counts the changes that the server told of; a list that was asked for before one is old when it arrives. */
  changes: number
  /** The count that `catalogue` belongs to; -1 when it must not be used again. */
  fetchedChanges: number
  /** Why there is no newer list; believed for a moment, so that a hanging server is not waited for again and again. */
  failure: { readonly problem: Problem; readonly changes: number; readonly untilMs: number } | null
  pending: { readonly changes: number; readonly state: Promise<CatalogueState> } | null
  stopListening: (() => void) | null
}

/** A server that promises no lifetime and no notifications is asked again after this time. */
const UNPROMISED_TTL_MS = 30_000
const SHORTEST_TTL_MS = 1_000
const FAILURE_MS = 3_000

let serials = 0

export function createCatalogue(runtime: Runtime, now: () => number): Catalogue {
  const entries = new Map<string, Entry>()
  const listeners = new Set<(deployment: DeploymentRecord) => void>()
  const change = (entry: Entry): void => {
    entry.changes++
    for (const listener of listeners) listener(entry.deployment)
  }
  const fetch = async (entry: Entry, deadlineAtMs: number): Promise<CatalogueState> => {
    const { deployment, changes } = entry
    try {
      const upstream = requireUpstream(runtime, deployment)
      await upstream.describe(deadlineAtMs)
      const isListening = listen(entry, upstream, () => change(entry))
      const { tools, ttlMs } = await listTools(upstream, deadlineAtMs)
      const lifetimeMs = ttlMs ?? (isListening ? LIMITS.catalogueTtlMsDefault : UNPROMISED_TTL_MS)
      entry.catalogue = { tools, fetchedAtMs: now(), ttlMs: Math.max(lifetimeMs, SHORTEST_TTL_MS), serial: ++serials }
      entry.fetchedChanges = changes
      entry.failure = null
      runtime.noteTools(deployment.tenant, deployment.name, tools.length)
    } catch (error) {
      entry.fetchedChanges = -1
      entry.failure = { problem: asProblem(error), changes, untilMs: now() + FAILURE_MS }
    }
    return stateOf(entry)
  }
  return {
    read(deployment, deadlineAtMs) {
      let entry = entries.get(deployment.id)
      if (entry === undefined) entries.set(deployment.id, (entry = newEntry(deployment)))
      if (isSettled(entry, now())) return Promise.resolve(stateOf(entry))
      if (entry.pending?.changes === entry.changes) return entry.pending.state
      const pending = { changes: entry.changes, state: fetch(entry, deadlineAtMs) }
      entry.pending = pending
      return pending.state.finally(() => {
        if (entry.pending === pending) entry.pending = null
      })
    },
    peek: (deployment) => entries.get(deployment.id)?.catalogue ?? null,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    retain(deployments) {
      const current = new Map(deployments.map((deployment) => [deployment.id, deployment.digest]))
      for (const [id, entry] of entries) {
        if (current.get(id) === entry.deployment.digest) continue
        entry.stopListening?.()
        entries.delete(id)
      }
    },
  }
}

const newEntry = (deployment: DeploymentRecord): Entry => ({
  deployment,
  catalogue: null,
  changes: 0,
  fetchedChanges: -1,
  failure: null,
  pending: null,
  stopListening: null,
})

const stateOf = ({ catalogue, failure }: Entry): CatalogueState => ({ catalogue, problem: failure?.problem ?? null })

/** Whether what is in memory is the answer: a catalogue that is still good, or a failure that has just been met. */
function isSettled({ catalogue, failure, changes, fetchedChanges }: Entry, nowMs: number): boolean {
  if (failure !== null) return failure.changes === changes && nowMs < failure.untilMs
  return catalogue !== null && fetchedChanges === changes && nowMs - catalogue.fetchedAtMs < catalogue.ttlMs
}

/** Follows the changes of a server that tells of them; false when it does not. */
function listen(entry: Entry, upstream: Upstream, onChange: () => void): boolean {
  const tools = upstream.known()?.capabilities['tools'] as { listChanged?: unknown } | undefined
  if (tools?.listChanged !== true) return false
  entry.stopListening ??= upstream.onNotification((method) => {
    if (method === 'notifications/tools/list_changed') onChange()
  })
  return true
}

/** All pages of `tools/list`, within the bounds of pages and tools. */
async function listTools(upstream: Upstream, deadlineAtMs: number): Promise<{ tools: Record<string, unknown>[]; ttlMs: number | null }> {
  const tools: Record<string, unknown>[] = []
  let cursor: unknown
  let ttlMs: number | null = null
  for (let page = 0; page < LIMITS.listPagesMax; page++) {
    const answer = await upstream.request({ method: 'tools/list', params: cursor === undefined ? {} : { cursor }, deadlineAtMs }).answer
    if (!answer.ok) {
      if (answer.error.code === -32601) return { tools: [], ttlMs: null }
      throw new Problem('upstream-failed', `${upstream.deployment.name} refused tools/list: ${answer.error.message.slice(0, 200)}`)
    }
    const listed = answer.result['tools']
    if (!Array.isArray(listed)) throw new Problem('upstream-failed', `${upstream.deployment.name} answered tools/list without tools.`)
    for (const tool of listed) if (isTool(tool)) tools.push(tool)
    if (tools.length > LIMITS.toolsPerUpstreamMax)
      throw new Problem('upstream-failed', `${upstream.deployment.name} lists more than ${LIMITS.toolsPerUpstreamMax} tools.`)
    if (typeof answer.result['ttlMs'] === 'number') ttlMs = Math.min(ttlMs ?? Infinity, answer.result['ttlMs'])
    cursor = answer.result['nextCursor']
    if (typeof cursor !== 'string') break
  }
  return { tools, ttlMs }
}

function isTool(tool: unknown): tool is Record<string, unknown> {
  if (typeof tool !== 'object' || tool === null) return false
  const { name, inputSchema } = tool as Record<string, unknown>
  return (
    typeof name === 'string' &&
    name !== '' &&
    name.length <= LIMITS.toolNameLengthMax &&
    typeof inputSchema === 'object' &&
    inputSchema !== null
  )
}
