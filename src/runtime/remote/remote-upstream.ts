import { destinationOf, hostPortText, readUrl, type Egress } from '#egress/index.ts'
import { LIMITS, type Clock, type Problem } from '#std/index.ts'
import type { DeploymentRecord, DeploymentStatus, Upstream, UpstreamAnswer, UpstreamRequest } from '../model.ts'
import { createContact, type Contact } from './contact.ts'
import type { Link } from './link.ts'
import { createNotificationStream } from './notification-stream.ts'
import { createParking, type Parking } from './parking.ts'
import { EraDoubt, type Peer } from './peer.ts'
import { probeEra } from './probe-era.ts'
import { createRawHttp } from './raw-http.ts'
import { createRemoteStatus } from './remote-status.ts'
import { startCall, type Ticket } from './ticket.ts'
import { createWatchList } from './watches.ts'

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
 * A server somewhere else that speaks MCP over HTTP. Its era is found out at first contact and remembered; while it
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
  const parking = createParking(name, now)
  const { link, close } = connect(options, emit, parking, {
    onReached: (httpStatus) => {
      const peer = httpStatus < 400 ? contact.known() : null
      if (peer !== null) status.ready(peer.info.era)
    },
    onUnreachable: (problem, deniedHostPort) => {
      status.down(problem, deniedHostPort)
      contact.lost()
    },
  })
  const follow = (peer: Peer): void => (peer.follow(watches) ? stream.reopen() : stream.renew())
  const contact: Contact = createContact({
    name,
    now,
    startDeadlineMs,
    probe: (deadlineAtMs, before) => probeEra(link, deadlineAtMs, before),
    onFound: (found) => {
      status.ready(found.info.era)
      found.follow(watches)
      stream.renew()
    },
    onFailed: (problem) => status.down(problem, null),
  })
  const peer = (): Promise<Peer> => contact.peer(now() + startDeadlineMs)
  const gathered = createPause(LIMITS.watchReopenMs, () => void peer().then(follow, () => undefined))
  const watches = createWatchList(gathered.start)
  const stream = createNotificationStream({ peer, watches, emit })
  return {
    deployment,
    http: link.http,
    status: () => status.current(),
    start: () => void contact.find().catch(() => undefined),
    describe: async (deadlineAtMs) => (await contact.peer(deadlineAtMs)).info,
    known: () => contact.known()?.info ?? null,
    request: (request) => startCall(name, (ticket) => run(contact, parking, request, ticket)),
    notify: (method, params) =>
      void peer().then(
        (found) => found.notify(method, params),
        () => undefined,
      ),
    onNotification(listener) {
      listeners.add(listener)
      stream.setWanted(true)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) stream.setWanted(false)
      }
    },
    watch: (what) => watches.add(what),
    async close() {
      listeners.clear()
      gathered.stop()
      stream.setWanted(false)
      parking.close()
      await contact.close()
      await close()
      status.stopped()
    },
  }
}

/** Does something once a while after it was asked for, however often that was. */
function createPause(ms: number, work: () => void): { start: () => void; stop: () => void } {
  let timer: NodeJS.Timeout | null = null
  return {
    start() {
      timer ??= setTimeout(() => {
        timer = null
        work()
      }, ms).unref()
    },
    stop() {
      if (timer !== null) clearTimeout(timer)
    },
  }
}

interface Reachability {
  readonly onReached: (httpStatus: number) => void
  readonly onUnreachable: (problem: Problem, deniedHostPort: string | null) => void
}

/** Opens the connections: one pool for calls, one for streams and one for calls that wait, which would otherwise take their places. */
function connect(
  options: RemoteUpstreamOptions,
  emit: Link['emit'],
  parking: Parking,
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
  const talks = egress.openPool(url, { isTrusted, connectionsMax: LIMITS.upstreamConnectionsMax + LIMITS.parkedCallsMax })
  const http = createRawHttp({
    name,
    url,
    hostPort,
    calls,
    streams,
    talks,
    headers: options.headers,
    onReached,
    onUnreachable: (problem, { kind }) => onUnreachable(problem, kind === 'egress' ? hostPort : null),
  })
  let lastId = 0
  const warn = (text: string): void => log?.warn({ deployment: name }, text)
  return {
    link: { name, url, hostPort, http, now, clientInfo, nextId: () => ++lastId, emit, warn, parking },
    async close() {
      await Promise.all([calls.destroy(), streams.destroy(), talks.destroy()])
    },
  }
}

/** Calls the peer; when it turns out to speak another era than thought, finds out again and calls once more. */
async function run(contact: Contact, parking: Parking, request: UpstreamRequest, ticket: Ticket): Promise<UpstreamAnswer> {
  const first = await contact.peer(request.deadlineAtMs)
  try {
    return await callPeer(first, parking, request, ticket)
  } catch (error) {
    if (!(error instanceof EraDoubt)) throw error
    contact.doubt(first)
    const second = await contact.peer(request.deadlineAtMs)
    if (second.info.era === first.info.era) throw error.problem
    return callPeer(second, parking, request, ticket).catch((again: unknown) => {
      throw again instanceof EraDoubt ? again.problem : again
    })
  }
}

async function callPeer(peer: Peer, parking: Parking, request: UpstreamRequest, ticket: Ticket): Promise<UpstreamAnswer> {
  ticket.assertWanted()
  const state = request.given?.state ?? null
  // A legacy server has nothing to come back to but a call of its own that waits; without a name it is a new call.
  if (state !== null && peer.info.era === 'legacy') return parking.takeUp(state, request, ticket)
  const answer = await peer.call(request, ticket)
  if (answer.ok !== true || request.method !== 'tools/list') return answer
  return { ok: true, result: peer.tools.observe(answer.result, request.params['cursor'] === undefined) }
}
