import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { LIMITS, Problem } from '#std/index.ts'
import { createConversation, type Conversation, type EndReason } from './conversation.ts'
import type { EdgeHandlers, EdgeInbound } from './edge.ts'
import type { BodyReader } from './read-body.ts'
import { callerKeyOf, type Seats } from './seats.ts'
import { ServerReply, type Door } from './server-reply.ts'

const SUBPROTOCOL = 'mcp'
const VERSION = '13'
const NO_BODY = Buffer.alloc(0)
const ignore = (): void => {}

/** What a client reads when we end the line (RFC 6455 §7.4.1). */
const CLOSE_CODES: Readonly<Record<EndReason, readonly [number, string]>> = {
  unauthenticated: [1008, 'the credential is not valid any more'],
  'session-ended': [1008, 'the session has ended'],
  overloaded: [1013, 'too many messages at once'],
  stopping: [1001, 'the server is stopping'],
}
const UNSUPPORTED_DATA = 1003
/** An option that the types of the library do not know yet. */
const CLOSE_TIMEOUT: object = { closeTimeout: LIMITS.webSocketCloseMs }
/** Of a control frame that a client sends, with its mask (RFC 6455 §5.2). */
const CONTROL_HEADER_BYTES = 6

type Head = Omit<EdgeInbound, 'body'>

/** The addresses that speak WebSocket, with the subprotocol `mcp`: one text frame is one JSON-RPC message. */
export interface WebSockets {
  /** Answers a request for an upgrade whose Host and Origin are checked; `head.path` is the endpoint. Throws a refusal. */
  upgrade(request: IncomingMessage, socket: Duplex, rest: Buffer, head: Head): void
  /** Takes no request more on any of them, and ends each when its own are answered. */
  drain(): void
  close(): void
}

/** An open one. */
interface Line {
  readonly socket: WebSocket
  readonly head: Head
  readonly conversation: Conversation
  /** It has said something since it was asked last. */
  isAlive: boolean
}

export interface WebSocketOptions {
  readonly handlers: Pick<EdgeHandlers, 'admits' | 'gateway'>
  readonly seats: Seats
  readonly bodies: BodyReader
  readonly door: Door
}

export function createWebSockets({ handlers, seats, bodies, door }: WebSocketOptions): WebSockets {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Compression would let a few bytes become as many as a body may have, and costs memory for each line.
    perMessageDeflate: false,
    maxPayload: LIMITS.requestBytesMax,
    maxFragments: LIMITS.webSocketFragmentsMax,
    handleProtocols: () => SUBPROTOCOL,
    ...CLOSE_TIMEOUT,
  })
  const lines = new Set<Line>()

  const ask = (): void => {
    for (const line of lines) {
      if (!line.isAlive) line.socket.terminate()
      // A line on which nothing is said must not outlive the right to it.
      else if (!handlers.admits(line.head)) end(line.socket, 'unauthenticated')
      else line.socket.ping()
      line.isAlive = false
    }
  }
  const asking = setInterval(ask, LIMITS.webSocketPingMs)
  asking.unref()

  return {
    upgrade(request, socket, rest, head) {
      assertHandshake(request)
      if (!handlers.admits(head))
        return void handlers.gateway({ ...head, method: 'POST', body: NO_BODY }, plainReply(request, socket, door))
      const giveBack = seats.take(callerKeyOf(head))
      socket.once('close', giveBack)
      server.handleUpgrade(request, socket, rest, (opened) => {
        const line = openLine(opened, head, handlers.gateway)
        lines.add(line)
        opened.once('close', () => lines.delete(line))
        countBytes(opened, socket, bodies)
        if (door.isClosing) line.conversation.drain()
      })
    },
    drain() {
      for (const { conversation } of lines) conversation.drain()
    },
    close() {
      clearInterval(asking)
      for (const { socket } of lines) socket.terminate()
    },
  }
}

/** Refuses over HTTP, before there is a WebSocket. */
export function refuseUpgrade(request: IncomingMessage, socket: Duplex, problem: Problem): void {
  const body = JSON.stringify(problem.toDocument())
  plainReply(request, socket, { isClosing: true }).send(problem.status, ['content-type', 'application/problem+json'], body)
}

function assertHandshake({ headers, method }: IncomingMessage): void {
  // Version 8 has another header for the origin, which nobody has checked.
  if (method !== 'GET' || headers.upgrade?.toLowerCase() !== 'websocket' || headers['sec-websocket-version'] !== VERSION)
    throw new Problem('invalid-request', 'This address speaks WebSocket, version 13.', { remedy: 'Open it with a WebSocket client.' })
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? []
  if (!offered.includes(SUBPROTOCOL))
    throw new Problem('invalid-request', `The subprotocol ${SUBPROTOCOL} is not among those that the client offers.`, {
      remedy: `Open it with the subprotocol: new WebSocket(url, '${SUBPROTOCOL}').`,
    })
}

function openLine(socket: WebSocket, head: Head, gateway: EdgeHandlers['gateway']): Line {
  const isRead = (): boolean => socket.bufferedAmount <= LIMITS.eventStreamBufferBytesMax
  const conversation = createConversation({
    head,
    gateway,
    outlet: {
      send(json) {
        if (socket.readyState !== socket.OPEN) return true
        // A client that does not read must not make this process hold its answers.
        if (socket.bufferedAmount > LIMITS.conversationBufferBytesMax) {
          socket.terminate()
          return true
        }
        socket.send(json, () => isRead() && conversation.drained())
        return isRead()
      },
      end: (reason) => end(socket, reason),
    },
  })
  const line: Line = { socket, head, conversation, isAlive: true }
  socket.on('error', ignore)
  socket.on('close', () => conversation.close())
  socket.on('pong', () => (line.isAlive = true))
  socket.on('message', (data, isBinary) => {
    line.isAlive = true
    if (isBinary) socket.close(UNSUPPORTED_DATA, 'messages are text')
    else conversation.take(data as Buffer)
  })
  return line
}

function end(socket: WebSocket, reason: EndReason): void {
  socket.close(...CLOSE_CODES[reason])
}

/** What has come of a message that is not whole counts as a body that is being read: all together have so much room. */
function countBytes(socket: WebSocket, stream: Duplex, bodies: BodyReader): void {
  let heldBytes = 0
  const give = (bytes: number): void => {
    const given = Math.min(bytes, heldBytes)
    heldBytes -= given
    bodies.give(given)
  }
  // Before the socket's own listener, so that a chunk which ends a message is counted and then given back.
  stream.prependListener('data', (chunk: Buffer) => {
    heldBytes += chunk.length
    if (!bodies.take(chunk.length)) socket.terminate()
  })
  socket.prependListener('message', () => give(heldBytes))
  // Frames between those of a message are kept by nobody.
  for (const kind of ['ping', 'pong'] as const) socket.on(kind, (data: Buffer) => give(data.length + CONTROL_HEADER_BYTES))
  stream.once('close', () => give(heldBytes))
}

/** HTTP on a socket from which Node has taken its hands. */
function plainReply(request: IncomingMessage, socket: Duplex, door: Door): ServerReply {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  socket.on('error', ignore)
  response.assignSocket(socket as IncomingMessage['socket'])
  response.once('finish', () => socket.end(() => socket.destroy()))
  return new ServerReply(response, door)
}
