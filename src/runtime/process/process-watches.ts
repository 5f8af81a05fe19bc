import { LIMITS } from '#std/index.ts'
import type { UpstreamInfo, Watched } from '../model.ts'
import { createWatchList } from '../remote/watches.ts'
import { TASKS_EXTENSION } from '#protocol/index.ts'
import type { StdioPeer } from './stdio-peer.ts'
import { createSubscription } from './subscription.ts'

/** Tells a server what its clients want to hear of, whichever process of it runs. */
export interface ProcessWatches {
  watch(what: Watched): () => void
  /** Another process runs; all that is wanted is asked of it. */
  attach(peer: StdioPeer, info: UpstreamInfo): void
  /** It is gone. */
  detach(): void
  resources(): readonly string[]
}

interface Follower {
  follow(): void
  close(): void
}

export function createProcessWatches(now: () => number): ProcessWatches {
  let follower: Follower | null = null
  const list = createWatchList(() => follower?.follow())
  return {
    watch: (what) => list.add(what),
    attach(peer, info) {
      follower?.close()
      follower = info.era === 'modern' ? followModern(peer, info, list, now) : followLegacy(peer, info, list, now)
      follower.follow()
    },
    detach() {
      follower?.close()
      follower = null
    },
    resources: () => list.resources(),
  }
}

type List = ReturnType<typeof createWatchList>

const CHANGES = { tools: 'toolsListChanged', prompts: 'promptsListChanged', resources: 'resourcesListChanged' } as const

/** Lists that change have a subscription of their own: whatever becomes of what clients name, they are heard of. */
function followModern(peer: StdioPeer, info: UpstreamInfo, list: List, now: () => number): Follower {
  const changes = createSubscription(peer, now)
  const announced = announcedLists(info)
  if (announced.length > 0) {
    changes.listen({ notifications: Object.fromEntries(announced.map((kind) => [CHANGES[kind], true])), clientCapabilities: {} })
  }
  const watched = createSubscription(peer, now)
  const hasTasks = TASKS_EXTENSION in ((info.capabilities['extensions'] as object | undefined) ?? {})
  let timer: NodeJS.Timeout | null = null
  let isListening = false
  const update = (): void => {
    timer = null
    const resources = isSubscribable(info) ? list.resources() : []
    const tasks = hasTasks ? list.tasks() : []
    const notifications = {
      ...(resources.length === 0 ? {} : { resourceSubscriptions: resources }),
      ...(tasks.length === 0 ? {} : { taskIds: tasks }),
    }
    if (resources.length + tasks.length > 0) {
      watched.listen({ notifications, clientCapabilities: tasks.length === 0 ? {} : { extensions: { [TASKS_EXTENSION]: {} } } })
      isListening = true
    } else if (isListening) {
      watched.listen(null)
      isListening = false
    }
  }
  return {
    follow() {
      // Each change of the filter sends all of it: many that come together are one.
      timer ??= setTimeout(update, LIMITS.watchGatherMs).unref()
    },
    close() {
      if (timer !== null) clearTimeout(timer)
      changes.close()
      watched.close()
    },
  }
}

/** `resources/subscribe` once for each (2025-11-25, server/resources, subscriptions). That era tells nothing of tasks. */
function followLegacy(peer: StdioPeer, info: UpstreamInfo, list: List, now: () => number): Follower {
  const asked = new Set<string>()
  const send = (method: string, uri: string): void => {
    peer.request({ method, params: { uri }, deadlineAtMs: now() + LIMITS.listDeadlineMsDefault }).answer.catch(() => {})
  }
  return {
    follow() {
      if (!isSubscribable(info)) return
      const wanted = new Set(list.resources())
      for (const uri of asked.difference(wanted)) {
        asked.delete(uri)
        send('resources/unsubscribe', uri)
      }
      for (const uri of wanted.difference(asked)) {
        asked.add(uri)
        send('resources/subscribe', uri)
      }
    },
    close() {},
  }
}

function isSubscribable({ capabilities }: UpstreamInfo): boolean {
  return (capabilities['resources'] as { subscribe?: unknown } | undefined)?.subscribe === true
}

/** The kinds of lists whose changes a server announces. */
export function announcedLists({ capabilities }: UpstreamInfo): readonly (keyof typeof CHANGES)[] {
  return (['tools', 'prompts', 'resources'] as const).filter(
    (kind) => (capabilities[kind] as { listChanged?: unknown } | undefined)?.listChanged === true,
  )
}
