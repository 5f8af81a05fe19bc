import { LIMITS, Problem } from '#std/index.ts'

export interface StreamEvent {
  readonly event: string
  readonly id?: string
  readonly data: unknown
}

/** Whether an Accept header takes event streams (RFC 9110 §12.5.1; a weight of zero is not looked for). */
export const acceptsEvents = (accept: string): boolean => /(^|,)\s*(text\/event-stream|text\/\*|\*\/\*)\s*(;|,|$)/i.test(accept)

/**
 * An answer that goes on: one event at a time, as fast as the client reads, with a comment in quiet times so that
 * proxies keep the line and a client that left is noticed. Ends with `signal`; `onEnd` is called once.
 */
export function streamAnswer(events: AsyncIterable<StreamEvent>, signal: AbortSignal, onEnd: () => void): Response {
  const encoder = new TextEncoder()
  const iterator = events[Symbol.asyncIterator]()
  let timer: NodeJS.Timeout | undefined
  let hasEnded = false
  const end = (): void => {
    if (hasEnded) return
    hasEnded = true
    clearInterval(timer)
    signal.removeEventListener('abort', end)
    onEnd()
  }
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (signal.aborted) return end()
      signal.addEventListener('abort', end)
      const beat = (): void => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(':\n\n'))
      }
      beat()
      timer = setInterval(beat, LIMITS.eventStreamHeartbeatMs)
      timer.unref()
    },
    async pull(controller) {
      const next = await iterator.next()
      if (hasEnded || next.done === true) {
        end()
        controller.close()
      } else {
        controller.enqueue(encoder.encode(frame(next.value)))
      }
    },
    cancel: end,
  })
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    },
  })
}

/** JSON holds no line breaks, so one `data` line is enough. */
function frame({ event, id, data }: StreamEvent): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}

/** A queue between somebody who calls and somebody who iterates; when it is full the oldest items go. */
export function createQueue<Item>(sizeMax: number): { push(item: Item): void; close(): void; items: AsyncIterable<Item> } {
  const waiting: Item[] = []
  let isClosed = false
  let wake = (): void => {}
  async function* items(): AsyncGenerator<Item> {
    for (;;) {
      const item = waiting.shift()
      if (item !== undefined) yield item
      else if (isClosed) return
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  return {
    push(item) {
      if (waiting.length >= sizeMax) waiting.shift()
      waiting.push(item)
      wake()
    },
    close() {
      isClosed = true
      wake()
    },
    items: items(),
  }
}

/** Counts the open streams of each caller. */
export interface StreamCount {
  /** Throws `overloaded`; returns what gives the place back. */
  take(callerId: string): () => void
}

export function createStreamCount(): StreamCount {
  const open = new Map<string, number>()
  return {
    take(callerId) {
      const count = open.get(callerId) ?? 0
      if (count >= LIMITS.eventStreamsPerCallerMax)
        throw new Problem('overloaded', `This caller has ${count} event streams open.`, { remedy: 'Close some of them.' })
      open.set(callerId, count + 1)
      return () => {
        const left = (open.get(callerId) ?? 1) - 1
        if (left === 0) open.delete(callerId)
        else open.set(callerId, left)
      }
    },
  }
}
