import type { DeploymentRecord, Runtime, Upstream, Watched } from '#runtime/index.ts'
import { LIMITS } from '#std/index.ts'
import { CHANGE_KINDS, type ChangeKind } from './list-kinds.ts'

type Json = Record<string, unknown>

/** Somebody who wants to hear of one resource or task. */
export interface Subscriber {
  tell(params: Json): void
}

interface Watch {
  readonly what: Watched
  readonly subscribers: Set<Subscriber>
  stop: () => void
}

const LIST_CHANGED: ReadonlyMap<string, ChangeKind> = new Map(
  CHANGE_KINDS.map((kind): [string, ChangeKind] => [`notifications/${kind}/list_changed`, kind]),
)
/** Places at which a URI may be cut to find the one that was subscribed to. */
const CUTS_MAX = 64

/** The one listener of this process at a deployment, however many clients want to hear of it. */
export class ChangeFeed {
  readonly deployment: DeploymentRecord
  readonly #onListChanged: (kind: ChangeKind) => void
  readonly #watches = new Map<string, Watch>()
  #upstream: Upstream | null = null
  #stopListening: (() => void) | null = null

  constructor(deployment: DeploymentRecord, onListChanged: (kind: ChangeKind) => void) {
    this.deployment = deployment
    this.#onListChanged = onListChanged
  }

  /** Listens to what stands for the deployment now, if that is another upstream than before. */
  bind(runtime: Runtime): void {
    const upstream = runtime.upstream(this.deployment.tenant, this.deployment.name) ?? null
    if (upstream === this.#upstream) return
    this.#stopListening?.()
    this.#upstream = upstream
    this.#stopListening = upstream?.onNotification((method, params) => this.#hear(method, params)) ?? null
    for (const watch of this.#watches.values()) {
      watch.stop()
      watch.stop = upstream?.watch(watch.what) ?? (() => {})
    }
  }

  /** Asks the server to tell of this from now on. The result ends it for this subscriber. */
  subscribe(what: Watched, subscriber: Subscriber): () => void {
    const key = keyOf(what)
    let watch = this.#watches.get(key)
    if (watch === undefined) {
      watch = { what, subscribers: new Set(), stop: this.#upstream?.watch(what) ?? (() => {}) }
      this.#watches.set(key, watch)
    }
    watch.subscribers.add(subscriber)
    return () => {
      const isLast = watch.subscribers.delete(subscriber) && watch.subscribers.size === 0
      if (!isLast) return
      watch.stop()
      this.#watches.delete(key)
    }
  }

  close(): void {
    this.#stopListening?.()
    for (const watch of this.#watches.values()) watch.stop()
    this.#watches.clear()
  }

  #hear(method: string, params: Json): void {
    const kind = LIST_CHANGED.get(method)
    if (kind !== undefined) return this.#onListChanged(kind)
    const { uri, taskId } = params
    if (method === 'notifications/tasks' && typeof taskId === 'string') this.#tell(keyOf({ task: taskId }), params)
    if (method === 'notifications/resources/updated' && typeof uri === 'string' && uri.length <= LIMITS.uriLengthMax) {
      for (const subscribed of whatHolds(uri)) this.#tell(keyOf({ resource: subscribed }), params)
    }
  }

  #tell(key: string, params: Json): void {
    for (const subscriber of this.#watches.get(key)?.subscribers ?? []) subscriber.tell(params)
  }
}

const keyOf = (what: Watched): string => ('task' in what ? `task ${what.task}` : `resource ${what.resource}`)

/**
 * A URI and those that it may be a part of: a server may tell of something below what was subscribed to (2025-11-25,
 * server/resources). Nobody hears of what only others subscribed to.
 */
function whatHolds(uri: string): string[] {
  const found = [uri]
  for (let at = uri.length - 1; at > 0 && found.length < CUTS_MAX; at--) {
    const character = uri[at]
    if (character !== '/' && character !== '?' && character !== '#') continue
    found.push(uri.slice(0, at))
    if (at + 1 < uri.length) found.push(uri.slice(0, at + 1))
  }
  return found
}
