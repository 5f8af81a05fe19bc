import { setImmediate as nextTurn } from 'node:timers/promises'
import { redactBody, type RedactedBody } from '#guard/index.ts'
import { LIMITS } from '#std/index.ts'
import type { ReceivedCall } from './call.ts'

/** What is kept of one call, without what looked like a secret. Plain JSON: it crosses process borders. */
export interface RecordedBodies {
  /** That of the call's audit event. */
  readonly id: string
  readonly tenant: string
  readonly atMs: number
  readonly deployment: string
  readonly arguments: Omit<RedactedBody, 'redactions'> | null
  /** The result, or the error that came in its place; null: there was no answer. */
  readonly result: Omit<RedactedBody, 'redactions'> | null
  readonly redactions: number
}

/** Keeps arguments and results of tool calls, after the fact and at nobody's cost: a call never waits for it. */
export interface BodyRecorder {
  /** Takes note of an authorised tool call; any other is passed over. `answer` is the JSON text that holds its result. */
  keep(call: ReceivedCall, answer: Buffer | string | null): void
  /** Hands over what waits. What comes later is not kept. */
  close(): Promise<void>
}

export interface BodyRecorderOptions {
  /** Takes one batch at a time; the next one comes when it has resolved. */
  readonly store: (batch: readonly RecordedBodies[]) => Promise<void>
  /** Texts that a deployment was given and that nobody may read in what it answers. */
  readonly secretsOf: (tenant: string, deployment: string) => readonly string[]
  readonly onDropped: (count: number) => void
  readonly onError: (error: unknown) => void
}

interface Waiting {
  readonly id: string
  readonly tenant: string
  readonly atMs: number
  readonly deployment: string
  readonly given: unknown
  readonly givenBytes: number
  readonly answer: Buffer | string | null
  readonly bytes: number
}

export function createBodyRecorder(options: BodyRecorderOptions): BodyRecorder {
  return new QueuedBodyRecorder(options)
}

class QueuedBodyRecorder implements BodyRecorder {
  readonly #options: BodyRecorderOptions
  #queue: Waiting[] = []
  #bytes = 0
  #timer: NodeJS.Timeout | undefined
  #work: Promise<void> | null = null
  #isClosed = false

  constructor(options: BodyRecorderOptions) {
    this.#options = options
  }

  keep(call: ReceivedCall, answer: Buffer | string | null): void {
    if (this.#isClosed || call.row?.isTool !== true || call.authorization === null || call.endpoint === null) return
    const givenBytes = call.inbound.body.length
    const bytes = givenBytes + (answer?.length ?? 0)
    if (this.#queue.length >= LIMITS.callBodyQueueMax || this.#bytes + bytes > LIMITS.callBodyQueueBytesMax)
      return this.#options.onDropped(1)
    this.#bytes += bytes
    const { id, startedAtMs: atMs, deployment } = call
    const given = call.message?.params['arguments'] ?? null
    this.#queue.push({ id, tenant: call.endpoint.tenant, atMs, deployment, given, givenBytes, answer, bytes })
    this.#schedule()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#work
    await this.#drain()
  }

  #schedule(): void {
    if (this.#work !== null || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#work = this.#drain().finally(() => {
        this.#work = null
        if (this.#queue.length > 0 && !this.#isClosed) this.#schedule()
      })
    }, LIMITS.callBodyFlushMs).unref()
  }

  /** All that waits, in batches. A batch that cannot be stored is lost: bodies are no evidence. Never rejects. */
  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const taken = this.#queue.splice(0, LIMITS.callBodyBatchMax)
      const batch: RecordedBodies[] = []
      try {
        for (const waiting of taken) {
          batch.push(redact(waiting, this.#options.secretsOf(waiting.tenant, waiting.deployment)))
          this.#bytes -= waiting.bytes
          // Calls that are being answered come first.
          await nextTurn()
        }
        await this.#options.store(batch)
      } catch (error) {
        this.#bytes -= taken.slice(batch.length).reduce((sum, { bytes }) => sum + bytes, 0)
        this.#options.onDropped(taken.length)
        this.#options.onError(error)
      }
    }
  }
}

function redact({ id, tenant, atMs, deployment, given, givenBytes, answer }: Waiting, known: readonly string[]): RecordedBodies {
  const options = { known, bytesMax: LIMITS.callBodyBytesMax, stringLengthMax: LIMITS.callBodyStringLengthMax }
  const sent = given === null ? null : givenBytes > LIMITS.callBodyReadBytesMax ? tooLarge(givenBytes) : redactBody(given, options)
  const came =
    answer === null || answer.length === 0
      ? null
      : answer.length > LIMITS.callBodyReadBytesMax
        ? tooLarge(answer.length)
        : redactBody(resultOf(answer), options)
  return {
    id,
    tenant,
    atMs,
    deployment,
    arguments: sent === null ? null : { text: sent.text, isCut: sent.isCut },
    result: came === null ? null : { text: came.text, isCut: came.isCut },
    redactions: (sent?.redactions ?? 0) + (came?.redactions ?? 0),
  }
}

/** The result of a JSON-RPC answer or of `invoke`, or the error in its place. */
function resultOf(answer: Buffer | string): unknown {
  const message = JSON.parse(answer.toString()) as { readonly result?: unknown; readonly error?: unknown }
  return message.result ?? message.error ?? null
}

const tooLarge = (bytes: number): RedactedBody => ({ text: JSON.stringify(`[cut: ${bytes} bytes]`), isCut: true, redactions: 0 })
