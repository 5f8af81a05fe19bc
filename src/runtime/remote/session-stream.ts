import { LIMITS } from '#std/index.ts'
import type { CarriedStream, Carrier } from './carrier.ts'
import { resumeMs } from './streamable-carrier.ts'
import type { RpcReply } from './rpc-exchange.ts'

/**
 * The stream on which a server may ask the client of one session while a call is under way (2025-11-25, listening for
 * messages from the server). Opened before a call and again while there is one; not insisted on where it is refused.
 */
export class SessionStream {
  readonly #carrier: Carrier
  readonly #isBusy: () => boolean
  #stream: CarriedStream | null = null
  #opening: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | null = null
  #lastEventId: string | null = null
  #isOver = false

  constructor(carrier: Carrier, isBusy: () => boolean) {
    this.#carrier = carrier
    this.#isBusy = isBusy
  }

  /** Resolves when the stream is open or refused, or has let us wait long enough. */
  ready(): Promise<void> {
    if (this.#stream === null && !this.#isOver) this.#open()
    return this.#opening
  }

  end(): void {
    this.#isOver = true
    this.#stopTimer()
    this.#stream?.abort()
  }

  #open(): void {
    this.#stopTimer()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#opening = promise
    const timer = setTimeout(resolve, LIMITS.sessionStreamOpenMs).unref()
    const stream = this.#carrier.listen(this.#lastEventId, () => resolve())
    this.#stream = stream
    stream.reply
      .then(
        (reply) => this.#noteEnd(reply),
        () => LIMITS.streamResumeMsDefault,
      )
      .then((waitMs) => {
        clearTimeout(timer)
        this.#stream = null
        if (!this.#isOver && this.#isBusy()) this.#timer = setTimeout(() => this.#isBusy() && this.#open(), waitMs).unref()
        return resolve()
      })
      // Nothing above throws; a stream that cannot be had is done without.
      .catch(() => undefined)
  }

  /** How long to wait before the next one. */
  #noteEnd({ status, lastEventId, retryMs }: RpcReply): number {
    this.#lastEventId = lastEventId ?? this.#lastEventId
    this.#isOver ||= status >= 400 && status < 500 && status !== 409 && status !== 429
    return resumeMs(retryMs)
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}
