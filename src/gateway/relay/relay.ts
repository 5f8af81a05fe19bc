import { inspectAnswer } from '#guard/index.ts'
import type { Exchange, ExchangeHandler, Upstream } from '#runtime/index.ts'
import { asProblem, LIMITS, newSecret, Problem } from '#std/index.ts'
import { mark, type InspectedCall, type ReceivedCall, type Running } from '../call.ts'
import { answer, conclude, FLIGHT_HEADER, refuse, rpcError } from '../conclude.ts'
import type { GatewayState } from '../deps.ts'
import { bindingOf } from '../endpoints.ts'
import { UNKNOWN_CLIENT } from '../sessions/session-seal.ts'
import { createEventFramer, type EventFramer } from './event-framer.ts'
import { headersToClient, headersToUpstream } from './relay-headers.ts'

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * Passes one message on byte for byte and the answer back, streaming. Resolves when the answer is on its way out; true
 * means that the upstream refused the handshake and nothing was answered yet.
 */
export function relay(call: InspectedCall, upstream: Upstream, gateway: GatewayState): Promise<boolean> {
  const isStream = call.row?.isStream === true
  return relayExchange(call, 'POST', isStream ? 0 : upstream.deployment.deadlineMs, upstream, gateway)
}

/** The same for `GET` (a legacy event stream) and `DELETE` (the end of a session), which have no body. */
export function relayExchange(
  call: ReceivedCall,
  method: 'POST' | 'GET' | 'DELETE',
  deadlineMs: number,
  upstream: Upstream,
  gateway: GatewayState,
): Promise<boolean> {
  return new Promise((resolve) => {
    const handler = new RelayedAnswer(call, upstream, gateway, deadlineMs === 0, resolve)
    const body = method === 'POST' ? call.inbound.body : null
    handler.start(upstream.http!.send(method, headersToUpstream(call), body, deadlineMs, handler))
  })
}

/** Takes the upstream's answer apart just enough to check, record and pass it on. */
class RelayedAnswer implements ExchangeHandler, Running {
  readonly #call: ReceivedCall
  readonly #upstream: Upstream
  readonly #gateway: GatewayState
  readonly #done: (isRefused: boolean) => void
  #exchange: Exchange | null = null
  #status = 0
  #headers: Headers = {}
  #chunks: Buffer[] = []
  #bytes = 0
  #framer: EventFramer | null = null
  #isOver = false
  #hasAnswered = false
  #isWritable = true
  /** Events that wait for the record of the call; null when none does. */
  #held: Buffer[] | null = null
  readonly #isLongLived: boolean
  readonly #release: () => void

  constructor(call: ReceivedCall, upstream: Upstream, gateway: GatewayState, isLongLived: boolean, done: (isRefused: boolean) => void) {
    this.#isLongLived = isLongLived
    this.#release = isLongLived ? gateway.streams.enter(call, () => this.#abandon('ok')) : () => {}
    this.#call = call
    this.#upstream = upstream
    this.#gateway = gateway
    this.#done = done
  }

  start(exchange: Exchange): void {
    this.#exchange = exchange
    this.#call.reply.onGone(() => this.#abandon('cancelled'))
    this.#call.running = this
  }

  cancel(): void {
    this.#abandon('cancelled')
  }

  onHead(status: number, headers: Headers): void {
    this.#status = status
    this.#headers = headers
    const type = headers['content-type']
    const { message } = this.#call
    const mayStream = message === null || message.kind === 'request'
    if (status === 200 && mayStream && typeof type === 'string' && /^text\/event-stream\s*(?:;|$)/i.test(type)) this.#openStream()
  }

