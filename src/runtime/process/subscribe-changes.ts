import { LIMITS } from '#std/index.ts'
import type { UpstreamInfo } from '../model.ts'
import { LISTEN, type StdioPeer } from './stdio-peer.ts'

const CHANGES = { tools: 'toolsListChanged', prompts: 'promptsListChanged', resources: 'resourcesListChanged' } as const

/** Asks a modern server for its change notifications, as far as it declares them. */
export function subscribeChanges(peer: StdioPeer, info: UpstreamInfo, nowMs: number): void {
  const notifications: Record<string, boolean> = {}
  for (const [kind, flag] of Object.entries(CHANGES)) {
    const capability = info.capabilities[kind] as { listChanged?: unknown } | undefined
    if (capability?.listChanged === true) notifications[flag] = true
  }
  if (Object.keys(notifications).length === 0) return
  // Answered when the server ends the subscription; until then, and without an answer, nothing is lost.
  peer.request({ method: LISTEN, params: { notifications }, deadlineAtMs: nowMs + LIMITS.eraVerdictMsMax }).answer.catch(() => {})
}
