import { Problem } from '#std/index.ts'
import type { InspectedCall, ReceivedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import { requireUpstream } from '../require-upstream.ts'
import { ask, callTool, cancelKey } from './call-tool.ts'
import { discover, initialize } from './handshake.ts'
import { answerToolsList } from './list-tools.ts'
import { openListenStream } from './listen.ts'
import { writeAccepted, writeResult } from './write-answer.ts'

/** Answers a call that is not relayed: the gateway is the server, the deployments behind the address do the work. */
export async function answerLocally(call: InspectedCall, gateway: GatewayState): Promise<void> {
  if (call.message.kind !== 'request') {
    if (call.message.method === 'notifications/cancelled') cancel(call, gateway)
    writeAccepted(call)
    return
  }
  switch (call.message.method) {
    case 'initialize':
      return await initialize(call, gateway)
    case 'ping':
      return writeResult(call, {}, gateway)
    case 'server/discover':
      return await discover(call, gateway)
    case 'subscriptions/listen':
      return openListenStream(call, gateway)
    case 'tools/list':
      return await answerToolsList(call, gateway)
    case 'tools/call':
      return await callTool(call, gateway)
    default:
      return await passOn(call, gateway)
  }
}

/** Everything else goes to the one deployment behind the address; a federation refuses it and says what it can. */
async function passOn(call: InspectedCall, gateway: GatewayState): Promise<void> {
  const { endpoint, message } = call
  if (endpoint.deployment === null || NOT_PASSED.has(message.method)) {
    throw new Problem('unknown-method', `${message.method} is not offered at ${endpoint.path}: it federates tools.`, {
      remedy:
        endpoint.deployment === null
          ? 'Use the address of one deployment, /mcp/{name}.'
          : 'Use a client of the era that the server speaks.',
    })
  }
  const { _meta: _, ...params } = message.params
  await ask(call, requireUpstream(gateway.runtime, endpoint.deployment), params, gateway)
}

/** Methods that need state between the eras or between callers. */
const NOT_PASSED = new Set([
  'resources/subscribe',
  'resources/unsubscribe',
  'logging/setLevel',
  'tasks/get',
  'tasks/update',
  'tasks/cancel',
  'tasks/list',
  'tasks/result',
])

function cancel(call: ReceivedCall, gateway: GatewayState): void {
  const key = cancelKey(call, call.message?.params['requestId'])
  if (key !== null && !gateway.inFlight.cancel(key)) gateway.cancelBus.publish(key)
}
