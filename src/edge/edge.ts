import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { asProblem, LIMITS, Problem } from '#std/index.ts'
import type { Log } from '#telemetry/index.ts'
import { createEventLines, type EdgeBus, type EventLines } from './event-lines.ts'
import { createGatekeeper } from './gatekeeper.ts'
import { asHttp1, isHttp2 } from './http2-request.ts'
import { openListener } from './listener.ts'
import { createBodyReader } from './read-body.ts'
import { discard, refuse } from './refuse.ts'
import { createSeats } from './seats.ts'
import { ServerReply, type Door, type EdgeReply } from './server-reply.ts'
import { createSessionCredential } from './session-credential.ts'
import type { TlsFiles } from './tls-pair.ts'
import { transportOf, type TransportPath } from './transport-path.ts'
import { dropForwarded, type TrustedProxy } from './trusted-proxy.ts'
import { createWebSockets, refuseUpgrade, type WebSockets } from './web-socket.ts'

const NO_BODY = Buffer.alloc(0)
const ignore = (): void => {}

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
  gateway(inbound: EdgeInbound, reply: EdgeReply): Promise<void>
  /** Everything else: the control plane, or the way to it. `remoteAddress` is the client's, as in `EdgeInbound`. */
  control(request: IncomingMessage, response: ServerResponse, remoteAddress: string): void
}

export interface EdgeOptions {
  readonly host: string
  readonly port: number
  /** Null: TLS is not served here. */
  readonly tls: TlsFiles | null
  /** Null: `ownUrl` of the port that was taken. */
  readonly publicUrl: string | null
  readonly trustedProxy: TrustedProxy | null
  readonly handlers: EdgeHandlers
  /** Null: no other process listens on this port. */
  readonly bus: EdgeBus | null
  readonly now: () => number
  readonly log: Log
}

export interface Edge {
  readonly port: number
  /** Takes nothing new, lets calls under way finish within the grace, then cuts. */
  close(graceMs: number): Promise<void>
}

/** Where a server is reached that nobody has given another address. */
export const ownUrl = (port: number, isTls: boolean): string => `${isTls ? 'https' : 'http'}://127.0.0.1:${port}`

/** Opens the socket: bounds on headers, times and connections, the check of Host and Origin, then the planes. */
export async function openEdge(options: EdgeOptions): Promise<Edge> {
  const { host, port, tls, publicUrl, trustedProxy, handlers, bus, now, log } = options
  const isUpgrade = ({ url = '' }: IncomingMessage): boolean => transportOf(splitTarget(url)[0])?.transport === 'ws'
  const listener = await openListener({ host, port, tls, isUpgrade, now, log })
  const url = publicUrl ?? ownUrl(listener.port, tls !== null)
  const door: Door = { isClosing: false }
  const bodies = createBodyReader()
  const conversations = { handlers, seats: createSeats(), bodies, door }
  const planes: Planes = {
    handlers,
    bodies,
    door,
    webSockets: createWebSockets(conversations),
    eventLines: createEventLines({ ...conversations, bus, prefix: new URL(url).pathname.replace(/\/$/, '') }),
    streams: new Set(),
  }
  const gatekeeper = createGatekeeper({ publicUrl: url, port: listener.port, isTls: tls !== null })
  const sessions = createSessionCredential(url)

  /** The client's address. Throws a refusal. */
  const admit = (request: IncomingMessage): string => {
    if (door.isClosing) throw stopping()
    if (isHttp2(request)) asHttp1(request)
    const forwarded = trustedProxy === null ? null : trustedProxy.read(request)
    gatekeeper.check(request, forwarded)
    dropForwarded(request)
    sessions.compose(request)
    return forwarded?.address ?? request.socket.remoteAddress ?? ''
  }
  listener.server.on('request', (request, response) => {
    let remoteAddress
    try {
      remoteAddress = admit(request)
    } catch (error) {
      if (door.isClosing) response.shouldKeepAlive = false
      return refuse(request, response, asProblem(error))
    }
    route(request, response, remoteAddress, planes)
  })
  listener.server.on('upgrade', (request: IncomingMessage, socket: Duplex, rest: Buffer) => {
    // The answer to a request before it on this connection is still to come: nobody could tell the two apart.
    if ('_httpMessage' in socket && socket._httpMessage !== null) return void socket.destroy()
    try {
      upgrade(request, socket, rest, admit(request), planes)
    } catch (error) {
      refuseUpgrade(request, socket, asProblem(error))
    }
  })
  return {
    port: listener.port,
    async close(graceMs) {
      door.isClosing = true
      const cut = setTimeout(listener.cut, graceMs)
      const closed = listener.close()
      planes.webSockets.drain()
      planes.eventLines.drain()
      // Streams of the control plane have no end of their own.
      for (const response of planes.streams) response.end()
      await closed
      clearTimeout(cut)
      planes.webSockets.close()
      planes.eventLines.close()
    },
  }
}

