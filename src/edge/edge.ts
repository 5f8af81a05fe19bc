import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { asProblem, LIMITS, Problem } from '#std/index.ts'
import { createGatekeeper } from './gatekeeper.ts'
import { createBodyReader } from './read-body.ts'
import { ServerReply } from './server-reply.ts'
import { createSessionCredential } from './session-credential.ts'
import type { TrustedProxy } from './trusted-proxy.ts'

const NO_BODY = Buffer.alloc(0)

/** What the socket hands to the data plane. */
export interface EdgeInbound {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly remoteAddress: string
}

export interface EdgeHandlers {
  /** Whether a path belongs to the data plane. */
  isGatewayPath(path: string): boolean
  /** Whether a request may send its body, by what is known without it. One that may not is handed over with an empty one, and refused. */
  admits(head: Omit<EdgeInbound, 'body'>): boolean
  gateway(inbound: EdgeInbound, reply: ServerReply): Promise<void>
  /** Everything else: the control plane, or the way to it. `remoteAddress` is the client's, as in `EdgeInbound`. */
  control(request: IncomingMessage, response: ServerResponse, remoteAddress: string): void
}

export interface EdgeOptions {
  readonly host: string
  readonly port: number
  /** Null: `http://127.0.0.1:` and the port that was taken. */
  readonly publicUrl: string | null
  readonly trustedProxy: TrustedProxy | null
  readonly handlers: EdgeHandlers
}

export interface Edge {
  readonly port: number
  /** Stops listening, lets calls under way finish within the grace, then cuts. */
  close(graceMs: number): Promise<void>
}

/** Opens the socket: bounds on headers, times and connections, the check of Host and Origin, then the planes. */
export async function openEdge({ host, port, publicUrl, trustedProxy, handlers }: EdgeOptions): Promise<Edge> {
  const server = createServer({
    maxHeaderSize: LIMITS.headerBytesMax,
    requestTimeout: LIMITS.requestTimeoutMs,
    headersTimeout: LIMITS.headersTimeoutMs,
    keepAliveTimeout: LIMITS.keepAliveMs,
    noDelay: true,
  })
  server.maxHeadersCount = LIMITS.headersMax
  server.maxConnections = LIMITS.connectionsMax
  await listen(server, host, port)
  const takenPort = (server.address() as AddressInfo).port
  const ownUrl = publicUrl ?? `http://127.0.0.1:${takenPort}`
  const gatekeeper = createGatekeeper({ publicUrl: ownUrl, port: takenPort })
  const sessions = createSessionCredential(ownUrl)
  const bodies = createBodyReader()
  server.on('request', (request, response) => {
    try {
      gatekeeper.check(request)
      sessions.compose(request)
    } catch (error) {
      return refuse(request, response, asProblem(error))
    }
    const url = request.url ?? '/'
    const mark = url.indexOf('?')
    const path = mark < 0 ? url : url.slice(0, mark)
    const remoteAddress = trustedProxy === null ? (request.socket.remoteAddress ?? '') : trustedProxy.addressOf(request)
    if (!handlers.isGatewayPath(path)) return handlers.control(request, response, remoteAddress)
    const head = {
      method: request.method ?? 'GET',
      path,
      query: mark < 0 ? '' : url.slice(mark + 1),
      headers: request.headers,
      remoteAddress,
    }
    if (!handlers.admits(head)) {
      discard(request)
      return void handlers.gateway({ ...head, body: NO_BODY }, new ServerReply(response))
    }
    bodies.read(request, LIMITS.requestBytesMax, (problem, body) => {
      if (problem !== null) return refuse(request, response, problem)
      void handlers.gateway({ ...head, body }, new ServerReply(response))
    })
  })
  return { port: takenPort, close: (graceMs) => close(server, graceMs) }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? portTaken(host, port, error) : error))
    server.listen({ host, port, backlog: 1024 }, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

function portTaken(host: string, port: number, cause: Error): Problem {
  return new Problem('conflict', `Another program listens on ${host}:${port}.`, {
    remedy: 'Stop it, or choose another port with --port (0 takes any free one).',
    cause,
  })
}

function refuse(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
  response.writeHead(problem.status, { 'content-type': 'application/problem+json' })
  response.end(JSON.stringify(problem.toDocument()))
  discard(request)
}

/**
 * What is still coming is read and dropped, within a bound: cut off at once, a client would see a reset and no answer.
 */
function discard(request: IncomingMessage): void {
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > LIMITS.discardBytesMax) request.socket.destroy()
  })
  request.resume()
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs)
    // A connection whose call has ended is kept alive by its client; nobody would close it before the grace is over.
    const sweeping = setInterval(() => server.closeIdleConnections(), LIMITS.idleSweepMs)
    server.close(() => {
      clearTimeout(cut)
      clearInterval(sweeping)
      resolve()
    })
    server.closeIdleConnections()
  })
}
