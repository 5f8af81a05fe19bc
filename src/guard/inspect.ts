import { inspectJson, isDeeperThan, outlineMessage, type JsonFault, type MessageOutline } from '#protocol/index.ts'
import { LIMITS, Problem, type Result } from '#std/index.ts'

/** Structural bounds on what comes in: depth, number of keys, keys written twice, `__proto__`. */
export function inspectRequestBody(bytes: Buffer): Result<unknown, JsonFault> {
  return inspectJson(bytes, REQUEST_LIMITS)
}

/** What a look at an upstream's answer found. */
export interface InspectedAnswer {
  /** Tells which members there are; their content was checked and not built. */
  readonly message: MessageOutline
  /** The tool said itself that it failed. */
  readonly isToolError: boolean
}

/**
 * Checks one JSON-RPC message of an upstream: valid JSON within the bounds of depth and keys. The bytes are passed on
 * as they came; only the verdict is used. Throws `upstream-failed`.
 */
export function inspectAnswer(bytes: Buffer): InspectedAnswer {
  const outlined = outlineMessage(bytes, ANSWER_LIMITS)
  if (!outlined.ok)
    throw new Problem('upstream-failed', `Its answer was refused: ${outlined.error.detail}.`, {
      remedy: 'The operator of the server must mend its answers.',
    })
  const message = outlined.value
  if (message === null) {
    throw new Problem('upstream-failed', 'Its answer is not a JSON-RPC message.', {
      remedy: 'The operator of the server must mend its answers.',
    })
  }
  return { message, isToolError: message.isToolError }
}

/** The same bound on a result that was read already. Throws `upstream-failed`. */
export function inspectResult(result: Record<string, unknown>): void {
  if (isDeeperThan(result, LIMITS.answerDepthMax))
    throw new Problem('upstream-failed', `Its answer is nested deeper than ${LIMITS.answerDepthMax}.`)
}

const REQUEST_LIMITS = { depthMax: LIMITS.jsonDepthMax, keysMax: LIMITS.jsonKeysMax }
/** Answers carry schemas and data of any size; their depth is bounded alike, their keys by the size of the answer. */
const ANSWER_LIMITS = { depthMax: LIMITS.answerDepthMax, keysMax: LIMITS.answerKeysMax }
