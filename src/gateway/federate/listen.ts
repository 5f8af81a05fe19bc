import { META } from '#protocol/index.ts'
import { LIMITS } from '#std/index.ts'
import { mark, type ReceivedCall } from '../call.ts'
import { conclude, FLIGHT_HEADER } from '../conclude.ts'
import type { GatewayState } from '../deps.ts'
import { STREAM_HEADERS } from './write-answer.ts'

/**
 * Opens the stream on which a client hears that the tools of its endpoint changed: `subscriptions/listen` of a modern
 * client (2026-07-28, patterns/subscriptions) or the GET stream of a legacy one. It lives until the client goes, the
 * right to it ends or the server stops.
 */
export function openListenStream(call: ReceivedCall, gateway: GatewayState): void {
  const { reply, message, endpoint } = call
  const isModern = call.speech?.era === 'modern'
  const filter = isModern ? ((message?.params['notifications'] ?? {}) as Record<string, unknown>) : { toolsListChanged: true }
  const wantsTools = filter['toolsListChanged'] === true
  const meta = isModern ? { _meta: { [META.subscriptionId]: message?.id } } : {}
  const send = (payload: Record<string, unknown>): void =>
    void reply.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...payload })}\n\n`)

  const names = new Set(endpoint?.sources.map((source) => source.deployment.id))
  const stopListening = gateway.catalogue.onChange((deployment) => {
    if (wantsTools && names.has(deployment.id)) send({ method: 'notifications/tools/list_changed', params: meta })
  })
  const heartbeat = setInterval(() => reply.write(': alive\n\n'), LIMITS.eventStreamHeartbeatMs)
  heartbeat.unref()
  const release = gateway.streams.enter(call, () => stop(true))
  const stop = (isOurs: boolean): void => {
    clearInterval(heartbeat)
    stopListening()
    release()
    if (isOurs && isModern) send({ id: message?.id, result: { resultType: 'complete', ...meta } })
    reply.end()
  }
  reply.onGone(() => stop(false))
  mark(call, 'forward', 'event stream')
  conclude(
    call,
    { outcome: 'ok', status: 200, bytesOut: 0 },
    gateway,
    () => {
      reply.open(200, [FLIGHT_HEADER, call.id, ...STREAM_HEADERS])
      if (isModern)
        send({
          method: 'notifications/subscriptions/acknowledged',
          params: { notifications: wantsTools ? { toolsListChanged: true } : {}, ...meta },
        })
      else reply.write(': open\n\n')
      // The catalogues are read once, so that their servers are listened to from now on.
      for (const { deployment } of endpoint?.sources ?? [])
        void gateway.catalogue.read(deployment, gateway.now() + LIMITS.listDeadlineMsDefault)
    },
    () => stop(false),
  )
}
