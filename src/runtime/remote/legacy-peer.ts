import { setTimeout as delay } from 'node:timers/promises'
import { LIMITS, Problem } from '#std/index.ts'
import type { UpstreamAnswer, UpstreamRequest } from '../model.ts'
import { endSession, openSession, sessionHeaders, type LegacySession } from './legacy-session.ts'
import {
  announcedLists,
  dispatchToCall,
  EraDoubt,
  isAtLeast,
  neutralAnswer,
  problemOfStatus,
  remainingMs,
  type Link,
  type OpenStream,
  type Peer,
  type StreamOutcome,
  type Ticket,
} from './peer.ts'
import { startExchange, type InboundMessage, type RpcExchange, type RpcReply } from './rpc-exchange.ts'
import { createToolCatalogue } from './tool-catalogue.ts'
import { isTransient } from './transient-problem.ts'

const METHOD_NOT_FOUND = -32601
const INVALID_PARAMS = -32602

/**
 * A server of 2024-11-05 … 2025-11-25 behind one pooled session. All callers share it, so nothing of one caller may be
 * left in it: log levels only widen what arrives, and each call filters for itself.
 */
export function createLegacyPeer(link: Link, first: LegacySession): Peer {
  let session = first
  let renewing: Promise<LegacySession> | null = null

  /** A session that answers 404 has ended; a new one is begun, once for all who noticed (2025-11-25, session management). */
  const renew = (lost: LegacySession, deadlineMs: number): Promise<LegacySession> => {
    if (session !== lost) return Promise.resolve(session)
    renewing ??= openSession(link, deadlineMs)
      .then(
        (opened) => (session = opened),
        (error: unknown) => {
          // No handshake any more: the server may speak the newer era by now.
          throw error instanceof Problem && !isTransient(error) ? new EraDoubt(error) : error
        },
      )
      .finally(() => {
        renewing = null
      })
    return renewing
  }

  return {
    get info() {
      return session.info
    },
    tools: createToolCatalogue(null, link.warn),
    async call(request, ticket) {
      const used = session
      const reply = await callOnce(link, used, request, ticket)
      if (!isSessionLost(used, reply)) return read(link, reply)
      const renewed = await renew(used, remainingMs(link, request.deadlineAtMs))
      ticket.assertWanted()
      return read(link, await callOnce(link, renewed, request, ticket))
    },
    notify(method, params) {
      post(link, session, { jsonrpc: '2.0', method, params })
    },
    listen: (onOpen) => listen(link, session, onOpen, (lost) => renew(lost, LIMITS.listDeadlineMsDefault)),
    close: () => endSession(link, session),
  }
}

async function callOnce(link: Link, session: LegacySession, request: UpstreamRequest, ticket: Ticket): Promise<RpcReply> {
  if (request.logLevel !== undefined) await widenLogLevel(link, session, request.logLevel, remainingMs(link, request.deadlineAtMs))
  ticket.assertWanted()
  const id = link.nextId()
  const params =
    request.onProgress === undefined
      ? request.params
      : { ...request.params, _meta: { ...(request.params['_meta'] as object | undefined), progressToken: id } }
  const headers = sessionHeaders(session)
  if (request.traceparent !== undefined) headers.push('traceparent', request.traceparent)
  const onMessage = (inbound: InboundMessage): void => {
    if (inbound.id !== null) answerServer(link, session, inbound)
    else if (!dispatchToCall(request, id, inbound)) link.emit(inbound.method, inbound.params)
  }
  const message = { jsonrpc: '2.0', id, method: request.method, params }
  let started = startExchange(link.http, link.name, {
    method: 'POST',
    headers,
    message,
    id,
    deadlineMs: remainingMs(link, request.deadlineAtMs),
    onMessage,
  })
  // Losing the connection does not cancel anything in this era; only saying so does.
  const sayCancelled = (reason: string): void =>
    post(link, session, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id, reason } })
  ticket.running = {
    stop(reason) {
      sayCancelled(reason)
      started.abort()
    },
  }
  try {
    let reply = await started.reply
    // A stream may end before the answer and be taken up again where it stopped (2025-11-25, resumability).
    while (reply.answer === null && reply.status === 200 && reply.lastEventId !== null) {
      const lastEventId = reply.lastEventId
      const wishedMs = Math.min(reply.retryMs ?? LIMITS.streamResumeMsDefault, LIMITS.streamResumeMsMax)
      await delay(Math.min(wishedMs, remainingMs(link, request.deadlineAtMs)), undefined, { ref: false })
      ticket.assertWanted()
      started = resume(link, session, lastEventId, id, remainingMs(link, request.deadlineAtMs), onMessage)
      const resumed = await started.reply
      // The call has begun: whatever this status says of the session, the call must not be made a second time.
      if (resumed.status !== 200) throw problemOfStatus(link, resumed)
      reply = { ...resumed, lastEventId: resumed.lastEventId ?? lastEventId }
    }
    return reply
  } catch (error) {
    if (error instanceof Problem && error.type === 'upstream-timeout') sayCancelled('The deadline has passed.')
    throw error
  }
}

