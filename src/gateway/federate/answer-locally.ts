import type { Message } from '#protocol/index.ts'
import { Problem } from '#std/index.ts'
import type { InspectedCall, ReceivedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import { cancelKey } from './ask.ts'
import { callTool } from './call-tool.ts'
import { complete, getPrompt, getSkill, readDirectory, readResource } from './ask-named.ts'
import { answerTask } from './tasks.ts'
import { subscribeResource, unsubscribeResource } from './subscribe.ts'
import { isToolSearch } from '../search/meta-tools.ts'
import { searchTools } from '../search/search-tools.ts'
import { discover, initialize } from './handshake.ts'
import { answerList } from './list-items.ts'
import { kindRow, LIST_KIND_NAMES } from './list-kinds.ts'
import { openListenStream } from './listen.ts'
import { writeAccepted, writeResult } from './write-answer.ts'

/** Answers a call that is not relayed: the gateway is the server, the deployments behind the address do the work. */
export async function answerLocally(call: InspectedCall, gateway: GatewayState): Promise<void> {
  if (call.message.kind === 'response') return takeResponse(call, call.message, gateway)
  if (call.message.kind === 'notification') {
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
      return await openListenStream(call, gateway)
    case 'tools/call':
      return await (isToolSearch(call) ? searchTools(call, gateway) : callTool(call, gateway))
    case 'logging/setLevel':
      return setLogLevel(call, gateway)
    default:
      return await answerOf(call.message.method)(call, gateway)
  }
}

type Answer = (call: InspectedCall, gateway: GatewayState) => Promise<void>

/** What the servers behind the address have: united in lists, or of the one that a name or URI leads to. */
const ANSWERS: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ...LIST_KIND_NAMES.map((kind): [string, Answer] => [kindRow(kind).method, (call, gateway) => answerList(call, kind, gateway)]),
  ['prompts/get', getPrompt],
  ['resources/read', readResource],
  ['resources/directory/read', readDirectory],
  ['skills/get', getSkill],
  ['completion/complete', complete],
  ['resources/subscribe', subscribeResource],
  ['resources/unsubscribe', unsubscribeResource],
  ['tasks/get', answerTask],
  ['tasks/update', answerTask],
  ['tasks/cancel', answerTask],
])

function answerOf(method: string): Answer {
  const answer = ANSWERS.get(method)
  if (answer !== undefined) return answer
  throw new Problem('unknown-method', `${method} needs the server and its client to be of the same era.`, {
    remedy: 'Use the address of one deployment, /mcp/{name}, with a client of the era that its server speaks.',
  })
}

/** An answer to a question of ours. Whoever has no session has been asked nothing. */
function takeResponse(call: InspectedCall, message: Extract<Message, { kind: 'response' }>, gateway: GatewayState): void {
  const { session } = call
  if (session !== null && typeof message.id === 'string') {
    const { result, error } = message
    if (result !== undefined) gateway.questions.give(session.nonce, message.id, { result })
    else if (error !== undefined) gateway.questions.give(session.nonce, message.id, { error })
  }
  writeAccepted(call)
}

const LOG_LEVELS: ReadonlySet<unknown> = new Set(['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'])

/** The level belongs to the session; servers hear of it with each call that it makes. */
function setLogLevel(call: InspectedCall, gateway: GatewayState): void {
  const { level } = call.message.params
  if (!LOG_LEVELS.has(level)) {
    throw new Problem('invalid-params', `params.level must be one of ${[...LOG_LEVELS].join(', ')}.`)
  }
  if (call.session !== null) {
    gateway.logLevels.set(call.session.nonce, level as string)
    gateway.bus.publish({ kind: 'log-level', nonce: call.session.nonce, level: level as string })
  }
  writeResult(call, {}, gateway)
}

function cancel(call: ReceivedCall, gateway: GatewayState): void {
  const key = cancelKey(call, call.message?.params['requestId'])
  if (key !== null && !gateway.inFlight.cancel(key)) gateway.bus.publish({ kind: 'cancel', key })
}
