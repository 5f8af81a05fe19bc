import { destinationOf, hostPortText, readUrl, type Egress } from '#egress/index.ts'
import { LIMITS, Problem, type Clock } from '#std/index.ts'
import type { DeploymentRecord, DeploymentStatus, PendingAnswer, Upstream, UpstreamAnswer, UpstreamRequest } from '../model.ts'
import { createContact, type Contact } from './contact.ts'
import { createNotificationStream } from './notification-stream.ts'
import { EraDoubt, type Link, type Peer, type Ticket } from './peer.ts'
import { probeEra } from './probe-era.ts'
import { createRawHttp } from './raw-http.ts'
import { createRemoteStatus } from './remote-status.ts'

export interface RemoteUpstreamOptions {
  /** Its `spec.kind` is `remote`. */
  readonly deployment: DeploymentRecord
  readonly egress: Egress
  /** The operator's headers, opened: name, value, name, value. The same array as long as nothing changed. */
  readonly headers: () => readonly string[]
  readonly now: Clock
  /** What servers are told about us when no client is known. */
  readonly clientInfo: Record<string, unknown>
  readonly log?: { warn(fields: object, text: string): void }
  readonly onStatus?: (status: DeploymentStatus) => void
}

export interface RemoteUpstream extends Upstream {
  readonly http: NonNullable<Upstream['http']>
  /** Makes contact in the background, anew if it was made before, so that the status is known without a call. */
  start(): void
  /** Ends sessions, streams and connections. */
  close(): Promise<void>
}

/**
 * A server somewhere else that speaks Streamable HTTP. Its era is found out at first contact and remembered; while it
 * cannot be reached it is tried again with growing waits. What the operator declared may be private, what was added
 * otherwise only where SALLYPORT_EGRESS_ALLOW says so. Throws `egress-denied` when the URL is not a plain http(s) one.
 */
export function createRemoteUpstream(options: RemoteUpstreamOptions): RemoteUpstream {
  const { deployment, now } = options
  const { name, startDeadlineMs } = deployment
  const listeners = new Set<(method: string, params: Record<string, unknown>) => void>()
  const emit = (method: string, params: Record<string, unknown>): void => {
    if (method === 'notifications/tools/list_changed') contact.known()?.tools.forget()
    for (const listener of listeners) listener(method, params)
  }
  const status = createRemoteStatus({ name, now, toolCount: () => contact.known()?.tools.count() ?? null, onStatus: options.onStatus })
  const { link, close } = connect(options, emit, {
    onReached: (httpStatus) => {
      const peer = httpStatus < 400 ? contact.known() : null
      if (peer !== null) status.ready(peer.info.era)
    },
    onUnreachable: (problem, deniedHostPort) => {
      status.down(problem, deniedHostPort)
      contact.lost()
    },
  })
  const contact: Contact = createContact({
    name,
    now,
    startDeadlineMs,
    probe: (deadlineAtMs, before) => probeEra(link, deadlineAtMs, before),
    onFound: (peer) => {
      status.ready(peer.info.era)
      stream.renew()
    },
    onFailed: (problem) => status.down(problem, null),
  })
  const stream = createNotificationStream({ peer: () => contact.peer(now() + startDeadlineMs), emit })
  return {
    deployment,
    http: link.http,
    status: () => status.current(),
    start: () => void contact.find().catch(() => undefined),
    describe: async (deadlineAtMs) => (await contact.peer(deadlineAtMs)).info,
    known: () => contact.known()?.info ?? null,
    request: (request) => startCall(name, (ticket) => run(contact, request, ticket)),
    notify(method, params) {
      contact.peer(now() + LIMITS.listDeadlineMsDefault).then(
        (peer) => peer.notify(method, params),
        () => undefined,
      )
    },
    onNotification(listener) {
      listeners.add(listener)
      stream.setWanted(true)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) stream.setWanted(false)
      }
    },
    async close() {
      const peer = contact.known()
      listeners.clear()
      stream.setWanted(false)
      contact.close()
      await peer?.close()
      await close()
      status.stopped()
    },
  }
}

interface Reachability {
  readonly onReached: (httpStatus: number) => void
  readonly onUnreachable: (problem: Problem, deniedHostPort: string | null) => void
}

/** Opens the connections: one pool for calls, one for streams, which would otherwise take the places of calls. */
function connect(
  options: RemoteUpstreamOptions,
  emit: Link['emit'],
  { onReached, onUnreachable }: Reachability,
): { link: Link; close: () => Promise<void> } {
  const { deployment, egress, now, clientInfo, log } = options
  const { name, spec } = deployment
  if (spec.kind !== 'remote') throw new Error(`${name} is not a remote deployment`)
  const url = readUrl(spec.url)
  const hostPort = hostPortText(destinationOf(url))
  const isTrusted = deployment.origin.kind !== 'api'
  const calls = egress.openPool(url, { isTrusted })
  const streams = egress.openPool(url, { isTrusted, connectionsMax: LIMITS.eventStreamsMax })
  const http = createRawHttp({
    name,
    url,
    hostPort,
    calls,
    streams,
    headers: options.headers,
    onReached,
    onUnreachable: (problem, { kind }) => onUnreachable(problem, kind === 'egress' ? hostPort : null),
  })
  let lastId = 0
  return {
    link: { name, hostPort, http, now, clientInfo, nextId: () => ++lastId, emit, warn: (text) => log?.warn({ deployment: name }, text) },
    async close() {
      await Promise.all([calls.destroy(), streams.destroy()])
    },
  }
}

/** Runs a call that can be given up at any moment. */
function startCall(name: string, work: (ticket: Ticket) => Promise<UpstreamAnswer>): PendingAnswer {
  let cancelled: Problem | null = null
  let isOver = false
  const { promise, resolve, reject } = Promise.withResolvers<UpstreamAnswer>()
  const ticket: Ticket = {
    running: null,
    assertWanted() {
      if (cancelled !== null) throw cancelled
    },
  }
  work(ticket)
    .finally(() => {
      isOver = true
    })
    .then(resolve, reject)
  // Whoever cancels may no longer wait for the answer.
  promise.catch(() => undefined)
  return {
    answer: promise,
    cancel(reason) {
      if (isOver || cancelled !== null) return
      cancelled = new Problem('upstream-failed', `The call to ${name} was cancelled.`)
      ticket.running?.stop(reason)
      reject(cancelled)
    },
  }
}

/** Calls the peer; when it turns out to speak another era than thought, finds out again and calls once more. */
async function run(contact: Contact, request: UpstreamRequest, ticket: Ticket): Promise<UpstreamAnswer> {
  const first = await contact.peer(request.deadlineAtMs)
  try {
    return await callPeer(first, request, ticket)
  } catch (error) {
    if (!(error instanceof EraDoubt)) throw error
    contact.doubt(first)
    const second = await contact.peer(request.deadlineAtMs)
    if (second.info.era === first.info.era) throw error.problem
    return callPeer(second, request, ticket).catch((again: unknown) => {
      throw again instanceof EraDoubt ? again.problem : again
    })
  }
}

async function callPeer(peer: Peer, request: UpstreamRequest, ticket: Ticket): Promise<UpstreamAnswer> {
  ticket.assertWanted()
  const answer = await peer.call(request, ticket)
  if (!answer.ok || request.method !== 'tools/list') return answer
  return { ok: true, result: peer.tools.observe(answer.result, request.params['cursor'] === undefined) }
}
