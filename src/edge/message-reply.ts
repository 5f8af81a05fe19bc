import { createEventParser, type EventParser } from './event-parser.ts'
import type { EdgeReply } from './server-reply.ts'

/** How an answer ended that was taken apart into messages. */
export interface Ended {
  /** 0: it was cut off before it began. */
  readonly status: number
  /** A flat list of names and values. */
  readonly headers: readonly string[]
  /** A complete answer. Empty where it came as a stream. */
  readonly body: string
  readonly isStream: boolean
  /** The last message of a stream. */
  readonly lastMessage: string
  /** Where it can be taken up again; null: nowhere. */
  readonly lastEventId: string | null
  readonly retryMs: number | null
}

/** Takes an answer as HTTP would get it, and gives the messages in it away one by one. */
export class MessageReply implements EdgeReply {
  readonly #onMessage: (json: string) => boolean
  readonly #onEnd: (ended: Ended) => void
  #status = 0
  #headers: readonly string[] = []
  #parser: EventParser | null = null
  #lastMessage = ''
  #lastEventId: string | null = null
  #retryMs: number | null = null
  #isWritable = true
  #isOver = false
  #isGone = false
  #onGone: (() => void) | null = null
  #onDrain: (() => void) | null = null

  /** `onMessage` gets the messages of a stream, and returns false to ask for a pause; `onEnd` is called once, unless `leave` was. */
  constructor(onMessage: (json: string) => boolean, onEnd: (ended: Ended) => void) {
    this.#onMessage = onMessage
    this.#onEnd = onEnd
  }

  get isGone(): boolean {
    return this.#isGone
  }

  get isOpen(): boolean {
    return this.#parser !== null
  }

  send(status: number, headers: readonly string[], body: Buffer | string): void {
    if (this.#parser !== null) return
    this.#status = status
    this.#headers = headers
    this.#finish(typeof body === 'string' ? body : body.toString('utf8'))
  }

  open(status: number, headers: readonly string[]): void {
    if (this.#isOver || this.#parser !== null) return
    this.#status = status
    this.#headers = headers
    this.#parser = createEventParser(({ data, lastId, retryMs }) => {
      this.#lastEventId = lastId
      this.#retryMs = retryMs
      if (data === '' || this.#isOver) return
      this.#lastMessage = data
      this.#isWritable = this.#onMessage(data)
    })
  }

  write(chunk: Buffer | string): boolean {
    if (this.#isOver || this.#parser === null) return true
    this.#parser.push(chunk)
    return this.#isWritable
  }

  end(): void {
    this.#finish('')
  }

  onDrain(listener: () => void): void {
    this.#onDrain = listener
  }

  onGone(listener: () => void): void {
    const before = this.#onGone
    this.#onGone = before === null ? listener : () => (before(), listener())
    if (this.#isGone) listener()
  }

  /** The client has read what waited. */
  drained(): void {
    if (this.#isWritable) return
    this.#isWritable = true
    this.#onDrain?.()
  }

  /** Nobody wants this answer any more. */
  leave(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#isGone = true
    this.#onGone?.()
  }

  #finish(body: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#onEnd({
      status: this.#status,
      headers: this.#headers,
      body,
      isStream: this.#parser !== null,
      lastMessage: this.#lastMessage,
      lastEventId: this.#lastEventId,
      retryMs: this.#retryMs,
    })
  }
}
