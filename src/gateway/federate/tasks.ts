import type { DeploymentRecord } from '#runtime/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import type { InspectedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import { requireUpstream } from '../require-upstream.ts'
import type { TokenClaims } from '../sessions/token-seal.ts'
import { ask } from './ask.ts'
import { TASKS_EXTENSION } from '#protocol/index.ts'
import type { Asker } from './route-uri.ts'
import { shaperOf, type Shape, type Shaper } from './shape-result.ts'

/** Work that goes on after its call was answered (ext-tasks, SEP-2663). */

/** Which task of which server it is, and whose: nobody else can ask for it (R19). */
interface TaskClaims extends TokenClaims {
  readonly deploymentId: string
  readonly taskId: string
}

export interface OpenedTask {
  readonly deployment: DeploymentRecord
  /** The id at the server. */
  readonly taskId: string
}

/** How the result of `tools/call` looks at this address: the task that it may be instead is sealed for its caller. */
export function toolResultShape(asker: Asker, deployment: DeploymentRecord, gateway: GatewayState): Shape {
  return (result) =>
    result['resultType'] === 'task' ? sealTask(asker, deployment, result, gateway) : shaperOf(asker, deployment, gateway).toolResult(result)
}

function sealTask(
  { caller, endpoint }: Asker,
  deployment: DeploymentRecord,
  result: Record<string, unknown>,
  gateway: GatewayState,
): Record<string, unknown> {
  const { taskId, ttlMs } = result
  if (typeof taskId !== 'string' || taskId === '' || taskId.length > LIMITS.taskIdLengthMax) {
    throw new Problem('upstream-failed', `${deployment.name} started a task without an id of 1 to ${LIMITS.taskIdLengthMax} characters.`)
  }
  // How long a task lives may change, and its server alone says when it is over; ours only bounds how long we speak of it.
  const ageMs = Math.max(typeof ttlMs === 'number' ? ttlMs : 0, LIMITS.taskIdAgeMs)
  const claims: TaskClaims = {
    tenant: endpoint.tenant,
    endpoint: endpoint.name,
    callerId: caller.id,
    expiresAtMs: gateway.now() + ageMs,
    deploymentId: deployment.id,
    taskId,
  }
  return { ...result, taskId: gateway.tokens.seal('task', claims) }
}

/** The task that a token names, if it is this caller's at this address and its server is still part of it. */
export function openTask({ caller, endpoint }: Asker, token: unknown, gateway: GatewayState): OpenedTask | null {
  if (typeof token !== 'string' || token.length > LIMITS.taskTokenLengthMax) return null
  const claims = gateway.tokens.open('task', token, gateway.now()) as TaskClaims | null
  if (claims?.tenant !== endpoint.tenant || claims.endpoint !== endpoint.name || claims.callerId !== caller.id) return null
  const source = endpoint.sources.find(({ deployment }) => deployment.id === claims.deploymentId)
  return source === undefined ? null : { deployment: source.deployment, taskId: claims.taskId }
}

/** Answers `tasks/get`, `tasks/update` and `tasks/cancel` by the server that runs the task. */
export async function answerTask(call: InspectedCall, gateway: GatewayState): Promise<void> {
  const { speech, message } = call
  if (speech.era === 'legacy') {
    throw new Problem('unknown-method', `${message.method} of 2025-11-25 is not offered at ${call.endpoint.path}.`, {
      remedy: 'Call the tool without a task.',
    })
  }
  assertDeclared(speech.envelope.clientCapabilities)
  const { taskId: token, inputResponses } = message.params
  const task = openTask(call, token, gateway)
  if (task === null) {
    throw new Problem('invalid-params', 'There is no such task, or it is over.', { remedy: 'Use the taskId that tools/call has answered.' })
  }
  const shaper = shaperOf(call, task.deployment, gateway)
  const params = { taskId: task.taskId, ...(inputResponses === undefined ? {} : { inputResponses }) }
  const shape: Shape = (result) => (message.method === 'tasks/get' ? shapeTask(result, token as string, shaper) : result)
  await ask(call, requireUpstream(gateway.runtime, task.deployment), { params, shape }, gateway)
}

/** The state of a task, as `tasks/get` and `notifications/tasks` tell it. `token` is how its caller knows it. */
export function shapeTask(task: Record<string, unknown>, token: string, shaper: Shaper): Record<string, unknown> {
  const { result } = task
  const isResult = typeof result === 'object' && result !== null && !Array.isArray(result)
  return { ...task, taskId: token, ...(isResult ? { result: shaper.toolResult(result as Record<string, unknown>) } : {}) }
}

/** Throws `missing-capability` for a client that did not say on this request that it knows of tasks. */
export function assertDeclared(clientCapabilities: Record<string, unknown>): void {
  const extensions = clientCapabilities['extensions'] as Record<string, unknown> | null | undefined
  const declared = typeof extensions === 'object' && extensions !== null ? extensions[TASKS_EXTENSION] : undefined
  if (typeof declared === 'object' && declared !== null) return
  throw new Problem('missing-capability', 'This client did not declare the extension for tasks.', {
    remedy: `Declare extensions["${TASKS_EXTENSION}"] in the client capabilities of the request.`,
    rpcData: { requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } },
  })
}
