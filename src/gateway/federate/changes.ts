import { EVERYTHING } from '#policy/index.ts'
import type { DeploymentRecord, Runtime } from '#runtime/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import type { ReceivedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import type { Endpoint } from '../endpoints.ts'
import { header } from '../http.ts'
import { ChangeFeed } from './change-feed.ts'
import { CHANGE_KINDS, kindRow, type ChangeKind } from './list-kinds.ts'
import { routeUri, type Asker } from './route-uri.ts'
import { shaperOf } from './shape-result.ts'
import { tellsOfUpdates } from './subscribe.ts'
import { openTask, shapeTask } from './tasks.ts'

/** What somebody wants to hear of (2026-07-28, basic/patterns/subscriptions; ext-tasks). URIs and ids are those of the endpoint. */
export interface ChangeFilter {
  readonly toolsListChanged?: boolean
  readonly promptsListChanged?: boolean
  readonly resourcesListChanged?: boolean
  readonly resourceSubscriptions?: readonly string[]
  readonly taskIds?: readonly string[]
}

/** Gets notifications in the names of the endpoint, gathered for a moment so that a burst is told once. */
export type ChangeListener = (method: string, params: Record<string, unknown>) => void

export interface Following {
  /** Follows this, and no longer what came before it. Answers with what of it can be told. */
  update(filter: ChangeFilter): Promise<ChangeFilter>
  stop(): void
}

/** Everything that changes behind the endpoints: one listener per deployment, however many clients follow it. */
export interface Changes {
  /** Follows nothing until the first `update`. The call stands for the caller, the endpoint and the right to both. */
  follow(call: ReceivedCall & Asker, listener: ChangeListener): Following
  /** To be called when the configuration has changed: what a caller sees may be something else now. */
  refresh(): void
  close(): void
}

/** `gatewayOf` is first asked when somebody follows: these changes are a part of it. */
export function createChanges(runtime: Runtime, gatewayOf: () => GatewayState): Changes {
  return new ChangeHub(runtime, gatewayOf)
}

const FLAGS = { tools: 'toolsListChanged', prompts: 'promptsListChanged', resources: 'resourcesListChanged' } as const satisfies Record<
  ChangeKind,
  keyof ChangeFilter
>

interface Subscription {
  readonly deploymentId: string
  readonly stop: () => void
}

interface Follower {
  readonly call: ReceivedCall & Asker
  readonly listener: ChangeListener
  group: Group
  kinds: ReadonlySet<ChangeKind>
  subscriptions: readonly Subscription[]
  /** Counts the updates, of which only the last one holds. */
  updates: number
  isStopped: boolean
  /** What is to be told with the next flush, by what it is about. */
  readonly waiting: Map<string, readonly [method: string, params: Record<string, unknown>]>
}

/** Those who follow one endpoint. */
interface Group {
  readonly endpoint: Endpoint
  readonly followers: Set<Follower>
}

interface Feeding {
  readonly feed: ChangeFeed
  readonly groups: Set<Group>
}

class ChangeHub implements Changes {
  readonly #runtime: Runtime
  readonly #gatewayOf: () => GatewayState
  readonly #groups = new Map<Endpoint, Group>()
  readonly #feeds = new Map<string, Feeding>()
  readonly #stopWatching: () => void
  readonly #waiting = new Set<Follower>()
  #timer: NodeJS.Timeout | null = null

