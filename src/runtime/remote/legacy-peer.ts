import { LIMITS } from '#std/index.ts'
import type { UpstreamAnswer, UpstreamInfo, UpstreamRequest } from '../model.ts'
import { tell, type CarriedStream } from './carrier.ts'
import { LegacyCall, SessionLost } from './legacy-call.ts'
import type { LegacySession } from './legacy-session.ts'
import type { Link } from './link.ts'
import { announcedLists, announcesUpdates, isAtLeast, remainingMs, type OpenStream, type Peer, type StreamOutcome } from './peer.ts'
import { createResourceSubscriptions } from './resource-subscriptions.ts'
import type { RpcReply } from './rpc-exchange.ts'
import { SessionPool } from './session-pool.ts'
import type { Ticket } from './ticket.ts'
import { createToolCatalogue } from './tool-catalogue.ts'
import type { Watches } from './watches.ts'

/**
 * A server of 2024-11-05 … 2025-11-25. The calls of each client go through a session of its own, which declares what that
 * client can be asked for; lists, notifications and what is watched through the base session, which declares nothing.
 */
export function createLegacyPeer(link: Link, first: LegacySession): Peer {
  let listening: CarriedStream | null = null
  const pool = new SessionPool({
    link,
    base: first,
    onRenewed: () => {
      subscriptions.forget()
      listening?.abort()
    },
  })
  const base = (lost: LegacySession | null = null): Promise<LegacySession> =>
    pool.base.session(link.now() + LIMITS.listDeadlineMsDefault, lost)
  const subscriptions = createResourceSubscriptions(async (method, uri) => ask(link, await base(), method, { uri }))
  const info = (): UpstreamInfo => pool.base.current.info
  const hasNews = (watches: Watches): boolean =>
    announcedLists(info()).length > 0 || (announcesUpdates(info()) && watches.resources().length > 0)
  const silence = (): void => {
    subscriptions.close()
    listening?.abort()
  }
  return {
    get info() {
      return info()
    },
    tools: createToolCatalogue(null, link.warn),
    call: (request, ticket) => call(link, pool, request, ticket),
    notify(method, params) {
      tell(pool.base.current.carrier, { method, params })
    },
    listen: (watches, onOpen) =>
      hasNews(watches)
        ? listen(base, onOpen, (stream) => {
            listening = stream
          })
        : NO_STREAM,
    follow(watches) {
      if (announcesUpdates(info())) subscriptions.follow(watches.resources())
      return false
    },
    retire() {
      silence()
      pool.retire()
    },
    close() {
      silence()
      return pool.close()
    },
  }
}

const NO_STREAM: OpenStream = { done: Promise.resolve('unsupported'), abort: () => undefined }

/** A session that has ended is found out by its use; the call is then made in a new one, once. */
async function call(link: Link, pool: SessionPool, request: UpstreamRequest, ticket: Ticket): Promise<UpstreamAnswer> {
  try {
    return await callOnce(link, pool, request, ticket, null)
  } catch (error) {
    if (!(error instanceof SessionLost)) throw error
    return callOnce(link, pool, request, ticket, error.session)
  }
}

async function callOnce(
  link: Link,
  pool: SessionPool,
  request: UpstreamRequest,
  ticket: Ticket,
  lost: LegacySession | null,
): Promise<UpstreamAnswer> {
  const slot = pool.take(request)
  const leave = (): void => pool.leave(slot)
  const begin = async (): Promise<LegacyCall> => {
    const session = await slot.session(request.deadlineAtMs, lost)
    ticket.assertWanted()
    await session.ready()
    if (request.logLevel !== undefined) await widenLogLevel(link, session, request.logLevel, remainingMs(link, request.deadlineAtMs))
    ticket.assertWanted()
    return new LegacyCall(link, session, request, { isRepeatable: lost === null, onEnd: leave })
  }
  const started = await begin().catch((error: unknown) => {
    leave()
    throw error
  })
  return started.follow(ticket)
}

/** What arrives in a session is widened for all calls in it, and each call filters for itself. */
async function widenLogLevel(link: Link, session: LegacySession, level: string, deadlineMs: number): Promise<void> {
  if (session.info.capabilities['logging'] === undefined || (session.logLevel !== null && isAtLeast(level, session.logLevel))) return
  session.logLevel = level
  // A server that refuses sends what it sends; the call itself does not depend on it.
  await ask(link, session, 'logging/setLevel', { level }, deadlineMs).catch(() => undefined)
}

/** Asks for what belongs to the session and not to a call. */
function ask(
  link: Link,
  session: LegacySession,
  method: string,
  params: Record<string, unknown>,
  deadlineMs: number = LIMITS.listDeadlineMsDefault,
): Promise<RpcReply> {
  const id = link.nextId()
  const message = { jsonrpc: '2.0', id, method, params }
  return session.carrier.call({ message, id, deadlineMs, onMessage: (inbound) => session.hear(inbound, null) }).reply
}

/** Opens the stream of the base session (2025-11-25, listening for messages from the server). */
function listen(
  base: (lost?: LegacySession) => Promise<LegacySession>,
  onOpen: () => void,
  onStream: (stream: CarriedStream | null) => void,
): OpenStream {
  let current: CarriedStream | null = null
  let isAborted = false
  const run = async (): Promise<StreamOutcome> => {
    const session = await base()
    if (isAborted) return 'ended'
    current = session.carrier.listen(null, (status) => {
      if (status === 200) onOpen()
    })
    onStream(current)
    const reply = await current.reply
    if (session.carrier.isLostBy(reply)) await base(session)
    else if (reply.status >= 400 && reply.status < 500 && reply.status !== 409 && reply.status !== 429) return 'unsupported'
    return 'ended'
  }
  return {
    // Whatever broke it: the next one is opened after a wait, and calls say what is wrong.
    done: run().catch(() => 'ended' as const),
    abort() {
      isAborted = true
      current?.abort()
    },
  }
}
