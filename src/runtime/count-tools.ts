import { LIMITS } from '#std/index.ts'
import type { Upstream } from './model.ts'

/** How many tools a server lists; null when it would not say. Rejects with the `Problem` of the call. */
export async function countTools(upstream: Pick<Upstream, 'describe' | 'request'>, deadlineAtMs: number): Promise<number | null> {
  const { capabilities } = await upstream.describe(deadlineAtMs)
  if (capabilities['tools'] === undefined) return 0
  let count = 0
  let params: Record<string, unknown> = {}
  for (let pages = 0; pages < LIMITS.listPagesMax; pages++) {
    const answer = await upstream.request({ method: 'tools/list', params, deadlineAtMs }).answer
    if (answer.ok !== true) return null
    const { tools, nextCursor: cursor } = answer.result
    count += Array.isArray(tools) ? tools.length : 0
    if (typeof cursor !== 'string' || count >= LIMITS.toolsPerUpstreamMax) return count
    params = { cursor }
  }
  return count
}
