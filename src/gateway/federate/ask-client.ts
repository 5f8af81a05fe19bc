import type { InputRequest } from '#runtime/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import type { InspectedCall } from '../call.ts'
import type { GatewayState } from '../deps.ts'
import type { ClientAnswer, Question } from '../sessions/client-questions.ts'
import { writeRequest } from './write-answer.ts'

export interface Asked {
  readonly responses: Promise<Record<string, unknown>>
  /** Ends the waiting; `responses` then rejects. */
  abandon(reason: string): void
}

/** Asks a client of the handshake era for all that a server wants, on the stream of the call, and waits for every answer. */
export function askClient(
  call: InspectedCall,
  nonce: string,
  requests: Readonly<Record<string, InputRequest>>,
  gateway: GatewayState,
): Asked {
  const questions = new Map<string, Question>()
  const abandoned = Promise.withResolvers<never>()
  abandoned.promise.catch(() => {})
  const forgetAll = (): void => questions.forEach((question) => question.forget())
  const gather = async (): Promise<Record<string, unknown>> => {
    try {
      for (const [key, request] of Object.entries(requests)) {
        const question = gateway.questions.open(nonce, request, LIMITS.inputWaitMsMax)
        questions.set(key, question)
        writeRequest(call, question.id, request, gateway)
      }
      const responses: Record<string, unknown> = {}
      for (const [key, { request, answer }] of questions)
        responses[key] = resultOf(request, await Promise.race([answer, abandoned.promise]))
      return responses
    } finally {
      forgetAll()
    }
  }
  return {
    responses: gather(),
    abandon: (reason) => abandoned.reject(new Problem('upstream-failed', `The call was cancelled: ${reason}.`)),
  }
}

const METHOD_NOT_FOUND = -32601

/**
 * A client that refuses to be asked has answered, too: to a form with a cancellation, to the question for its folders with
 * none. There is no such word for sampling, so the call ends with the client's own.
 */
function resultOf({ method }: InputRequest, answer: ClientAnswer): Record<string, unknown> {
  if ('result' in answer) return answer.result
  if (method === 'elicitation/create') return { action: 'cancel' }
  if (method === 'roots/list' && answer.error.code === METHOD_NOT_FOUND) return { roots: [] }
  throw new Problem('missing-capability', `The client refused ${method}: ${answer.error.message.slice(0, 200)}`)
}
