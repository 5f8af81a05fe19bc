import type { RouteId } from '#api/contract.ts'
import { addressOf, type ApiInput, refusalOf, send } from './api.ts'
import { ProblemError } from './problem.ts'

export interface ServerEvent {
  readonly event: string
  readonly id: string
  readonly data: string
}

const EVENT_LENGTH_MAX = 16 * 1024 * 1024
const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000]
/** The server gives a sign of life every 15 s. */
const SILENCE_MS_MAX = 45_000
const FINAL = new Set([400, 401, 403, 404])

/**
 * The events of an open answer (HTML, server-sent events); ends with it. Comments are passed over, but they are signs of
 * life: rejects when nothing at all came for `silenceMsMax`.
 */
export async function* readEvents(answer: Response, silenceMsMax = Infinity): AsyncGenerator<ServerEvent> {
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  /** Of the event that is being read. */
  let length = 0
  let [event, id, data]: [string, string, string[]] = ['', '', []]
  try {
    for (;;) {
      const { value, done } = await withinSilence(reader.read(), silenceMsMax)
      if (done) return
      const lines = (rest + value).split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop()!
      if (rest.length > EVENT_LENGTH_MAX) throw tooLarge()
      for (const line of lines) {
        length += line.length
        if (length > EVENT_LENGTH_MAX) throw tooLarge()
        if (line === '') {
          length = 0
          if (data.length > 0) yield { event: event === '' ? 'message' : event, id, data: data.join('\n') }
          ;[event, data] = ['', []]
          continue
        }
        const [, field, text = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
        if (field === 'event') event = text
        if (field === 'id') id = text
        if (field === 'data') data.push(text)
      }
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/** A cut line may stay open on this side for hours. */
async function withinSilence<Value>(waiting: Promise<Value>, silenceMsMax: number): Promise<Value> {
  if (silenceMsMax === Infinity) return waiting
  const { promise: silence, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('The stream has gone silent.')), silenceMsMax)
  try {
    return await Promise.race([waiting, silence])
  } finally {
    clearTimeout(timer)
  }
}

const tooLarge = (): Error => new Error('An event of the stream is too large.')

export type StreamState = 'connecting' | 'live' | 'waiting' | 'ended'

export interface StreamHandlers {
  readonly onEvent: (event: ServerEvent) => void
  readonly onState?: (state: StreamState, error?: unknown) => void
}

/** Follows a route that streams, and takes it up again when the connection breaks. Returns what stops it. */
export function follow<Id extends RouteId>(id: Id, input: ApiInput<Id>, { onEvent, onState }: StreamHandlers): () => void {
  const stopping = new AbortController()
  const { signal } = stopping
  void (async () => {
    for (let failures = 0; !signal.aborted; failures++) {
      onState?.(failures === 0 ? 'connecting' : 'waiting')
      try {
        const answer = await send(addressOf(id, input as never), { headers: { accept: 'text/event-stream' }, signal })
        if (!answer.ok) throw await refusalOf(answer)
        onState?.('live')
        failures = 0
        for await (const event of readEvents(answer, SILENCE_MS_MAX)) onEvent(event)
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof ProblemError && FINAL.has(error.problem.status)) return onState?.('ended', error)
      }
      await pause(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]!, signal)
    }
  })()
  return () => stopping.abort()
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}
