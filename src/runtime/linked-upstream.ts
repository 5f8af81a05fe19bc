import { LIMITS, Problem } from '#std/index.ts'
import type {
  DeploymentRecord,
  DeploymentStatus,
  LogLine,
  PendingAnswer,
  UpstreamAnswer,
  UpstreamInfo,
  UpstreamRequest,
  Watched,
} from './model.ts'
import type { Driven, DriverEvents } from './runtime.ts'
import { fromPlainProblem, isRuntimeMessage, type MessageChannel, type ToPrimary, type ToWorker } from './runtime-link.ts'

interface Waiting {
  readonly request: UpstreamRequest | null
  readonly resolve: (value: never) => void
  readonly reject: (problem: Problem) => void
  readonly timer: NodeJS.Timeout
}

/** The worker's end of a channel to the primary: gives an upstream for each process that runs there. */
export interface RuntimeLink {
  upstream(deployment: DeploymentRecord, events: DriverEvents): Driven
}

/** Connects a worker with the processes of the primary. */
export function linkRuntime(channel: MessageChannel, now: () => number): RuntimeLink {
  const waiting = new Map<number, Waiting>()
  const upstreams = new Map<string, LinkedUpstream>()
  let lastId = 0

  const send = (message: ToPrimary): void => channel.send(message)
  const settle = (id: number): Waiting | undefined => {
    const entry = waiting.get(id)
    if (entry === undefined) return undefined
    clearTimeout(entry.timer)
    waiting.delete(id)
    return entry
  }
  const ask: Ask = (message, deadlineAtMs, request) => {
    const id = ++lastId
    const answer = new Promise<never>((resolve, reject) => {
      // The primary keeps the deadline itself; this is for a primary that has stopped speaking.
      const timer = setTimeout(
        () => settle(id)?.reject(new Problem('upstream-timeout', 'The process that runs this server does not answer.')),
        Math.min(2 ** 31 - 1, Math.max(0, deadlineAtMs - now()) + LIMITS.runtimeLinkGraceMs),
      )
      waiting.set(id, { request, resolve, reject, timer })
    })
    send(message(id))
    return {
      answer,
      cancel(reason) {
        const entry = settle(id)
        if (entry === undefined) return
        send({ runtime: 'cancel', id, reason })
        entry.reject(new Problem('upstream-failed', `The call was cancelled: ${reason}.`))
      },
    }
  }
  channel.onMessage((message) => {
    if (isRuntimeMessage(message)) receive(message as ToWorker, waiting, settle, upstreams)
  })

  return {
    upstream(deployment, events) {
      const key = `${deployment.tenant}/${deployment.name}`
      const upstream = new LinkedUpstream(
        deployment,
        events,
        { send, ask, onClose: () => upstreams.get(key) === upstream && upstreams.delete(key) },
        now(),
      )
      upstreams.set(key, upstream)
      send({ runtime: 'hello', tenant: deployment.tenant, name: deployment.name })
      return upstream
    },
  }
}

type Settle = (id: number) => Waiting | undefined

function receive(message: ToWorker, waiting: Map<number, Waiting>, settle: Settle, upstreams: Map<string, LinkedUpstream>): void {
  switch (message.runtime) {
    case 'answer':
      return settle(message.id)?.resolve(message.answer as never)
    case 'info':
      return settle(message.id)?.resolve(message.info as never)
    case 'problem':
      return settle(message.id)?.reject(fromPlainProblem(message.problem))
    case 'progress':
      return waiting.get(message.id)?.request?.onProgress?.(message.params)
    case 'log':
      return waiting.get(message.id)?.request?.onLog?.(message.params)
    case 'status':
      return upstreams.get(`${message.tenant}/${message.status.name}`)?.take(message.status, message.info)
    case 'heard':
      return upstreams.get(`${message.tenant}/${message.name}`)?.tell(message.method, message.params)
  }
}

type Ask = (
  message: (id: number) => ToPrimary,
  deadlineAtMs: number,
  request: UpstreamRequest | null,
) => { answer: Promise<never>; cancel(reason: string): void }

