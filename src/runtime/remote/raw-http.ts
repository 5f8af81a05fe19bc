import {
  describeNetworkFailure,
  toHeaderLines,
  type HeaderLines,
  type NetworkFailure,
  type OutboundExchange,
  type OutboundHandler,
  type OutboundPool,
  type ResponseHeaders,
} from '#egress/index.ts'
import { Problem } from '#std/index.ts'
import type { Exchange, ExchangeHandler, HttpUpstream } from '../model.ts'
import { Deadline, deadlines } from './deadline-wheel.ts'
import { TransientProblem } from './transient-problem.ts'

/** Headers that the protocol or the connection owns: an operator's header of such a name would break every exchange. */
const RESERVED_HEADERS = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'last-event-id',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

export interface RawHttpOptions {
  /** Of the deployment, for messages. */
  readonly name: string
  readonly url: URL
  /** `host:port` of the URL, for messages. */
  readonly hostPort: string
  /** For exchanges that end. */
  readonly calls: OutboundPool
  /** For exchanges without a deadline: streams must not take the connections that calls need. */
  readonly streams: OutboundPool
  /** For calls that may wait long for their client: neither must they. */
  readonly talks: OutboundPool
  /** The operator's headers, opened: name, value, name, value. The same array as long as nothing changed. */
  readonly headers: () => readonly string[]
  /** The server was reached: the head of an answer has come. */
  readonly onReached: (status: number) => void
  /** The server was not reached, or did not speak HTTP. */
  readonly onUnreachable: (problem: Problem, failure: NetworkFailure) => void
}

/** Where an exchange goes when that is not the URL of the deployment, over connections for calls or streams. */
export interface Route {
  /** At the origin of the deployment, with its query. */
  readonly path?: string
  /** The call may wait for its client. */
  readonly isTalk?: boolean
}

/** The byte path as this folder sees it: an exchange whose deadline can be moved. */
export interface RawHttp extends HttpUpstream {
  send(
    method: 'POST' | 'GET' | 'DELETE',
    headers: readonly string[],
    body: Buffer | null,
    deadlineMs: number,
    handler: ExchangeHandler,
    route?: Route,
  ): RawExchange
}

/**
 * Makes the byte path to one HTTP upstream. Caller's headers and body go out as they are and the operator's headers are
 * added; the body of the answer comes back unbuffered. A redirect, an encoding nobody asked for and what is not HTTP end
 * in `upstream-failed`, the deadline in `upstream-timeout`; `deadlineMs` of 0 means none and is for event streams.
 */
export function createRawHttp(options: RawHttpOptions): RawHttp {
  const ownPath = options.url.pathname + options.url.search
  let source: readonly string[] | null = null
  let preparedHeaders = '' as HeaderLines
  return {
    send(method, headers, body, deadlineMs, handler, { path = ownPath, isTalk = false } = OWN_ROUTE) {
      const exchange = new RawExchange(options, handler, deadlineMs)
      try {
        const current = options.headers()
        if (current !== source) {
          preparedHeaders = prepare(current, options.name)
          source = current
        }
        const pool = deadlineMs === 0 ? options.streams : isTalk ? options.talks : options.calls
        exchange.outbound = pool.dispatch({ method, path, headers, preparedHeaders, body }, exchange)
        if (deadlineMs !== 0) deadlines.set(exchange, deadlineMs)
      } catch (error) {
        exchange.fail(error instanceof Error ? error : new Error(String(error)))
      }
      exchange.isSending = false
      return exchange
    },
  }
}

const OWN_ROUTE: Route = {}

function prepare(headers: readonly string[], name: string): HeaderLines {
  for (let i = 0; i < headers.length; i += 2) {
    const header = headers[i]!.toLowerCase()
    if (!RESERVED_HEADERS.has(header) && !header.startsWith('mcp-param-')) continue
    throw new Problem('upstream-failed', `The header ${headers[i]} of ${name} belongs to the protocol and cannot be set.`, {
      remedy: `Remove the header from the deployment ${name}.`,
    })
  }
  // Guards read answers, and a relayed byte must be a byte of the message.
  return toHeaderLines(['accept-encoding', 'identity', ...headers])
}

