import { Problem } from '#std/index.ts'
import type { UpstreamAnswer, UpstreamInfo, UpstreamRequest } from '../model.ts'
import type { Link } from './link.ts'
import type { InboundMessage, RpcReply } from './rpc-exchange.ts'
import type { Ticket } from './ticket.ts'
import type { ToolCatalogue } from './tool-catalogue.ts'
import { TransientProblem } from './transient-problem.ts'
import type { Watches } from './watches.ts'

/** How an event stream for notifications went: over; refused for what was asked on it; or not to be had from this server. */
export type StreamOutcome = 'ended' | 'refused' | 'unsupported'

export interface OpenStream {
  readonly done: Promise<StreamOutcome>
  abort(): void
}

/** One upstream in one era. */
export interface Peer {
  readonly info: UpstreamInfo
  readonly tools: ToolCatalogue
  call(request: UpstreamRequest, ticket: Ticket): Promise<UpstreamAnswer>
  notify(method: string, params: Record<string, unknown>): void
  /** Opens the stream of notifications, for lists and what is watched; `onOpen` when the server has accepted. */
  listen(watches: Watches, onOpen: () => void): OpenStream
  /** What is watched has changed; true when the stream of notifications must be opened anew for it. */
  follow(watches: Watches): boolean
  /** Somebody else stands for this server from now on: what nobody uses any more is ended. */
  retire(): void
  close(): Promise<void>
}

/** The server answers as one of the other era would: the verdict must be looked at again. Nothing has been executed. */
export class EraDoubt extends Error {
  override name = 'EraDoubt'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.message)
    this.problem = problem
  }
}

/** What an answer without a usable message means. */
export function problemOfStatus({ name, hostPort }: Pick<Link, 'name' | 'hostPort'>, reply: RpcReply): Problem {
  const server = `${name} (${hostPort})`
  const { status } = reply
  if (status === 401 || status === 403) {
    const what = status === 401 ? 'wants a credential' : 'refuses the credential it was given'
    return new Problem('upstream-failed', `${server} ${what} (HTTP ${status}).`, {
      remedy: `Give it one: sallyport deployment add ${name} URL --header Authorization=env:${environmentName(name)}_TOKEN`,
    })
  }
  if (status === 429)
    return new TransientProblem('upstream-failed', `${server} says that it is asked too often (HTTP 429).`, {
      remedy: 'Call it less often.',
    })
  if (status >= 500)
    return new TransientProblem('upstream-failed', `${server} failed (HTTP ${status}).`, { remedy: 'Look into the log of the server.' })
  if (status >= 400) {
    return new Problem('upstream-failed', `${server} refused the request (HTTP ${status}).`, {
      remedy: 'Check that the URL is that of an MCP endpoint.',
    })
  }
  return new Problem('upstream-failed', `${server} ended its answer without answering (HTTP ${status}).`, {
    remedy: 'Look into the log of the server.',
  })
}

/** Hands the notifications on a call's own stream to whoever made the call. True when it was one of those. */
export function dispatchToCall(
  request: UpstreamRequest,
  id: number,
  { method, params }: Pick<InboundMessage, 'method' | 'params'>,
): boolean {
  if (method === 'notifications/progress') {
    const { progressToken, ...rest } = params
    if (progressToken === id) request.onProgress?.(rest)
    return true
  }
  if (method !== 'notifications/message') return false
  if (request.logLevel !== undefined && isAtLeast(params['level'], request.logLevel)) request.onLog?.(params)
  return true
}

/** RFC 5424 severities as MCP spells them, the least severe first. */
const LEVELS: readonly unknown[] = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']
export const isAtLeast = (level: unknown, least: string): boolean => LEVELS.indexOf(level) >= LEVELS.indexOf(least)

/** The kinds of lists whose changes a server announces. */
export function announcedLists(info: UpstreamInfo): readonly ('tools' | 'prompts' | 'resources')[] {
  return (['tools', 'prompts', 'resources'] as const).filter(
    (kind) => (info.capabilities[kind] as { listChanged?: unknown } | undefined)?.listChanged === true,
  )
}

/** Whether the server tells of updates of single resources. */
export function announcesUpdates(info: UpstreamInfo): boolean {
  return (info.capabilities['resources'] as { subscribe?: unknown } | undefined)?.subscribe === true
}

/** Milliseconds until a moment. Throws `upstream-timeout` when it has passed. */
export function remainingMs(link: Pick<Link, 'name' | 'now'>, deadlineAtMs: number): number {
  const ms = deadlineAtMs - link.now()
  if (ms > 0) return ms
  throw new Problem('upstream-timeout', `The deadline of the call to ${link.name} has passed.`)
}

const environmentName = (name: string): string => name.toUpperCase().replaceAll('-', '_')
