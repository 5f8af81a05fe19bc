import { asProblem, Problem } from '#std/index.ts'
import type { PendingAnswer, Runtime, Upstream, UpstreamRequest, Watched } from './model.ts'
import { isRuntimeMessage, type LinkedRequest, type MessageChannel, toPlainProblem, type ToPrimary, type ToWorker } from './runtime-link.ts'

/** Lends the processes of this node to one worker process. */
export interface RuntimeService {
  /** The worker has gone: what it asked for is cancelled, and nothing more is sent. */
  close(): void
}

/** Serves one worker over its channel. Remote upstreams are not served: a worker reaches those itself. */
export function serveRuntime(runtime: Runtime, channel: MessageChannel): RuntimeService {
  return new WorkerService(runtime, channel)
}

class WorkerService implements RuntimeService {
  readonly #runtime: Runtime
  readonly #channel: MessageChannel
  readonly #pending = new Map<number, PendingAnswer>()
  readonly #heard = new Map<Upstream, () => void>()
  /** What the worker watches, by upstream and thing; a server that is started anew is asked again. */
  readonly #watched = new Map<string, Map<string, { readonly what: Watched; stop: () => void }>>()
  readonly #stopStatuses: () => void
  #isClosed = false

  constructor(runtime: Runtime, channel: MessageChannel) {
    this.#runtime = runtime
    this.#channel = channel
    this.#stopStatuses = runtime.onStatus((tenant, status) => this.#tell(tenant, status.name))
    channel.onMessage((message) => this.#take(message))
  }

  close(): void {
    this.#isClosed = true
    this.#stopStatuses()
    for (const stop of this.#heard.values()) stop()
    for (const things of this.#watched.values()) for (const { stop } of things.values()) stop()
    for (const call of this.#pending.values()) call.cancel('the process that asked has ended')
  }

  #send(message: ToWorker): void {
    if (!this.#isClosed) this.#channel.send(message)
  }

  #take(message: unknown): void {
    if (this.#isClosed || !isRuntimeMessage(message)) return
    try {
      this.#receive(message as ToPrimary)
    } catch (error) {
      const { id } = message as { id?: number }
      if (id !== undefined) this.#fail(id, error)
      else if (!(error instanceof Problem)) throw error
    }
  }

  #receive(message: ToPrimary): void {
    const runtime = this.#runtime
    switch (message.runtime) {
      case 'hello':
        return this.#tell(message.tenant, message.name)
      case 'request': {
        const { id } = message
        const call = this.#find(message.tenant, message.name).request(withCallbacks(id, message.request, (said) => this.#send(said)))
        this.#pending.set(id, call)
        return this.#answer(id, call.answer, (answer) => ({ runtime: 'answer', id, answer }))
      }
      case 'describe': {
        const { id } = message
        const info = this.#find(message.tenant, message.name).describe(message.deadlineAtMs)
        return this.#answer(id, info, (value) => ({ runtime: 'info', id, info: value }))
      }
      case 'cancel':
        return this.#pending.get(message.id)?.cancel(message.reason)
      case 'notify':
        return this.#find(message.tenant, message.name).notify(message.method, message.params)
      case 'watch':
        return this.#watch(message.tenant, message.name, message.what)
      case 'unwatch':
        return this.#unwatch(message.tenant, message.name, message.what)
      case 'tools':
        return runtime.noteTools(message.tenant, message.name, message.count)
      case 'restart':
        return runtime.restart(message.tenant, message.name)
    }
  }

  #watch(tenant: string, name: string, what: Watched): void {
    const key = `${tenant}/${name}`
    const things = this.#watched.get(key) ?? new Map<string, { readonly what: Watched; stop: () => void }>()
    this.#watched.set(key, things)
    const upstream = this.#runtime.upstream(tenant, name)
    // One that is not heard yet is asked for all of it when it is.
    const isHeard = upstream !== undefined && this.#heard.has(upstream)
    things.set(JSON.stringify(what), { what, stop: isHeard ? upstream.watch(what) : () => {} })
  }

  #unwatch(tenant: string, name: string, what: Watched): void {
    const things = this.#watched.get(`${tenant}/${name}`)
    const key = JSON.stringify(what)
    things?.get(key)?.stop()
    things?.delete(key)
    if (things?.size === 0) this.#watched.delete(`${tenant}/${name}`)
  }

  #answer<T>(id: number, promise: Promise<T>, say: (value: T) => ToWorker): void {
    promise
      .then((value) => {
        this.#pending.delete(id)
        return this.#send(say(value))
      })
      .catch((error: unknown) => this.#fail(id, error))
  }

  #fail(id: number, error: unknown): void {
    this.#pending.delete(id)
    this.#send({ runtime: 'problem', id, problem: toPlainProblem(asProblem(error)) })
  }

  #find(tenant: string, name: string): Upstream {
    const upstream = this.#runtime.upstream(tenant, name)
    if (upstream === undefined || upstream.deployment.spec.kind !== 'process') throw new Problem('upstream-down', `${name} is not running.`)
    return upstream
  }

  /** Sends the status of one process, and hears its notifications from now on; a former instance of that name is let go. */
  #tell(tenant: string, name: string): void {
    const upstream = this.#runtime.upstream(tenant, name)
    for (const [other, stop] of this.#heard) {
      if (other === upstream || other.deployment.tenant !== tenant || other.deployment.name !== name) continue
      stop()
      this.#heard.delete(other)
    }
    if (upstream?.deployment.spec.kind !== 'process') return
    if (!this.#heard.has(upstream)) {
      const hear = (method: string, params: Record<string, unknown>): void => this.#send({ runtime: 'heard', tenant, name, method, params })
      this.#heard.set(upstream, upstream.onNotification(hear))
      for (const thing of this.#watched.get(`${tenant}/${name}`)?.values() ?? []) {
        thing.stop()
        thing.stop = upstream.watch(thing.what)
      }
    }
    this.#send({ runtime: 'status', tenant, status: upstream.status(), info: upstream.known() })
  }
}

function withCallbacks(
  id: number,
  { wantsProgress, wantsLog, ...request }: LinkedRequest,
  send: (message: ToWorker) => void,
): UpstreamRequest {
  return {
    ...request,
    ...(wantsProgress ? { onProgress: (params) => send({ runtime: 'progress', id, params }) } : {}),
    ...(wantsLog ? { onLog: (params) => send({ runtime: 'log', id, params }) } : {}),
  }
}
