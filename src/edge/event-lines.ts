import type { IncomingMessage, ServerResponse } from 'node:http'
import { LIMITS, newSecret, Problem } from '#std/index.ts'
import { createConversation, type Conversation } from './conversation.ts'
import type { EdgeHandlers, EdgeInbound } from './edge.ts'
import type { BodyReader } from './read-body.ts'
import { discard, refuse } from './refuse.ts'
import { callerKeyOf, type Seats } from './seats.ts'
import { ServerReply, type Door } from './server-reply.ts'

const NO_BODY = Buffer.alloc(0)
const SESSION_ID = /^[A-Za-z0-9_-]{43}$/
const STREAM_HEADERS = ['content-type', 'text/event-stream', 'cache-control', 'no-store', 'x-accel-buffering', 'no'] as const

type Head = Omit<EdgeInbound, 'body'>

/** An open stream, as the request says it that brings a message to it. */
interface Place {
  readonly session: string
  readonly caller: string
  readonly path: string
}

/** What the processes of one server tell each other: whose stream is it, it is mine, then take this. */
export type EdgeMessage =
  | { readonly kind: 'ask'; readonly id: string; readonly place: Place }
  | { readonly kind: 'here'; readonly id: string }
  | { readonly kind: 'message'; readonly place: Place; readonly body: string }

/** Reaches the other processes that listen on the same port; a client's two connections may meet different ones. */
export interface EdgeBus {
  publish(message: EdgeMessage): void
  subscribe(listener: (message: EdgeMessage) => void): void
}

/**
 * HTTP+SSE as 2024-11-05 has it: a GET opens the stream on which all messages arrive, a POST brings one message to it.
 * Clients of that age know nothing else. `head.path` is that of the endpoint.
 */
export interface EventLines {
  /** Throws `overloaded`. */
  open(request: IncomingMessage, response: ServerResponse, head: Head): void
  post(request: IncomingMessage, response: ServerResponse, head: Head): void
  drain(): void
  close(): void
}

export interface EventLineOptions {
  readonly handlers: Pick<EdgeHandlers, 'admits' | 'gateway'>
  readonly seats: Seats
  readonly bodies: BodyReader
  readonly door: Door
  /** Null: there are no others. */
  readonly bus: EdgeBus | null
  /** What stands before every path where clients see it: the path of the public address. */
  readonly prefix: string
}

interface Line {
  readonly caller: string
  readonly path: string
  readonly conversation: Conversation
}

export function createEventLines(options: EventLineOptions): EventLines {
  return new OpenEventLines(options)
}

class OpenEventLines implements EventLines {
  readonly #options: EventLineOptions
  readonly #lines = new Map<string, Line>()
  /** Messages whose stream another process may have. */
  readonly #asked = new Map<string, () => void>()

  constructor(options: EventLineOptions) {
    this.#options = options
    const { bus } = options
    bus?.subscribe((message) => {
      if (message.kind === 'here') this.#asked.get(message.id)?.()
      else if (message.kind === 'message') this.#find(message.place)?.take(Buffer.from(message.body))
      else if (this.#find(message.place) !== null) bus.publish({ kind: 'here', id: message.id })
    })
  }

  open(request: IncomingMessage, response: ServerResponse, head: Head): void {
    const { handlers, seats, door, prefix } = this.#options
    request.resume()
    if (!handlers.admits(head)) {
      const asGet = { ...head, headers: { ...head.headers, accept: 'text/event-stream' }, body: NO_BODY }
      return void handlers.gateway(asGet, new ServerReply(response, door))
    }
    const caller = callerKeyOf(head)
    const giveBack = seats.take(caller)
    const session = newSecret()
    const reply = new ServerReply(response, door, LIMITS.conversationBufferBytesMax)
    const conversation = createLine(head, handlers.gateway, reply)
    const beat = setInterval(() => {
      // A stream on which nothing is said must not outlive the right to it.
      if (handlers.admits(head)) reply.write(': alive\n\n')
      else reply.end()
    }, LIMITS.eventStreamHeartbeatMs)
    beat.unref()
    response.once('close', () => {
      clearInterval(beat)
      this.#lines.delete(session)
      giveBack()
      conversation.close()
    })
    this.#lines.set(session, { caller, path: head.path, conversation })
    reply.open(200, STREAM_HEADERS)
    reply.write(`event: endpoint\ndata: ${prefix}${head.path}/messages?sessionId=${session}\n\n`)
    reply.onDrain(() => conversation.drained())
    if (door.isClosing) conversation.drain()
  }

  post(request: IncomingMessage, response: ServerResponse, head: Head): void {
    const { handlers, bodies, door, bus } = this.#options
    if (!handlers.admits(head)) {
      discard(request)
      return void handlers.gateway({ ...head, body: NO_BODY }, new ServerReply(response, door))
    }
    const place = { session: new URLSearchParams(head.query).get('sessionId') ?? '', caller: callerKeyOf(head), path: head.path }
    const accept = (): void => new ServerReply(response, door).send(202, ['content-type', 'text/plain'], 'Accepted')
    bodies.read(request, LIMITS.requestBytesMax, (problem, body) => {
      if (problem !== null) return refuse(request, response, problem)
      const conversation = this.#find(place)
      if (conversation !== null) {
        conversation.take(body)
        return accept()
      }
      this.#ask(place, (isThere) => {
        if (!isThere) return refuse(request, response, unknown())
        bus?.publish({ kind: 'message', place, body: body.toString('utf8') })
        accept()
      })
    })
  }

  drain(): void {
    for (const { conversation } of this.#lines.values()) conversation.drain()
  }

  close(): void {
    for (const { conversation } of this.#lines.values()) conversation.close()
  }

  #find({ session, caller, path }: Place): Conversation | null {
    const line = this.#lines.get(session)
    return line !== undefined && line.caller === caller && line.path === path ? line.conversation : null
  }

  /** Whether another process has the stream; false when none says so in time. */
  #ask(place: Place, answer: (isThere: boolean) => void): void {
    const { bus } = this.#options
    if (bus === null || !SESSION_ID.test(place.session)) return answer(false)
    const id = newSecret()
    const done = (isThere: boolean): void => {
      clearTimeout(late)
      this.#asked.delete(id)
      answer(isThere)
    }
    const late = setTimeout(done, LIMITS.messageHandOverMs, false)
    this.#asked.set(id, () => done(true))
    bus.publish({ kind: 'ask', id, place })
  }
}

function createLine(head: Head, gateway: EdgeHandlers['gateway'], reply: ServerReply): Conversation {
  return createConversation({
    head,
    gateway,
    outlet: {
      send(json) {
        // A line break in a message would end the line of its data; JSON takes one for a space.
        const data = json.includes('\n') || json.includes('\r') ? json.replaceAll(/[\r\n]+/g, ' ') : json
        return reply.write(`event: message\ndata: ${data}\n\n`)
      },
      end: () => reply.end(),
    },
  })
}

/** Of a stream of somebody else nobody is told that it exists (R19). */
function unknown(): Problem {
  return new Problem('unknown-session', 'There is no such stream, or it has ended.', { remedy: 'Open the event stream again.' })
}
