import { backoffMs, LIMITS } from '#std/index.ts'
import type { UpstreamInfo } from '../model.ts'
import { announcedLists, announcesUpdates, type OpenStream, type Peer, type StreamOutcome } from './peer.ts'
import { NOTHING, type Watches } from './watches.ts'

/** Keeps the stream of notifications of an upstream open for as long as somebody listens. */
export interface NotificationStream {
  /** Somebody listens, or nobody does any more. */
  setWanted(isWanted: boolean): void
  /** What is known of the server has changed: a stream that it did not offer is tried again. */
  renew(): void
  /** The stream that is open must make place for another one. */
  reopen(): void
}

export interface NotificationStreamOptions {
  /** The peer as it is known now; rejects when the server cannot be reached. */
  readonly peer: () => Promise<Peer>
  readonly watches: Watches
  readonly emit: (method: string, params: Record<string, unknown>) => void
}

/**
 * Opens the stream, and again with growing waits when it ends. What a server announced meanwhile is lost, so after a gap a
 * change of every list that it announces and of all that is watched is announced in its place. Where the stream must become
 * another one, the new one is open before the old one is closed.
 */
export function createNotificationStream(options: NotificationStreamOptions): NotificationStream {
  const keeper = new StreamKeeper(options)
  return {
    setWanted: (isWanted) => keeper.setWanted(isWanted),
    renew: () => keeper.nudge(false),
    reopen: () => keeper.nudge(true),
  }
}

class StreamKeeper {
  readonly #options: NotificationStreamOptions
  #isWanted = false
  #isRunning = false
  /** The one that is heard. */
  #stream: OpenStream | null = null
  /** The one that is being opened. */
  #next: OpenStream | null = null
  #hasGap = false
  #mustReopen = false
  /** What is watched was refused: lists alone are asked for, until this stream ends. */
  #isPlain = false
  #wake: () => void = () => undefined

  constructor(options: NotificationStreamOptions) {
    this.#options = options
  }

  setWanted(isWanted: boolean): void {
    this.#isWanted = isWanted
    if (!isWanted) {
      const [stream, next] = [this.#stream, this.#next]
      this.#stream = null
      this.#next = null
      this.#hasGap = false
      stream?.abort()
      next?.abort()
    }
    this.nudge(false)
  }

  nudge(mustReopen: boolean): void {
    if (mustReopen) {
      this.#mustReopen = true
      this.#isPlain = false
    }
    this.#wake()
    if (!this.#isWanted || this.#isRunning) return
    this.#isRunning = true
    this.#run().then(
      () => undefined,
      // Nothing above rejects; were it to, the next nudge would begin anew.
      () => undefined,
    )
  }

  async #run(): Promise<void> {
    for (let failures = 0; this.#goesOn();) {
      this.#mustReopen = false
      const outcome = await this.#open()
      if (outcome === 'opened') {
        failures = 0
        await this.#untilSomethingIsToDo()
      } else if (outcome === 'refused' && this.#stream !== null) {
        // What was watched before is still heard.
        await this.#untilSomethingIsToDo()
      } else if (outcome === 'refused' && !this.#isPlain) {
        this.#isPlain = true
        continue
      } else if (outcome === 'unsupported' && this.#stream === null && !this.#mustReopen) break
      if (this.#mustReopen) continue
      if (!this.#goesOn()) break
      if (this.#stream === null) this.#hasGap = true
      await this.#pause(backoffMs(failures++, LIMITS.restartBackoffMsMin, LIMITS.restartBackoffMsMax))
    }
    this.#isRunning = false
  }

  #goesOn(): boolean {
    return this.#isWanted
  }

  /** Resolves when the next stream is heard, or is not to be had. */
  async #open(): Promise<StreamOutcome | 'opened'> {
    const { peer, watches } = this.#options
    const found = await peer().catch(() => null)
    if (found === null || !this.#isWanted) return 'ended'
    // What is watched now is asked for now.
    this.#mustReopen = false
    const accepted = Promise.withResolvers<'opened'>()
    const accept = (): void => {
      if (this.#next !== next) return
      this.#take(next, found.info)
      accepted.resolve('opened')
    }
    const next = found.listen(this.#isPlain ? NOTHING : watches, accept)
    this.#next = next
    // A server that says nothing for so long has nothing to say yet, but it has not refused.
    const timer = setTimeout(accept, LIMITS.eraProbeMs).unref()
    const outcome = await Promise.race([accepted.promise, next.done])
    clearTimeout(timer)
    if (this.#next === next) this.#next = null
    return outcome
  }

  /** Hears this stream from now on, and no longer the one before. */
  #take(stream: OpenStream, info: UpstreamInfo): void {
    const before = this.#stream
    this.#stream = stream
    this.#next = null
    before?.abort()
    stream.done.then(
      () => this.#noteEnd(stream),
      () => this.#noteEnd(stream),
    )
    if (this.#hasGap) this.#announceAll(info)
    this.#hasGap = false
  }

  #noteEnd(stream: OpenStream): void {
    if (this.#stream !== stream) return
    this.#stream = null
    this.#isPlain = false
    this.#hasGap = true
    this.#wake()
  }

  #announceAll(info: UpstreamInfo): void {
    const { emit, watches } = this.#options
    for (const kind of announcedLists(info)) emit(`notifications/${kind}/list_changed`, {})
    if (announcesUpdates(info)) for (const uri of watches.resources()) emit('notifications/resources/updated', { uri })
  }

  async #untilSomethingIsToDo(): Promise<void> {
    while (this.#isWanted && this.#stream !== null && !this.#mustReopen)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms).unref()
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