interface Ports {
  readonly send: (message: ToPrimary) => void
  readonly ask: Ask
  readonly onClose: () => void
}

type NotificationListener = (method: string, params: Record<string, unknown>) => void

/** A process of the primary as a worker sees it. */
class LinkedUpstream implements Driven {
  deployment: DeploymentRecord
  readonly http = null
  readonly #events: DriverEvents
  readonly #ports: Ports
  readonly #listeners = new Set<NotificationListener>()
  /** How many here want to hear of each; the primary is told of the first and the last. */
  readonly #watched = new Map<string, { readonly what: Watched; count: number }>()
  #status: DeploymentStatus
  #info: UpstreamInfo | null = null

  constructor(deployment: DeploymentRecord, events: DriverEvents, ports: Ports, nowMs: number) {
    this.deployment = deployment
    this.#events = events
    this.#ports = ports
    this.#status = {
      name: deployment.name,
      state: 'starting',
      era: null,
      isolation: null,
      pid: null,
      restarts: 0,
      sinceMs: nowMs,
      toolCount: null,
      cause: null,
      remedy: null,
      denied: [],
    }
  }

  status(): DeploymentStatus {
    return this.#status
  }

  known(): UpstreamInfo | null {
    return this.#info
  }

  describe(deadlineAtMs: number): Promise<UpstreamInfo> {
    const { tenant, name } = this.deployment
    return this.#ports.ask((id) => ({ runtime: 'describe', id, tenant, name, deadlineAtMs }), deadlineAtMs, null).answer
  }

  request(request: UpstreamRequest): PendingAnswer {
    const { tenant, name } = this.deployment
    const { onProgress, onLog, ...plain } = request
    const linked = { ...plain, wantsProgress: onProgress !== undefined, wantsLog: onLog !== undefined }
    const pending = this.#ports.ask((id) => ({ runtime: 'request', id, tenant, name, request: linked }), request.deadlineAtMs, request)
    return { answer: pending.answer satisfies Promise<UpstreamAnswer>, cancel: (reason) => pending.cancel(reason) }
  }

  notify(method: string, params: Record<string, unknown>): void {
    const { tenant, name } = this.deployment
    this.#ports.send({ runtime: 'notify', tenant, name, method, params })
  }

  onNotification(listener: NotificationListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  watch(what: Watched): () => void {
    const key = JSON.stringify(what)
    const entry = this.#watched.get(key) ?? { what, count: 0 }
    if (entry.count === 0) {
      if (this.#watched.size >= LIMITS.watchedPerUpstreamMax) return () => {}
      this.#watched.set(key, entry)
      this.#sayWatch('watch', what)
    }
    entry.count++
    let isWanted = true
    return () => {
      if (!isWanted) return
      isWanted = false
      if (--entry.count > 0 || this.#watched.get(key) !== entry) return
      this.#watched.delete(key)
      this.#sayWatch('unwatch', what)
    }
  }

  #sayWatch(runtime: 'watch' | 'unwatch', what: Watched): void {
    const { tenant, name } = this.deployment
    this.#ports.send({ runtime, tenant, name, what })
  }

  adopt(deployment: DeploymentRecord): void {
    this.deployment = deployment
  }

  /** Lines stay where the process runs and where the control plane reads them: in the primary. */
  logs(): readonly LogLine[] {
    return []
  }

  restart(): void {
    const { tenant, name } = this.deployment
    this.#ports.send({ runtime: 'restart', tenant, name })
  }

  noteTools(count: number): void {
    const { tenant, name } = this.deployment
    this.#ports.send({ runtime: 'tools', tenant, name, count })
  }

  async close(): Promise<void> {
    for (const { what } of this.#watched.values()) this.#sayWatch('unwatch', what)
    this.#watched.clear()
    this.#ports.onClose()
  }

  take(status: DeploymentStatus, info: UpstreamInfo | null): void {
    this.#status = status
    this.#info = info
    this.#events.onStatus(status)
  }

  tell(method: string, params: Record<string, unknown>): void {
    for (const listener of this.#listeners) listener(method, params)
  }
}
