import { Problem } from '#std/index.ts'
import type { UpstreamAnswer, UpstreamInfo, UpstreamRequest } from '../model.ts'
import type { RawHttp } from './raw-http.ts'
import type { InboundMessage, RpcReply } from './rpc-exchange.ts'
import type { ToolCatalogue } from './tool-catalogue.ts'
import { TransientProblem } from './transient-problem.ts'

/** What both eras need of their upstream. */
export interface Link {
  /** Of the deployment. */
  readonly name: string
  readonly hostPort: string
  readonly http: RawHttp
  readonly now: () => number
  readonly clientInfo: Record<string, unknown>
  /** JSON-RPC ids are ours, one space per upstream. */
  readonly nextId: () => number
  /** Takes notifications that belong to no call. */
  readonly emit: (method: string, params: Record<string, unknown>) => void
  readonly warn: (text: string) => void
}

/** A call that is under way: lets it be stopped wherever it is. */
export interface Ticket {
  /** Stops what is happening for the call right now. */
  running: { stop(reason: string): void } | null
  /** Throws when the call has been cancelled. */
  assertWanted(): void
}

/** How an event stream for notifications went: over, or not to be had from this server. */
export type StreamOutcome = 'ended' | 'unsupported'

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
  /** Opens the stream of notifications; `onOpen` when the server has accepted. */
  listen(onOpen: () => void): OpenStream
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

/** Strips what the wire adds to a result. Throws for a result that is no complete one: no capability was declared for it. */
export function neutralAnswer(name: string, result: Record<string, unknown>): UpstreamAnswer {
  const { resultType, ...rest } = result
  if (resultType === undefined) return { ok: true, result }
  if (resultType === 'complete') return { ok: true, result: rest }
  const what =
    resultType === 'input_required'
      ? 'asks for input, which this gateway does not bridge yet'
      : 'answered with a kind of result that was not asked for'
  throw new Problem('upstream-failed', `${name} ${what}.`, {
    remedy: `Call it on its own endpoint, /mcp/${name}, with a client of its era.`,
  })
}

/** Hands the notifications on a call's own stream to whoever made the call. True when it was one of those. */
export function dispatchToCall(request: UpstreamRequest, id: number, { method, params }: InboundMessage): boolean {
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

/** Milliseconds until a moment. Throws `upstream-timeout` when it has passed. */
export function remainingMs(link: Pick<Link, 'name' | 'now'>, deadlineAtMs: number): number {
  const ms = deadlineAtMs - link.now()
  if (ms > 0) return ms
  throw new Problem('upstream-timeout', `The deadline of the call to ${link.name} has passed.`)
}

const environmentName = (name: string): string => name.toUpperCase().replaceAll('-', '_')
