import { inspectJson, isDeeperThan, type JsonFault } from '#protocol/index.ts'
import { LIMITS, Problem, type Result } from '#std/index.ts'

/** Structural bounds on what comes in: depth, number of keys, keys written twice, `__proto__`. */
export function inspectRequestBody(bytes: Buffer): Result<unknown, JsonFault> {
  return inspectJson(bytes, REQUEST_LIMITS)
}

/** What a look at an upstream's answer found. */
export interface InspectedAnswer {
  readonly message: Record<string, unknown>
  /** The tool said itself that it failed. */
  readonly isToolError: boolean
}

/**
 * Checks one JSON-RPC message of an upstream: valid JSON within the bounds of depth and keys. The bytes are passed on
 * as they came; only the verdict is used. Throws `upstream-failed`.
 */
export function inspectAnswer(bytes: Buffer): InspectedAnswer {
  const inspected = inspectJson(bytes, ANSWER_LIMITS, false)
  if (!inspected.ok)
    throw new Problem('upstream-failed', `Its answer was refused: ${inspected.error.detail}.`, {
      remedy: 'The operator of the server must mend its answers.',
    })
  if (typeof inspected.value !== 'object' || inspected.value === null || Array.isArray(inspected.value)) {
    throw new Problem('upstream-failed', 'Its answer is not a JSON-RPC message.', {
      remedy: 'The operator of the server must mend its answers.',
    })
  }
  const message = inspected.value as Record<string, unknown>
  const result = message['result']
  return { message, isToolError: typeof result === 'object' && result !== null && (result as Record<string, unknown>)['isError'] === true }
}

/** The same bound on a result that was read already. Throws `upstream-failed`. */
export function inspectResult(result: Record<string, unknown>): void {
  if (isDeeperThan(result, LIMITS.answerDepthMax))
    throw new Problem('upstream-failed', `Its answer is nested deeper than ${LIMITS.answerDepthMax}.`)
}

const REQUEST_LIMITS = { depthMax: LIMITS.jsonDepthMax, keysMax: LIMITS.jsonKeysMax }
/** Answers carry schemas and data of any size; their depth is bounded alike, their keys by the size of the answer. */
const ANSWER_LIMITS = { depthMax: LIMITS.answerDepthMax, keysMax: LIMITS.answerKeysMax }
