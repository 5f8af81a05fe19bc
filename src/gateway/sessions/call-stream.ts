import { LIMITS, Problem } from '#std/index.ts'
import { mark, type ReceivedCall } from '../call.ts'
import { conclude, FLIGHT_HEADER } from '../conclude.ts'
import type { GatewayState } from '../deps.ts'
import { STREAM_HEADERS } from '../http.ts'
import type { EventStore } from './event-store.ts'

/** Names a stream and a place in it, as `Last-Event-ID` brings it back. */
const EVENT_ID = /^(evt_[0-9a-z]{1,60})_(\d{1,9})$/

/**
 * The answer stream of a call within a legacy session: every event is kept, so that a client which lost the connection goes
 * on where it was. Losing it does not end the call (2025-11-25, transports).
 */
export class CallStream {
  readonly #store: EventStore
  readonly #key: string
  readonly #id: string
  #seq = 0

  constructor(store: EventStore, nonce: string, callId: string) {
    this.#store = store
    this.#key = keyOf(nonce, callId)
    this.#id = callId
  }

  /** The text of the first event, which only tells the client where it is. */
  prime(): string {
    this.#store.append(this.#key, ++this.#seq, '')
    return `id: ${this.#id}_${this.#seq}\nretry: ${LIMITS.streamResumeMsDefault}\ndata: \n\n`
  }

  /** The text of an event that carries a message. */
  event(json: string): string {
    this.#store.append(this.#key, ++this.#seq, json)
    return eventText(this.#id, this.#seq, json)
  }

  finish(): void {
    this.#store.finish(this.#key)
  }
}

const keyOf = (nonce: string, callId: string): string => `${nonce} ${callId}`
const eventText = (id: string, seq: number, json: string): string => `id: ${id}_${seq}\nevent: message\ndata: ${json}\n\n`

/**
 * Takes a stream up again behind the event that the client has seen last, until the call is answered. Only the session that
 * began it finds it. Throws `invalid-params` for an event that is not known here or was dropped.
 */
export async function resumeStream(call: ReceivedCall, lastEventId: string, gateway: GatewayState): Promise<void> {
  const found = EVENT_ID.exec(lastEventId)
  const key = found === null ? '' : keyOf(call.session!.nonce, found[1]!)
  let seq = Number(found?.[2] ?? 0)
  const first = await gateway.events.read(key, seq)
  if (found === null || first === null) {
    throw new Problem('invalid-params', 'This event is not known here, or what followed it is no longer kept.', {
      remedy: 'Make the call again.',
    })
  }
  const { reply } = call
  let timer: NodeJS.Timeout | undefined
  const release = gateway.streams.enter(call, () => stop())
  const stop = (): void => {
    clearTimeout(timer)
    release()
    reply.end()
  }
  reply.onGone(stop)
  const deliver = (stored: Awaited<ReturnType<EventStore['read']>>): void => {
    for (const event of stored?.events ?? []) {
      seq = event.seq
      if (event.data !== '') reply.write(eventText(found[1]!, event.seq, event.data))
    }
    if (stored === null || stored.isFinished) stop()
    else timer = setTimeout(() => void gateway.events.read(key, seq).then(deliver, stop), LIMITS.eventStorePollMs)
  }
  mark(call, 'forward', 'event stream, resumed')
  conclude(
    call,
    { outcome: 'ok', status: 200, bytesOut: 0 },
    gateway,
    () => {
      reply.open(200, [FLIGHT_HEADER, call.id, ...STREAM_HEADERS])
      deliver(first)
    },
    stop,
  )
}
