import type { InputRequest } from '#runtime/index.ts'
import { LIMITS, newSecret, Problem } from '#std/index.ts'
import type { GatewayBus } from '../deps.ts'

/** What a client says to a question. */
export type ClientAnswer =
  | { readonly result: Record<string, unknown> }
  | { readonly error: { readonly code: number; readonly message: string } }

export interface Question {
  readonly id: string
  readonly request: InputRequest
  readonly answer: Promise<ClientAnswer>
  /** Nobody waits for the answer any more. */
  forget(): void
}

/**
 * What calls of the handshake era ask their clients for: the question goes out on the stream of the call, the answer
 * arrives as a request of its own, perhaps in another process of this server.
 */
export interface ClientQuestions {
  /** Throws `overloaded` when the session has too many questions open. */
  open(nonce: string, request: InputRequest, waitMs: number): Question
  /** An answer that a client has sent here. One that nobody waits for, and a second one, change nothing. */
  give(nonce: string, id: string, answer: ClientAnswer): void
  /** The same, from another process. */
  take(nonce: string, id: string, answer: ClientAnswer): boolean
}

interface Waiting {
  readonly nonce: string
  readonly resolve: (answer: ClientAnswer) => void
  readonly timer: NodeJS.Timeout
}

export function createClientQuestions(bus: GatewayBus): ClientQuestions {
  const waiting = new Map<string, Waiting>()
  const perSession = new Map<string, number>()

  function settle(key: string): Waiting | undefined {
    const entry = waiting.get(key)
    if (entry === undefined) return undefined
    waiting.delete(key)
    clearTimeout(entry.timer)
    const left = (perSession.get(entry.nonce) ?? 1) - 1
    if (left === 0) perSession.delete(entry.nonce)
    else perSession.set(entry.nonce, left)
    return entry
  }

  const take: ClientQuestions['take'] = (nonce, id, answer) => {
    const entry = settle(`${nonce} ${id}`)
    entry?.resolve(answer)
    return entry !== undefined
  }

  return {
    open(nonce, request, waitMs) {
      const mine = perSession.get(nonce) ?? 0
      if (mine >= LIMITS.clientQuestionsMax) {
        throw new Problem('overloaded', `This session has ${mine} questions open.`, { remedy: 'Answer some of them first.' })
      }
      perSession.set(nonce, mine + 1)
      // Not to be guessed: an answer is believed because it names the question.
      const id = `q-${newSecret().slice(0, 22)}`
      const key = `${nonce} ${id}`
      const { promise, resolve, reject } = Promise.withResolvers<ClientAnswer>()
      const late = (): void => {
        settle(key)
        reject(
          new Problem('upstream-timeout', `The client did not answer ${request.method} within ${waitMs} ms.`, {
            remedy: 'Make the call again and answer the question.',
          }),
        )
      }
      waiting.set(key, { nonce, resolve, timer: setTimeout(late, waitMs).unref() })
      promise.catch(() => {})
      return { id, request, answer: promise, forget: () => void settle(key) }
    },
    give(nonce, id, answer) {
      if (!take(nonce, id, answer)) bus.publish({ kind: 'given', nonce, id, answer })
    },
    take,
  }
}
