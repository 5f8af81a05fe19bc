import type { EdgeMessage } from '#edge/index.ts'
import type { BusMessage, RecordedBodies } from '#gateway/index.ts'
import type { MessageChannel } from '#runtime/index.ts'
import type { Snapshot } from '#snapshot/index.ts'
import type { ProblemType } from '#std/index.ts'
import type { MetricsState } from '#telemetry/index.ts'
import type { Settings } from '#config.ts'
import type { SealedTexts } from './secret-bundle.ts'

/** In what a worker passes on to the primary: the address of the client. */
export const ADDRESS_HEADER = 'x-sallyport-address'

/** The first thing a worker hears: all it needs to answer calls. Keys travel here and nowhere else. */
export interface WorkerStart {
  readonly serve: 'start'
  readonly settings: Settings
  /** Null: 127.0.0.1 and the port that is taken. */
  readonly publicUrl: string | null
  readonly nodeId: string
  /** Base64. */
  readonly sessionKey: string
  readonly readerKey: string
  /** Path of the socket on which the primary answers what is not for the data plane. */
  readonly controlSocket: string
  readonly snapshot: Snapshot
  readonly confirmedAtMs: number
  readonly secrets: SealedTexts
}

export type ToWorker =
  | WorkerStart
  | { readonly serve: 'publish'; readonly snapshot: Snapshot; readonly confirmedAtMs: number; readonly secrets: SealedTexts }
  | { readonly serve: 'confirm'; readonly confirmedAtMs: number }
  | { readonly serve: 'bus'; readonly message: BusMessage }
  | { readonly serve: 'edge'; readonly message: EdgeMessage }
  | { readonly serve: 'drained'; readonly file: string; readonly offset: number }
  | { readonly serve: 'report'; readonly id: number }
  /** The batch of bodies with this number: why it was not stored, or null. */
  | { readonly serve: 'bodies-stored'; readonly id: number; readonly failure: string | null }
  /** It will be told to stop: /readyz says no from now on. */
  | { readonly serve: 'stopping' }
  | { readonly serve: 'stop'; readonly drainMs: number }

export type ToPrimary =
  | { readonly serve: 'listening'; readonly port: number }
  | { readonly serve: 'failed'; readonly type: ProblemType; readonly detail: string; readonly remedy: string | null }
  | { readonly serve: 'nudge' }
  /** One batch at a time: the next one follows the answer. */
  | { readonly serve: 'bodies'; readonly id: number; readonly batch: readonly RecordedBodies[] }
  | { readonly serve: 'bus'; readonly message: BusMessage }
  | { readonly serve: 'edge'; readonly message: EdgeMessage }
  | {
      readonly serve: 'report'
      readonly id: number
      readonly metrics: MetricsState
      readonly inFlight: number
      readonly openStreams: number
      readonly spoolBytes: number
    }

export const isServeMessage = (message: unknown): message is { readonly serve: string } =>
  typeof message === 'object' && message !== null && 'serve' in message

/** The channel to the other process as the runtime's link takes it. */
export function channelOf(end: {
  send?: (message: unknown, callback: (error: Error | null) => void) => boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
}): MessageChannel {
  return {
    // A channel that is gone ends the worker or is cleaned up by the primary: there is nobody to tell.
    send: (message) => void end.send?.(message, () => {}),
    onMessage: (listener) => void end.on('message', listener),
  }
}