  onData(chunk: Buffer): boolean {
    if (this.#isOver) return true
    this.#bytes += chunk.length
    if (this.#framer !== null) return this.#pass(chunk)
    if (this.#bytes > LIMITS.resultBytesMax) {
      this.#fail(
        new Problem('upstream-failed', `Its answer is larger than ${LIMITS.resultBytesMax} bytes.`, {
          remedy: 'Ask for less, or page the result.',
        }),
      )
      return true
    }
    this.#chunks.push(chunk)
    return true
  }

  onEnd(): void {
    if (this.#isOver) return
    mark(this.#call, 'forward', `http ${this.#status}`)
    if (this.#framer !== null) this.#endStream()
    else this.#endBody()
  }

  onError(error: Error): void {
    if (!this.#isOver) this.#fail(error)
  }

  #endBody(): void {
    const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
    const { message } = this.#call
    if (this.#refusesHandshake(body)) return this.#finish(true)
    if (this.#status === 401 || this.#status === 403 || this.#status >= 500 || (this.#status >= 300 && this.#status < 400))
      return this.#fail(this.#statusProblem())
    if (message !== null && message.kind !== 'request') return this.#accept()
    if (body.length > 0 && !this.#isJson()) return this.#fail(this.#statusProblem('with something else than JSON'))
    let outcome = this.#status < 400 ? 'ok' : 'upstream-refused'
    if (message !== null && (body.length > 0 || this.#status < 300)) {
      try {
        outcome = this.#inspect(body) ?? outcome
      } catch (error) {
        return this.#fail(error as Error)
      }
      mark(this.#call, 'inspect-result')
    }
    answer(this.#call, outcome, this.#status, [...headersToClient(this.#headers), ...this.#sessionHeader()], body, this.#gateway)
    this.#finish(false)
  }

  /** Nobody waits for an answer to a notification or a response: whatever the server sent stays here. */
  #accept(): void {
    if (this.#status >= 400) return this.#fail(this.#statusProblem())
    answer(this.#call, 'ok', 202, [], '', this.#gateway)
    this.#finish(false)
  }

  /** The outcome for the record. Throws when this is not an answer to the request. */
  #inspect(bytes: Buffer): string | null {
    const { message, isToolError } = inspectAnswer(bytes)
    const { id, result, error } = message
    const isNameless = id === undefined || id === null
    if (isNameless ? error === undefined : id !== this.#call.message!.id)
      throw new Problem('upstream-failed', 'It answered another request than the one it was sent.')
    if (error !== undefined) return 'rpc-error'
    if (result === undefined && this.#status < 300) throw new Problem('upstream-failed', 'Its answer holds neither a result nor an error.')
    return isToolError ? 'tool-error' : null
  }

  #openStream(): void {
    const { reply } = this.#call
    this.#framer = createEventFramer(LIMITS.eventBytesMax, (raw, data) => this.#event(raw, data))
    reply.open(200, [FLIGHT_HEADER, this.#call.id, ...headersToClient(this.#headers), 'x-accel-buffering', 'no', ...this.#sessionHeader()])
    reply.onDrain(() => this.#exchange?.resume())
    // A stream without an end of its own is recorded when it opens, not when it closes.
    if (!this.#isLongLived) return
    mark(this.#call, 'forward', 'event stream')
    this.#held = []
    this.#record('ok')
  }

  #pass(chunk: Buffer): boolean {
    try {
      this.#framer!.push(chunk)
    } catch (error) {
      this.#fail(error as Error)
      return true
    }
    return this.#isWritable && this.#held === null
  }

  /** Passes one event on as it came; the one that answers the request waits until it is recorded. */
  #event(raw: Buffer, data: string | null): void {
    if (this.#isOver) return
    const outcome = data === null || data === '' ? null : this.#outcomeOf(data)
    if (outcome !== null) {
      mark(this.#call, 'forward', 'event stream')
      this.#hasAnswered = true
      this.#held = [raw]
      this.#record(outcome, data)
    } else if (this.#held !== null) this.#held.push(raw)
    else this.#isWritable = this.#call.reply.write(raw)
  }

  /** How the request ended, if this event answers it: it has an id and no method. Throws for what is no message, or a wrong or second answer. */
  #outcomeOf(data: string): string | null {
    const { message, isToolError } = inspectAnswer(Buffer.from(data))
    const request = this.#call.message
    const { method } = message
    const isAnswer = message['result'] !== undefined || message['error'] !== undefined
    if (isAnswer ? method !== undefined : typeof method !== 'string') {
      throw new Problem('upstream-failed', 'An event of its stream is neither a request, nor a notification, nor an answer.')
    }
    // A stream that lives on its own may carry answers to earlier requests.
    if (request?.kind !== 'request' || this.#isLongLived || !isAnswer) return null
    if (this.#hasAnswered) throw new Problem('upstream-failed', 'It answered twice.')
    if (message['id'] !== request.id) throw new Problem('upstream-failed', 'It answered another request than the one it was sent.')
    return message['error'] !== undefined ? 'rpc-error' : isToolError ? 'tool-error' : 'ok'
  }

  /** Records the call; what came meanwhile follows in order. */
  #record(outcome: string, answered: string | null = null): void {
    const { reply, message } = this.#call
    conclude(
      this.#call,
      { outcome, status: 200, bytesOut: this.#bytes },
      this.#gateway,
      () => {
        for (const raw of this.#held ?? []) this.#isWritable = reply.write(raw)
        this.#held = null
        if (this.#isOver) reply.end()
        else this.#exchange?.resume()
      },
      (problem) => {
        if (message?.kind === 'request') reply.write(`data: ${rpcError(message.id, asProblem(problem))}\n\n`)
        reply.end()
      },
      answered,
    )
  }

  #endStream(): void {
    const { speech, isConcluded, reply } = this.#call
    // A legacy stream may end early and be taken up again; a modern one that ends without an answer has lost it.
    if (!isConcluded && speech?.era === 'modern')
      return this.#fail(new Problem('upstream-failed', 'It ended its stream without an answer.'))
    this.#finish(false)
    if (this.#held !== null) return
    if (isConcluded) reply.end()
    else {
      this.#held = []
      this.#record('no-answer')
    }
  }

  /** `initialize` was refused by a server that only speaks the modern era (2026-07-28, basic/versioning). */
  #refusesHandshake(body: Buffer): boolean {
    const { message, speech } = this.#call
    if (message?.method !== 'initialize' || speech?.era !== 'legacy' || this.#status === 401 || this.#status === 403 || this.#status >= 500)
      return false
    if (this.#status >= 400) return true
    try {
      return inspectAnswer(body).message['error'] !== undefined
    } catch {
      return false
    }
  }

  #sessionHeader(): string[] {
    const { message, endpoint, caller, session } = this.#call
    const given = this.#headers['mcp-session-id']
    if (typeof given !== 'string' || endpoint === null || caller === null || this.#call.speech?.era === 'modern') return []
    if (message?.method !== 'initialize')
      return session === null ? [] : ['mcp-session-id', this.#call.inbound.headers['mcp-session-id'] as string]
    const requested = message.params['protocolVersion']
    const token = this.#gateway.seal.seal({
      tenant: endpoint.tenant,
      endpoint: endpoint.name,
      callerId: caller.id,
      version: typeof requested === 'string' ? requested.slice(0, 20) : '',
      client: UNKNOWN_CLIENT,
      mode: 'relay',
      boundTo: bindingOf(endpoint),
      upstreamSession: given,
      nonce: newSecret().slice(0, 12),
      expiresAtMs: this.#gateway.now() + LIMITS.sessionAgeMsMax,
    })
    return ['mcp-session-id', token]
  }

  /** Nothing but JSON and event streams leaves under our address: a page of the upstream's would be one of ours. */
  #isJson(): boolean {
    const type = this.#headers['content-type']
    return typeof type === 'string' && /^application\/json\s*(?:;|$)/i.test(type)
  }

  #statusProblem(how = ''): Problem {
    const { name } = this.#upstream.deployment
    if (this.#status === 401 || this.#status === 403) {
      return new Problem('upstream-failed', `${name} refused our credential (HTTP ${this.#status}).`, {
        remedy: `The owner sets its headers: sallyport deployment show ${name}`,
      })
    }
    return new Problem('upstream-failed', `${name} answered HTTP ${this.#status}${how === '' ? '' : ` ${how}`}.`, {
      remedy: `sallyport deployment show ${name} tells its state.`,
    })
  }

  #fail(error: Error): void {
    mark(this.#call, 'forward', 'failed')
    this.#exchange?.abort()
    // An answer that waits for its record ends the stream itself.
    if (this.#call.isConcluded && this.#held === null) this.#call.reply.end()
    refuse(this.#call, asProblem(error), this.#gateway)
    this.#finish(false)
  }

  #abandon(outcome: string): void {
    if (this.#isOver) return
    this.#exchange?.abort()
    // A long-lived stream was recorded when it opened; one whose record is under way ends with that.
    if (this.#call.isConcluded && this.#held === null) this.#call.reply.end()
    conclude(
      this.#call,
      { outcome, status: this.#status === 0 ? 499 : this.#status, bytesOut: this.#bytes },
      this.#gateway,
      () => this.#letGo(),
      () => this.#letGo(),
    )
    this.#finish(false)
  }

  /** A client that is still there gets an end that it can tell from a broken connection, and no answer. */
  #letGo(): void {
    const { reply } = this.#call
    if (reply.isOpen) reply.end()
    else reply.send(202, [], '')
  }

  #finish(isRefused: boolean): void {
    this.#isOver = true
    this.#release()
    this.#done(isRefused)
  }
}