function resume(
  link: Link,
  session: LegacySession,
  lastEventId: string,
  id: number,
  deadlineMs: number,
  onMessage: (inbound: InboundMessage) => void,
): RpcExchange {
  const headers = [...sessionHeaders(session), 'last-event-id', lastEventId]
  return startExchange(link.http, link.name, { method: 'GET', headers, message: null, id, deadlineMs, onMessage })
}

function read(link: Link, reply: RpcReply): UpstreamAnswer {
  const { answer, status } = reply
  if (answer !== null && status !== 401 && status !== 403)
    return 'result' in answer ? neutralAnswer(link.name, answer.result) : { ok: false, error: answer.error }
  const problem = problemOfStatus(link, reply)
  throw status === 404 || status === 405 ? new EraDoubt(problem) : problem
}

/** Servers answer 404 for an ended session, as they should, or 400 with an error that speaks of it. */
function isSessionLost(session: LegacySession, { status, answer }: RpcReply): boolean {
  if (session.id === null) return false
  if (status === 404) return true
  if (status !== 400 || answer === null || !('error' in answer)) return false
  return answer.error.code !== INVALID_PARAMS && answer.error.message.toLowerCase().includes('session')
}

async function widenLogLevel(link: Link, session: LegacySession, level: string, deadlineMs: number): Promise<void> {
  if (session.info.capabilities['logging'] === undefined || (session.logLevel !== null && isAtLeast(level, session.logLevel))) return
  session.logLevel = level
  const id = link.nextId()
  const message = { jsonrpc: '2.0', id, method: 'logging/setLevel', params: { level } }
  // A server that refuses sends what it sends; the call itself does not depend on it.
  await startExchange(link.http, link.name, { method: 'POST', headers: sessionHeaders(session), message, id, deadlineMs }).reply.catch(
    () => undefined,
  )
}

/** Nothing was declared, so a request of the server is answered as unknown, lest it waits for ever. */
function answerServer(link: Link, session: LegacySession, { id, method }: InboundMessage): void {
  const answer =
    method === 'ping' ? { result: {} } : { error: { code: METHOD_NOT_FOUND, message: `This client does not support ${method}` } }
  post(link, session, { jsonrpc: '2.0', id, ...answer })
}

function post(link: Link, session: LegacySession, message: object): void {
  startExchange(link.http, link.name, {
    method: 'POST',
    headers: sessionHeaders(session),
    message,
    id: null,
    deadlineMs: LIMITS.listDeadlineMsDefault,
  })
}

/** Opens the GET stream of the session (2025-11-25, listening for messages from the server). */
function listen(
  link: Link,
  session: LegacySession,
  onOpen: () => void,
  renew: (lost: LegacySession) => Promise<LegacySession>,
): OpenStream {
  if (announcedLists(session.info).length === 0) return { done: Promise.resolve('unsupported'), abort: () => undefined }
  const started = startExchange(link.http, link.name, {
    method: 'GET',
    headers: sessionHeaders(session),
    message: null,
    id: null,
    deadlineMs: 0,
    onHead: (status) => {
      if (status === 200) onOpen()
    },
    onMessage: (inbound) => {
      if (inbound.id === null) link.emit(inbound.method, inbound.params)
      else answerServer(link, session, inbound)
    },
  })
  const done = started.reply
    .then(async (reply): Promise<StreamOutcome> => {
      if (!isSessionLost(session, reply))
        return reply.status >= 400 && reply.status < 500 && reply.status !== 409 && reply.status !== 429 ? 'unsupported' : 'ended'
      await renew(session)
      return 'ended'
    })
    // Whatever broke it: the next one is opened after a wait, and calls say what is wrong.
    .catch(() => 'ended' as const)
  return { done, abort: () => started.abort() }
}
