import { Problem } from '#std/index.ts'
import type { Era } from '../model.ts'
import { blockedState } from '../blocked-upstream.ts'

/** Why an attempt ended. */
export interface Ending {
  readonly problem: Problem
  /** Trying again would end the same way: only the owner can change that. */
  readonly state: 'backoff' | 'failed' | 'needs-input' | 'waiting-approval'
  /** The era in whose way another try may greet it at once; null: none. */
  readonly retryAs: Era | null
}

/** The process is gone; it is started again. */
export const ended = (problem: Problem): Ending => ({ problem, state: 'backoff', retryAs: null })

/** It could not be started. */
export function endingOf(error: unknown): Ending {
  if (!(error instanceof Problem)) {
    return {
      problem: new Problem('internal-error', `Starting it failed: ${(error as Error).message}`, { cause: error }),
      state: 'backoff',
      retryAs: null,
    }
  }
  return { problem: error, state: blockedState(error) ?? 'backoff', retryAs: null }
}
