import { session } from '@/lib/session.ts'
import type { Draft } from './arguments-editor.tsx'
import { createRuns } from './runs.ts'

/** The runs of this tab. They hold arguments and results, so they go when the session ends. */
export const visitRuns = createRuns(sessionStorage)

/** Arguments that were begun, by endpoint and tool. */
export const drafts = new Map<string, Draft>()

session.subscribe(() => {
  if (session.proof() !== null) return
  visitRuns.clear()
  drafts.clear()
})
