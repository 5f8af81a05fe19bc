import type { InputGiven, InputRequired, UpstreamAnswer, UpstreamRequest } from '../model.ts'
import type { ProcessSupervisor } from './supervisor.ts'

// What tests of calls that ask for input share: a caller that can be asked everything, and the tool `run` of the fixture.

export const CAN = { elicitation: { form: {} }, sampling: {}, roots: {} }
export const NAME = { message: 'Your name?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } }
/** Asks one question and gives what came back. */
export const ASK = `return await ask('elicitation/create', ${JSON.stringify(NAME)})`

export function call(principal: string, code: string, more: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return {
    method: 'tools/call',
    params: { name: 'run', arguments: { code } },
    deadlineAtMs: Date.now() + 25_000,
    principal,
    clientCapabilities: CAN,
    ...more,
  }
}

export const send = (supervisor: ProcessSupervisor, request: UpstreamRequest): Promise<UpstreamAnswer> => supervisor.request(request).answer

export async function asked(supervisor: ProcessSupervisor, request: UpstreamRequest): Promise<InputRequired> {
  const answer = await send(supervisor, request)
  if (answer.ok !== 'input') throw new Error(`expected a question, not ${JSON.stringify(answer)}`)
  return answer.input
}

/** What the tool returned. */
export async function value(supervisor: ProcessSupervisor, request: UpstreamRequest): Promise<unknown> {
  const answer = await send(supervisor, request)
  if (answer.ok !== true) throw new Error(`expected a result, not ${JSON.stringify(answer)}`)
  return (answer.result['structuredContent'] as { value: unknown }).value
}

/** Gives the same result to everything that is asked. */
export const give = ({ requests, state }: InputRequired, result: unknown = { action: 'accept', content: { name: 'Ann' } }): InputGiven => ({
  responses: Object.fromEntries(Object.keys(requests).map((key) => [key, result])),
  state,
})