/** What stands behind the door. */
interface Planes {
  readonly handlers: EdgeHandlers
  readonly bodies: ReturnType<typeof createBodyReader>
  readonly door: Door
  readonly webSockets: WebSockets
  readonly eventLines: EventLines
  /** Answers of the control plane to clients that asked for an event stream. */
  readonly streams: Set<ServerResponse>
}

function route(request: IncomingMessage, response: ServerResponse, remoteAddress: string, planes: Planes): void {
  const { handlers, bodies, door } = planes
  const [path, query] = splitTarget(request.url ?? '/')
  if (!handlers.isGatewayPath(path)) {
    noteStream(request, response, planes)
    return handlers.control(request, response, remoteAddress)
  }
  const head = { method: request.method ?? 'GET', path, query, headers: request.headers, remoteAddress }
  const beside = transportOf(path)
  if (beside !== null) return routeBeside(request, response, head, beside, planes)
  if (!handlers.admits(head)) {
    discard(request)
    return void handlers.gateway({ ...head, body: NO_BODY }, new ServerReply(response, door))
  }
  bodies.read(request, LIMITS.requestBytesMax, (problem, body) => {
    if (problem !== null) return refuse(request, response, problem)
    void handlers.gateway({ ...head, body }, new ServerReply(response, door))
  })
}

const METHODS = { sse: 'GET', messages: 'POST' } as const

function routeBeside(
  request: IncomingMessage,
  response: ServerResponse,
  head: Omit<EdgeInbound, 'body'>,
  { transport, path }: TransportPath,
  { eventLines }: Planes,
): void {
  try {
    if (transport === 'ws')
      throw new Problem('invalid-request', 'This address speaks WebSocket.', { remedy: 'Open it with a WebSocket client over HTTP/1.1.' })
    if (head.method !== METHODS[transport])
      throw new Problem('method-not-allowed', `${head.method} is not taken here.`, { remedy: `Use ${METHODS[transport]}.` })
    if (transport === 'sse') eventLines.open(request, response, { ...head, path })
    else eventLines.post(request, response, { ...head, path })
  } catch (error) {
    refuse(request, response, asProblem(error))
  }
}

function upgrade(request: IncomingMessage, socket: Duplex, rest: Buffer, remoteAddress: string, { handlers, webSockets }: Planes): void {
  const [path, query] = splitTarget(request.url ?? '/')
  const beside = transportOf(path)
  if (!handlers.isGatewayPath(path) || beside?.transport !== 'ws')
    throw new Problem('invalid-request', 'This address does not leave HTTP/1.1 for another protocol.', {
      remedy: 'Send no Upgrade header.',
    })
  webSockets.upgrade(request, socket, rest, { method: 'POST', path: beside.path, query, headers: request.headers, remoteAddress })
}

function noteStream(request: IncomingMessage, response: ServerResponse, { streams }: Planes): void {
  if (request.headers.accept?.includes('text/event-stream') !== true) return
  streams.add(response)
  response.once('close', () => streams.delete(response))
  // What is written after we have ended it goes nowhere.
  response.on('error', ignore)
}

function splitTarget(url: string): readonly [path: string, query: string] {
  const mark = url.indexOf('?')
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)]
}

function stopping(): Problem {
  return new Problem('overloaded', 'This server is stopping.', {
    remedy: 'Try again in a moment.',
    extensions: { retryAfterSeconds: 1 },
  })
}
