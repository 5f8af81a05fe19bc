import { META } from '#protocol/index.ts'
import { LIMITS } from '#std/index.ts'
import type { UpstreamAnswer, UpstreamInfo, UpstreamRequest } from '../model.ts'
import { TASKS_EXTENSION } from '#protocol/index.ts'
import type { Link } from './link.ts'
import { encodeModernNotification, encodeModernRequest } from './modern-wire.ts'
import {
  announcedLists,
  announcesUpdates,
  dispatchToCall,
  EraDoubt,
  problemOfStatus,
  remainingMs,
  type OpenStream,
  type Peer,
  type StreamOutcome,
} from './peer.ts'
import { readAnswer } from './read-answer.ts'
import { isObject, startExchange, type RpcReply } from './rpc-exchange.ts'
import type { Ticket } from './ticket.ts'
import { createToolCatalogue, type ToolCatalogue } from './tool-catalogue.ts'
import type { Watches } from './watches.ts'

const HEADER_MISMATCH = -32020
const UNSUPPORTED_VERSION = -32022
const METHOD_NOT_FOUND = -32601
const INVALID_PARAMS = -32602
const LEGACY_CODES = { from: -32_019, to: -32_000 }

/** A server of 2026-07-28: every request stands for itself, closing the stream of one cancels it. */
export function createModernPeer(link: Link, info: UpstreamInfo): Peer {
  const listPage = async (cursor: string | undefined, deadlineAtMs: number): Promise<Record<string, unknown> | null> => {
    const reply = await exchange(
      link,
      info,
      { method: 'tools/list', params: cursor === undefined ? {} : { cursor }, deadlineAtMs },
      null,
      [],
    )
    return reply.answer !== null && 'result' in reply.answer ? reply.answer.result : null
  }
  const tools = createToolCatalogue(listPage, link.warn)
  let heard = ''
  return {
    info,
    tools,
    async call(request, ticket) {
      const reply = await callOnce(link, info, tools, request, ticket)
      const isRefused = reply.answer !== null && 'error' in reply.answer && reply.answer.error.code === HEADER_MISMATCH
      if (!isRefused || request.method !== 'tools/call') return read(link, request, reply)
      // The annotations of the tool have changed. Refused for its headers, the call has not been executed.
      tools.forget()
      return read(link, request, await callOnce(link, info, tools, request, ticket))
    },
    notify(method, params) {
      const { headers, message } = encodeModernNotification(info.protocolVersion, method, params)
      startExchange(link.http, link.name, { method: 'POST', headers, message, id: null, deadlineMs: LIMITS.listDeadlineMsDefault })
    },
    listen(watches, onOpen) {
      const filter = filterOf(info, watches)
      heard = JSON.stringify(filter)
      return Object.keys(filter).length === 0
        ? { done: Promise.resolve('unsupported'), abort: () => undefined }
        : listen(link, info, filter, onOpen)
    },
    follow: (watches) => JSON.stringify(filterOf(info, watches)) !== heard,
    // Every request stands for itself: there is nothing to end.
    retire: () => undefined,
    close: async () => undefined,
  }
}

async function callOnce(link: Link, info: UpstreamInfo, tools: ToolCatalogue, request: UpstreamRequest, ticket: Ticket): Promise<RpcReply> {
  const paramHeaders = request.method === 'tools/call' ? await tools.headersOf(request.params['name'], request.deadlineAtMs) : []
  ticket.assertWanted()
  return exchange(link, info, request, ticket, paramHeaders)
}

async function exchange(
  link: Link,
  info: UpstreamInfo,
  request: UpstreamRequest,
  ticket: Ticket | null,
  paramHeaders: Parameters<typeof encodeModernRequest>[3],
): Promise<RpcReply> {
  const id = link.nextId()
  const { headers, message } = encodeModernRequest(id, info.protocolVersion, { clientInfo: link.clientInfo, ...request }, paramHeaders)
  const deadlineMs = remainingMs(link, request.deadlineAtMs)
  const started = startExchange(link.http, link.name, {
    method: 'POST',
    headers,
    message,
    id,
    deadlineMs,
    onMessage: (inbound) => void dispatchToCall(request, id, inbound),
  })
  if (ticket !== null) ticket.running = { stop: () => started.abort() }
  return started.reply
}

function read(link: Link, request: UpstreamRequest, reply: RpcReply): UpstreamAnswer {
  const { answer, status } = reply
  if (status === 401 || status === 403) throw problemOfStatus(link, reply)
  if (answer === null) {
    const problem = problemOfStatus(link, reply)
    throw status >= 400 && status < 500 && status !== 429 ? new EraDoubt(problem) : problem
  }
  if ('error' in answer) {
    const { code } = answer.error
    const isOfOtherEra = code === UNSUPPORTED_VERSION || (status >= 400 && code >= LEGACY_CODES.from && code <= LEGACY_CODES.to)
    if (isOfOtherEra) throw new EraDoubt(problemOfStatus(link, reply))
  }
  return readAnswer(link.name, answer, request, 'modern')
}

/** What a server is asked to tell of: the lists whose changes it announces, and what is watched of what it tells. */
function filterOf(info: UpstreamInfo, watches: Watches): Record<string, unknown> {
  const resources = announcesUpdates(info) ? watches.resources() : []
  const tasks = watches.tasks()
  return {
    ...Object.fromEntries(announcedLists(info).map((kind) => [`${kind}ListChanged`, true])),
    ...(resources.length === 0 ? {} : { resourceSubscriptions: resources }),
    ...(tasks.length === 0 ? {} : { taskIds: tasks }),
  }
}

/** Opens `subscriptions/listen` (2026-07-28, basic/patterns/subscriptions). */
function listen(link: Link, info: UpstreamInfo, filter: Record<string, unknown>, onOpen: () => void): OpenStream {
  const id = link.nextId()
  const request: UpstreamRequest = {
    method: 'subscriptions/listen',
    params: { notifications: filter },
    deadlineAtMs: Infinity,
    clientInfo: link.clientInfo,
    // Only who declares the extension is told of tasks (SEP-2663).
    ...(filter['taskIds'] === undefined ? {} : { clientCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } }),
  }
  const { headers, message } = encodeModernRequest(id, info.protocolVersion, request, [])
  const started = startExchange(link.http, link.name, {
    method: 'POST',
    headers,
    message,
    id,
    deadlineMs: 0,
    onMessage: (inbound) => {
      if (inbound.method === 'notifications/subscriptions/acknowledged') onOpen()
      else link.emit(inbound.method, withoutSubscription(inbound.params))
    },
  })
  const done = started.reply.then(outcomeOf, () => 'ended' as const)
  return { done, abort: () => started.abort() }
}

/** A server that cannot bear what is watched may still tell of its lists. */
function outcomeOf({ answer, status }: RpcReply): StreamOutcome {
  const code = answer !== null && 'error' in answer ? answer.error.code : null
  if (code === METHOD_NOT_FOUND || (code === null && (status === 404 || status === 405))) return 'unsupported'
  return code === INVALID_PARAMS || status === 413 ? 'refused' : 'ended'
}

function withoutSubscription(params: Record<string, unknown>): Record<string, unknown> {
  const { _meta: meta, ...rest } = params
  if (!isObject(meta)) return params
  const { [META.subscriptionId]: _ours, ...kept } = meta
  return Object.keys(kept).length === 0 ? rest : { ...rest, _meta: kept }
}
