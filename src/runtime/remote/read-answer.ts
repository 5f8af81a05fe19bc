import { LIMITS, Problem } from '#std/index.ts'
import type { Era, UpstreamAnswer, UpstreamRequest } from '../model.ts'
import { isInputMethod } from '../process/declared-input.ts'
import { readAnswer as readWireAnswer } from '../process/stdio-wire.ts'
import { isObject, type RpcAnswer } from './rpc-exchange.ts'

/**
 * An answer in the neutral model. Throws `upstream-failed` for a result that the request did not allow: input that its client
 * did not declare, a state too large to travel, a kind of result of an extension that nobody spoke of.
 */
export function readAnswer(name: string, answer: RpcAnswer, request: UpstreamRequest, era: Era): UpstreamAnswer {
  if ('result' in answer) {
    if (era === 'legacy') assertComplete(name, answer.result)
    else if (answer.result['resultType'] === 'input_required') assertPortable(name, answer.result)
  }
  return readWireAnswer(name, { ...answer }, request, era)
}

/** Nothing of the newer era was asked for in a session of the older one. */
function assertComplete(name: string, { resultType }: Record<string, unknown>): void {
  if (resultType === undefined || resultType === 'complete') return
  const what =
    resultType === 'input_required' ? 'asks for input in the way of another era' : 'answered with a kind of result that was not asked for'
  throw new Problem('upstream-failed', `${name} ${what}.`, { remedy: 'Look into the log of the server.' })
}

/** Names what nobody can be asked for, and refuses a state that would not come back. */
function assertPortable(name: string, { inputRequests, requestState: state }: Record<string, unknown>): void {
  for (const wanted of isObject(inputRequests) ? Object.values(inputRequests) : []) {
    const method = isObject(wanted) ? wanted['method'] : undefined
    if (isInputMethod(method)) continue
    const what = typeof method === 'string' ? JSON.stringify(method.slice(0, LIMITS.nameLengthMax)) : 'something without a method'
    throw new Problem('upstream-failed', `${name} asks for input by ${what}, which no client can be asked.`, {
      remedy: `Report it to whoever makes ${name}: it does not keep to the protocol.`,
    })
  }
  if (typeof state !== 'string' || Buffer.byteLength(JSON.stringify(state)) <= LIMITS.upstreamStateBytesMax) return
  throw new Problem('upstream-failed', `${name} asks for input with a state of more than ${LIMITS.upstreamStateBytesMax} bytes.`, {
    remedy: 'Let the server keep what it must remember, and send a name for it.',
  })
}
