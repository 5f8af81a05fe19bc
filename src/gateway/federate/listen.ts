import { META } from '#protocol/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import { mark, type ReceivedCall } from '../call.ts'
import { conclude, FLIGHT_HEADER } from '../conclude.ts'
import type { GatewayState } from '../deps.ts'
import { STREAM_HEADERS } from '../http.ts'
import type { ChangeFilter } from './changes.ts'
import type { Asker } from './route-uri.ts'
import { assertDeclared } from './tasks.ts'
import { writeCancelled } from './write-answer.ts'

type Json = Record<string, unknown>

/**
 * Opens the stream on which a client hears of changes at its endpoint: `subscriptions/listen` of a modern client
 * (2026-07-28, basic/patterns/subscriptions) or the GET stream of a legacy one. It lives until the client goes, the right to
 * it ends or the server stops.
 */
export async function openListenStream(call: ReceivedCall, gateway: GatewayState): Promise<void> {
  const stream = new ListenStream(call as ReceivedCall & Asker, gateway)
  await stream.open()
}

class ListenStream {
  readonly #call: ReceivedCall & Asker
  readonly #gateway: GatewayState
  readonly #isModern: boolean
  readonly #release: () => void
  readonly #stops: (() => void)[] = []
  /** What came before the stream could begin. */
  #early: Json[] | null = []
  #isOver = false

  constructor(call: ReceivedCall & Asker, gateway: GatewayState) {
    this.#call = call
    this.#gateway = gateway
    this.#isModern = call.speech?.era === 'modern'
    this.#release = gateway.streams.enter(call, () => this.#stop(true))
  }

  async open(): Promise<void> {
    const { reply } = this.#call
    reply.onGone(() => this.#stop(false))
    let honoured: ChangeFilter
    try {
      honoured = await this.#follow()
    } catch (error) {
      this.#cleanUp()
      throw error
    }
    if (this.#isOver || reply.isGone) {
      this.#cleanUp()
      return writeCancelled(this.#call, this.#gateway)
    }
    mark(this.#call, 'forward', 'event stream')
    conclude(
      this.#call,
      { outcome: 'ok', status: 200, bytesOut: 0 },
      this.#gateway,
      () => this.#begin(honoured),
      () => this.#stop(false),
    )
  }

  async #follow(): Promise<ChangeFilter> {
    const { session } = this.#call
    const { changes, watches } = this.#gateway
    const following = changes.follow(this.#call, (method, params) => this.#send({ method, params }))
    this.#stops.push(() => following.stop())
    if (this.#isModern) return await following.update(filterOf(this.#call))
    const wanted = (): ChangeFilter => ({
      toolsListChanged: true,
      promptsListChanged: true,
      resourcesListChanged: true,
      ...(session === null ? {} : { resourceSubscriptions: watches.of(session.nonce) }),
    })
    // Trouble with one resource leaves the others as they are.
    const renew = (): void => void following.update(wanted()).catch(() => {})
    if (session !== null) this.#stops.push(watches.onChange(session.nonce, renew))
    return await following.update(wanted())
  }

  #begin(honoured: ChangeFilter): void {
    const { reply, id } = this.#call
    reply.open(200, [FLIGHT_HEADER, id, ...STREAM_HEADERS])
    const heartbeat = setInterval(() => reply.write(': alive\n\n'), LIMITS.eventStreamHeartbeatMs).unref()
    this.#stops.push(() => clearInterval(heartbeat))
    const early = this.#early ?? []
    this.#early = null
    if (this.#isModern) this.#send({ method: 'notifications/subscriptions/acknowledged', params: { notifications: honoured } })
    else reply.write(': open\n\n')
    for (const message of early) this.#send(message)
    if (this.#isOver) this.#stop(true)
  }

  /** Sends a message; a modern one says which subscription it belongs to. */
  #send(message: Json): void {
    if (this.#early !== null) {
      if (this.#early.length < LIMITS.followedPerStreamMax) this.#early.push(message)
      return
    }
    const { message: request, reply } = this.#call
    const params = (message['params'] ?? {}) as Json
    const meta = this.#isModern ? { _meta: { ...(params['_meta'] as Json | undefined), [META.subscriptionId]: request?.id } } : {}
    const shown = { ...params, ...meta }
    const rest = Object.keys(shown).length === 0 ? {} : { params: shown }
    reply.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', method: message['method'], ...rest })}\n\n`)
  }

  #stop(isOurs: boolean): void {
    const isOpen = this.#early === null
    this.#isOver = true
    this.#cleanUp()
    if (!isOpen) return
    const { reply, message } = this.#call
    if (isOurs && this.#isModern) {
      const result = { resultType: 'complete', _meta: { [META.subscriptionId]: message?.id } }
      reply.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', id: message?.id, result })}\n\n`)
    }
    reply.end()
  }

  #cleanUp(): void {
    for (const stop of this.#stops.splice(0)) stop()
    this.#release()
  }
}

const FLAGS = ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged'] as const

/** Reads `params.notifications`. Throws `invalid-params`, or `missing-capability` for tasks without their extension. */
function filterOf({ message, speech }: ReceivedCall): ChangeFilter {
  const wanted = message?.params['notifications'] ?? {}
  if (typeof wanted !== 'object' || Array.isArray(wanted)) throw new Problem('invalid-params', 'params.notifications must be an object.')
  const { resourceSubscriptions, taskIds } = wanted as Json
  if (taskIds !== undefined) assertDeclared(speech?.envelope?.clientCapabilities ?? {})
  return {
    ...Object.fromEntries(FLAGS.filter((flag) => (wanted as Json)[flag] === true).map((flag) => [flag, true])),
    ...(resourceSubscriptions === undefined ? {} : { resourceSubscriptions: readTexts('resourceSubscriptions', resourceSubscriptions) }),
    ...(taskIds === undefined ? {} : { taskIds: readTexts('taskIds', taskIds) }),
  }
}

function readTexts(name: string, value: unknown): readonly string[] {
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string'))
    throw new Problem('invalid-params', `params.notifications.${name} must be a list of texts.`)
  if (value.length > LIMITS.followedPerStreamMax)
    throw new Problem('invalid-params', `params.notifications.${name} may hold ${LIMITS.followedPerStreamMax} entries.`)
  return value
}