  constructor(runtime: Runtime, gatewayOf: () => GatewayState) {
    this.#runtime = runtime
    this.#gatewayOf = gatewayOf
    this.#stopWatching = runtime.onStatus((tenant, { name, state }) => {
      if (state === 'ready') this.#recovered(tenant, name)
    })
  }

  get #gateway(): GatewayState {
    return this.#gatewayOf()
  }

  follow(call: ReceivedCall & Asker, listener: ChangeListener): Following {
    const follower: Follower = {
      call,
      listener,
      group: this.#groupOf(call.endpoint),
      kinds: new Set(),
      subscriptions: [],
      updates: 0,
      isStopped: false,
      waiting: new Map(),
    }
    follower.group.followers.add(follower)
    return {
      update: (filter) => this.#update(follower, filter),
      stop: () => {
        if (follower.isStopped) return
        follower.isStopped = true
        for (const { stop } of follower.subscriptions) stop()
        this.#waiting.delete(follower)
        follower.group.followers.delete(follower)
        this.#dissolve(follower.group)
      },
    }
  }

  refresh(): void {
    const before = [...this.#groups.values()]
    for (const group of before) {
      const [follower] = group.followers
      const endpoint = follower === undefined ? null : this.#endpointOf(follower.call)
      if (endpoint === null || endpoint === group.endpoint) continue
      const isSame = offerOf(endpoint) === offerOf(group.endpoint)
      const next = this.#groupOf(endpoint)
      for (const moved of group.followers) {
        next.followers.add(moved)
        moved.group = next
        if (!isSame) this.#seesOther(moved)
      }
      group.followers.clear()
      this.#dissolve(group)
    }
    for (const { feed } of this.#feeds.values()) feed.bind(this.#runtime)
  }

  close(): void {
    this.#stopWatching()
    if (this.#timer !== null) clearTimeout(this.#timer)
    for (const { feed } of this.#feeds.values()) feed.close()
    this.#feeds.clear()
    this.#groups.clear()
  }

  async #update(follower: Follower, filter: ChangeFilter): Promise<ChangeFilter> {
    const update = ++follower.updates
    const isRestricted = follower.call.caller.tools !== null
    const kinds = CHANGE_KINDS.filter((kind) => filter[FLAGS[kind]] === true && (kind === 'tools' || !isRestricted))
    const made: Subscription[] = []
    const uris: string[] = []
    const taskIds: string[] = []
    if (!isRestricted) {
      for (const uri of new Set(filter.resourceSubscriptions)) if (await this.#subscribe(follower, uri, made)) uris.push(uri)
      for (const token of new Set(filter.taskIds)) if (this.#followTask(follower, token, made)) taskIds.push(token)
    }
    if (follower.isStopped || update !== follower.updates) for (const { stop } of made) stop()
    else {
      // The new ones first: what is in both is never let go of.
      const before = follower.subscriptions
      follower.subscriptions = made
      follower.kinds = new Set(kinds)
      for (const { stop } of before) stop()
      dropForeign(follower)
    }
    return {
      ...Object.fromEntries(kinds.map((kind) => [FLAGS[kind], true])),
      ...(filter.resourceSubscriptions === undefined ? {} : { resourceSubscriptions: uris }),
      ...(filter.taskIds === undefined ? {} : { taskIds }),
    }
  }

  /** Whether the server that has the resource tells of its updates. */
  async #subscribe(follower: Follower, uri: string, made: Subscription[]): Promise<boolean> {
    const asker = askerOf(follower)
    const routed = await routeUri(asker, uri, this.#gateway)
    if (routed === null || !(await tellsOfUpdates(routed.deployment, this.#gateway)) || follower.isStopped) return false
    const subscriber = {
      tell: (params: Record<string, unknown>): void => {
        const told = params['uri'] as string
        const named = told === routed.uri ? uri : shaperOf(askerOf(follower), routed.deployment, this.#gateway).uri(told)
        this.#enqueue(follower, `resource ${named}`, 'notifications/resources/updated', { ...params, uri: named })
      },
    }
    return this.#join(routed.deployment, { resource: routed.uri }, subscriber, made)
  }

  #followTask(follower: Follower, token: string, made: Subscription[]): boolean {
    const task = openTask(askerOf(follower), token, this.#gateway)
    if (task === null) return false
    const subscriber = {
      tell: (params: Record<string, unknown>): void => {
        const shaper = shaperOf(askerOf(follower), task.deployment, this.#gateway)
        this.#enqueue(follower, `task ${token}`, 'notifications/tasks', shapeTask(params, token, shaper))
      },
    }
    return this.#join(task.deployment, { task: task.taskId }, subscriber, made)
  }

  #join(
    deployment: DeploymentRecord,
    what: Parameters<ChangeFeed['subscribe']>[0],
    subscriber: Parameters<ChangeFeed['subscribe']>[1],
    made: Subscription[],
  ): boolean {
    const feed = this.#feeds.get(deployment.id)?.feed
    if (feed === undefined) return false
    made.push({ deploymentId: deployment.id, stop: feed.subscribe(what, subscriber) })
    return true
  }

  /** A server works again: what it lists is there again. */
  #recovered(tenant: string, name: string): void {
    for (const { feed, groups } of this.#feeds.values()) {
      if (feed.deployment.tenant !== tenant || feed.deployment.name !== name) continue
      feed.bind(this.#runtime)
      const kinds = new Set(this.#gateway.catalogue.forgive(feed.deployment).map((kind) => kindRow(kind).changedWith))
      for (const kind of kinds) this.#listChanged(groups, kind)
    }
  }

  #listChanged(groups: ReadonlySet<Group>, kind: ChangeKind): void {
    for (const { followers } of groups) for (const follower of followers) this.#tellListChanged(follower, kind)
  }

  #tellListChanged(follower: Follower, kind: ChangeKind): void {
    const method = `notifications/${kind}/list_changed`
    if (follower.kinds.has(kind)) this.#enqueue(follower, method, method, {})
  }

  /** The profile, the rights or the servers are others now. */
  #seesOther(follower: Follower): void {
    for (const kind of CHANGE_KINDS) this.#tellListChanged(follower, kind)
    dropForeign(follower)
  }

  #enqueue(follower: Follower, about: string, method: string, params: Record<string, unknown>): void {
    const { waiting, isStopped } = follower
    if (isStopped || (waiting.size >= LIMITS.changesGatheredMax && !waiting.has(about))) return
    waiting.set(about, [method, params])
    this.#waiting.add(follower)
    this.#timer ??= setTimeout(() => this.#flush(), LIMITS.changeGatherMs).unref()
  }

  #flush(): void {
    this.#timer = null
    for (const follower of this.#waiting) {
      for (const [method, params] of follower.waiting.values()) follower.listener(method, params)
      follower.waiting.clear()
    }
    this.#waiting.clear()
  }

  #groupOf(endpoint: Endpoint): Group {
    const known = this.#groups.get(endpoint)
    if (known !== undefined) return known
    const group: Group = { endpoint, followers: new Set() }
    this.#groups.set(endpoint, group)
    for (const { deployment } of endpoint.sources) {
      let feeding = this.#feeds.get(deployment.id)
      if (feeding === undefined) {
        const groups = new Set<Group>()
        const feed = new ChangeFeed(deployment, (kind) => this.#listChanged(groups, kind))
        this.#feeds.set(deployment.id, (feeding = { feed, groups }))
        feed.bind(this.#runtime)
      }
      feeding.groups.add(group)
    }
    return group
  }

  /** A group without followers lets go of its deployments. */
  #dissolve(group: Group): void {
    if (group.followers.size > 0) return
    this.#groups.delete(group.endpoint)
    for (const { deployment } of group.endpoint.sources) {
      const feeding = this.#feeds.get(deployment.id)
      if (feeding === undefined || !feeding.groups.delete(group) || feeding.groups.size > 0) continue
      feeding.feed.close()
      this.#feeds.delete(deployment.id)
    }
  }

  /** The endpoint that the call's address means now; null when that cannot be said, and then its stream is being ended. */
  #endpointOf({ endpoint, inbound }: ReceivedCall & Asker): Endpoint | null {
    const { endpoints, authenticator, now } = this.#gateway
    try {
      if (endpoint.name !== EVERYTHING) return endpoints.find(endpoint.tenant, endpoint.name) ?? null
      return endpoints.everything(authenticator.authenticate(header(inbound, 'authorization'), now()))
    } catch (error) {
      if (error instanceof Problem) return null
      throw error
    }
  }
}

/** Ends what is about a server that is no part of the endpoint any more. */
function dropForeign(follower: Follower): void {
  const { sources } = follower.group.endpoint
  const isOffered = ({ deploymentId }: Subscription): boolean => sources.some(({ deployment }) => deployment.id === deploymentId)
  for (const subscription of follower.subscriptions) if (!isOffered(subscription)) subscription.stop()
  follower.subscriptions = follower.subscriptions.filter(isOffered)
}

const askerOf = ({ call, group }: Follower): Asker => ({ caller: call.caller, endpoint: group.endpoint })

const offers = new WeakMap<Endpoint, string>()

/** What an endpoint offers, as far as the configuration decides it. */
function offerOf(endpoint: Endpoint): string {
  let offer = offers.get(endpoint)
  if (offer === undefined) {
    const sources = endpoint.sources.map(({ deployment, rules }) => [deployment.id, deployment.digest, rules])
    offers.set(endpoint, (offer = JSON.stringify([endpoint.search, sources])))
  }
  return offer
}
