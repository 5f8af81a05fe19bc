import type { DeploymentRecord } from '#runtime/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import type { InspectedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import { refuseUri } from './ask-named.ts'
import { routeUri } from './route-uri.ts'
import { writeResult } from './write-answer.ts'

/**
 * Answers `resources/subscribe` of a legacy session: from now on its GET streams hear of updates, in whichever process of
 * this server they are open.
 */
export async function subscribeResource(call: InspectedCall, gateway: GatewayState): Promise<void> {
  const { nonce, uri } = subscriptionOf(call)
  const routed = await routeUri(call, uri, gateway)
  if (routed === null) return refuseUri(call, uri, gateway)
  if (!(await tellsOfUpdates(routed.deployment, gateway))) {
    throw new Problem('unknown-method', `${routed.deployment.name} does not tell of updates of its resources.`, {
      remedy: 'Read the resource again when it is needed.',
    })
  }
  gateway.watches.add(nonce, uri)
  writeResult(call, {}, gateway)
}

/** Answers `resources/unsubscribe`; there is nothing wrong with ending what was not begun. */
export async function unsubscribeResource(call: InspectedCall, gateway: GatewayState): Promise<void> {
  const { nonce, uri } = subscriptionOf(call)
  gateway.watches.remove(nonce, uri)
  writeResult(call, {}, gateway)
}

function subscriptionOf({ session, message, endpoint }: InspectedCall): { readonly nonce: string; readonly uri: string } {
  const { uri } = message.params
  if (typeof uri !== 'string' || uri === '' || uri.length > LIMITS.uriLengthMax)
    throw new Problem('invalid-params', `params.uri must be a URI of at most ${LIMITS.uriLengthMax} characters.`)
  if (session?.mode !== 'local') {
    throw new Problem('session-required', `${message.method} needs a session at ${endpoint.path}.`, {
      remedy: 'Send initialize, and the Mcp-Session-Id it answers with on every request.',
    })
  }
  return { nonce: session.nonce, uri }
}

/** Whether a server tells of updates of its resources, as far as it says in time. */
export async function tellsOfUpdates({ tenant, name, deadlineMs }: DeploymentRecord, { runtime, now }: GatewayState): Promise<boolean> {
  const upstream = runtime.upstream(tenant, name)
  const deadlineAtMs = now() + Math.min(deadlineMs, LIMITS.listDeadlineMsDefault)
  const info = upstream?.known() ?? (await upstream?.describe(deadlineAtMs).catch(() => null))
  const resources = info?.capabilities['resources']
  return (resources as { subscribe?: unknown } | undefined)?.subscribe === true
}
