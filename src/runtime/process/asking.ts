import { LIMITS } from '#std/index.ts'
import type { UpstreamAnswer } from '../model.ts'

/**
 * Whether a server of the handshake era asks its clients for anything. Nothing in its introduction says so, and a process for
 * each caller costs too much to be had on suspicion, so it is found out: as long as it is unknown, calls of clients that can
 * be asked have instances of their own; once `interactiveProbeCalls` of them went by without a question, further callers
 * share the instance that everybody shares, which declares nothing. There, two things make it unknown again or known for
 * good, from the next call on: a request that it sends all the same, and an error that speaks of what its client would have
 * had to declare. The second matters more: servers built with the official libraries look at what was declared and refuse
 * the call instead of asking.
 */
export interface Asking {
  mayAsk(): boolean
  /** It asked for something, or tried to. */
  noteAsked(): void
  /** A call at an instance of its own was answered without a question. What misses another capability is no sign of silence. */
  noteSilent(answer: UpstreamAnswer): void
  /** What the shared instance answered to a call whose client could have been asked. */
  noteShared(answer: UpstreamAnswer): void
}

/** `isKnownSilent`: it is ours, and we know. */
export function createAsking(isKnownSilent: boolean): Asking {
  let state: 'unknown' | 'asks' | 'silent' = isKnownSilent ? 'silent' : 'unknown'
  let silentCalls = 0
  return {
    mayAsk: () => state !== 'silent',
    noteAsked() {
      state = 'asks'
    },
    noteSilent(answer) {
      if (state === 'unknown' && !speaksOfAsking(answer) && ++silentCalls >= LIMITS.interactiveProbeCalls) state = 'silent'
    },
    noteShared(answer) {
      if (state !== 'silent' || !speaksOfAsking(answer)) return
      state = 'unknown'
      silentCalls = 0
    },
  }
}

const WORDS_LENGTH_MAX = 500
const WORDS = /\b(?:elicit|sampling|roots)/i

function speaksOfAsking(answer: UpstreamAnswer): boolean {
  if (answer.ok === 'input') return false
  if (!answer.ok) return WORDS.test(answer.error.message.slice(0, WORDS_LENGTH_MAX))
  const { isError, content } = answer.result
  if (isError !== true || !Array.isArray(content)) return false
  const [first] = content as unknown[]
  const text = typeof first === 'object' && first !== null ? (first as Record<string, unknown>)['text'] : undefined
  return typeof text === 'string' && WORDS.test(text.slice(0, WORDS_LENGTH_MAX))
}
