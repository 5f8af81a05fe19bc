import type { Upstream } from '#runtime/index.ts'
import { LIMITS } from '#std/index.ts'
import type { InspectedCall } from './call.ts'
import type { GatewayState } from './deps.ts'
import { answerLocally } from './federate/answer-locally.ts'
import { CLIENT_NOTIFICATIONS } from './methods.ts'
import { relay } from './relay/relay.ts'
import { requireUpstream } from './require-upstream.ts'

/** How long a verdict "this server refuses the handshake" holds before a client may try again. */
const relayRefusals = new WeakMap<Upstream, number>()

/**
 * Sends an authorised call on its way: byte for byte where one deployment of the client's own era stands behind the
 * address, otherwise by answering here and asking the deployments in the neutral model.
 */
export async function forward(call: InspectedCall, gateway: GatewayState): Promise<void> {
  const leave = gateway.inFlight.enter(call)
  try {
    const upstream = relayTarget(call, gateway)
    if (upstream !== null && (await speaksSameEra(call, upstream, gateway))) {
      call.deployment = upstream.deployment.name
      const isRefused = await relay(call, upstream, gateway)
      if (!isRefused) return
      // The server does not take the handshake: it is of the other era only, so the gateway answers in its place.
      relayRefusals.set(upstream, gateway.now())
    }
    await answerLocally(call, gateway)
  } finally {
    leave()
  }
}

/** The one HTTP upstream behind this address, if that is what stands there. */
function relayTarget(call: InspectedCall, gateway: GatewayState): Upstream | null {
  const { deployment } = call.endpoint
  if (deployment === null || call.shape === 'invoke' || !mayTravel(call)) return null
  const upstream = requireUpstream(gateway.runtime, deployment)
  return upstream.http === null ? null : upstream
}

/**
 * What goes on to a server as it came. Notifications only by name; responses only within the session in which the server
 * asked; and not what shows a credential more than the tools that it may see.
 */
function mayTravel({ message, session, caller }: InspectedCall): boolean {
  switch (message.kind) {
    case 'notification':
      return CLIENT_NOTIFICATIONS.has(message.method)
    case 'response':
      return session?.mode === 'relay'
    case 'request':
      return caller.tools === null || !SHOWS_MORE.has(message.method)
  }
}

/** What shows or tells a credential that is restricted to some tools more than those. */
const SHOWS_MORE: ReadonlySet<string> = new Set(['tools/list', 'server/discover', 'subscriptions/listen'])

async function speaksSameEra(call: InspectedCall, upstream: Upstream, gateway: GatewayState): Promise<boolean> {
  if (call.speech.era === 'legacy') {
    if (call.session !== null) return call.session.mode === 'relay'
    const refusedAtMs = relayRefusals.get(upstream)
    return refusedAtMs === undefined || gateway.now() - refusedAtMs > LIMITS.eraVerdictMsMax
  }
  const known =
    upstream.known() ??
    (await upstream.describe(call.startedAtMs + Math.min(upstream.deployment.deadlineMs, LIMITS.startDeadlineMsDefault)))
  return known.era === 'modern'
}