/** A connection that broke in the middle says little about the next one, and a bad header of a caller nothing at all. */
const UNREACHABLE: ReadonlySet<NetworkFailure['kind']> = new Set([
  'refused',
  'name',
  'unreachable',
  'connect-timeout',
  'tls',
  'protocol',
  'egress',
])

/** One exchange: what the connection calls, what the gateway holds, and its own deadline, in one object. */
class RawExchange extends Deadline implements OutboundHandler, Exchange {
  /** While `send` runs: whoever called it cannot know the exchange yet, so bad news waits. */
  isSending = true
  /** Null until the request has been given to the pool. */
  outbound: OutboundExchange | null = null
  readonly #options: RawHttpOptions
  /** Gone once the caller wants to hear no more. */
  #handler: ExchangeHandler | null
  #deadlineMs: number
  #isOver = false

  constructor(options: RawHttpOptions, handler: ExchangeHandler, deadlineMs: number) {
    super()
    this.#options = options
    this.#handler = handler
    this.#deadlineMs = deadlineMs
  }

  onHead(status: number, headers: ResponseHeaders): void {
    this.#options.onReached(status)
    const encoding = headers['content-encoding']
    if (status >= 300 && status < 400) return this.fail(redirected(this.#options, status, headers['location']))
    if (encoding !== undefined && encoding !== 'identity') {
      const { name, hostPort } = this.#options
      return this.fail(
        new Problem(
          'upstream-failed',
          `${name} (${hostPort}) answered with Content-Encoding ${JSON.stringify(encoding)}, although identity was asked for.`,
        ),
      )
    }
    this.#handler?.onHead(status, headers)
  }

  onData(chunk: Buffer): boolean {
    return this.#handler?.onData(chunk) ?? true
  }

  onEnd(): void {
    this.#finish()
    this.#handler?.onEnd()
  }

  onError(error: Error): void {
    const { name, hostPort, onUnreachable } = this.#options
    const failure = describeNetworkFailure(error)
    const Kind = failure.kind === 'egress' ? Problem : TransientProblem
    const problem = new Kind('upstream-failed', `${name} (${hostPort}) ${failure.reason}.`, { remedy: failure.remedy, cause: error })
    if (UNREACHABLE.has(failure.kind)) onUnreachable(problem, failure)
    this.fail(problem)
  }

  /** Ends the exchange; nothing is told to the handler any more. */
  abort(): void {
    this.#handler = null
    if (this.#isOver) return
    this.#finish()
    this.outbound?.abort()
  }

  resume(): void {
    this.outbound?.resume()
  }

  /** Moves the deadline: for a call that waits, and for the tail of an answer that has been understood already. */
  endWithin(ms: number): void {
    this.#deadlineMs = ms
    if (!this.#isOver) deadlines.set(this, ms)
  }

  override expire(): void {
    const { name, hostPort } = this.#options
    this.fail(
      new Problem('upstream-timeout', `${name} (${hostPort}) did not finish its answer within ${Math.round(this.#deadlineMs)} ms.`, {
        remedy: `Look into the log of the server, or raise "deadlineMs" of the deployment ${name}.`,
      }),
    )
  }

  fail(error: Error): void {
    if (this.#isOver) return
    this.#finish()
    this.outbound?.abort()
    if (this.isSending) queueMicrotask(() => this.#handler?.onError(error))
    else this.#handler?.onError(error)
  }

  #finish(): void {
    this.#isOver = true
    deadlines.clear(this)
  }
}

export type { RawExchange }

function redirected({ name, hostPort, url }: RawHttpOptions, status: number, location: string | readonly string[] | undefined): Problem {
  const target = typeof location === 'string' && URL.canParse(location, url.href) ? new URL(location, url) : null
  const where = target === null ? 'elsewhere' : `to ${target.origin}${target.pathname}`
  return new Problem(
    'upstream-failed',
    `${name} (${hostPort}) answered ${status} and points ${where}; redirects of servers are not followed.`,
    {
      remedy: `If the new address is right, set it as the URL of the deployment ${name}.`,
    },
  )
}
