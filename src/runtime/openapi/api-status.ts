import type { Clock, Problem } from '#std/index.ts'
import { blockedState } from '../blocked-upstream.ts'
import type { DeploymentStatus, InstanceState } from '../model.ts'
import { isTransient } from '../remote/transient-problem.ts'

/** What is known of an API, told to others when it changes. */
export interface ApiStatus {
  current(): DeploymentStatus
  ready(toolCount: number): void
  /** Why it cannot be called; `deniedHostPort` is where it may not go. */
  down(problem: Problem, deniedHostPort: string | null): void
  starting(): void
  stopped(): void
}

export function createApiStatus(name: string, now: Clock, onStatus: (status: DeploymentStatus) => void): ApiStatus {
  const denied = new Set<string>()
  let status: DeploymentStatus = {
    name,
    state: 'starting',
    era: null,
    isolation: 'remote',
    pid: null,
    restarts: 0,
    sinceMs: now(),
    toolCount: null,
    cause: null,
    remedy: null,
    denied: [],
  }
  const change = (state: InstanceState, problem: Problem | null, toolCount = status.toolCount): void => {
    const cause = problem?.message ?? null
    if (state === status.state && cause === status.cause && toolCount === status.toolCount) return
    status = {
      ...status,
      state,
      era: state === 'ready' ? 'modern' : status.era,
      toolCount,
      cause,
      remedy: problem?.remedy ?? null,
      denied: [...denied],
      sinceMs: state === status.state ? status.sinceMs : now(),
    }
    onStatus(status)
  }
  return {
    current: () => status,
    ready: (toolCount) => change('ready', null, toolCount),
    down(problem, deniedHostPort) {
      if (deniedHostPort !== null) denied.add(deniedHostPort)
      change(isPassing(problem) ? 'backoff' : (blockedState(problem) ?? 'failed'), problem)
    },
    starting: () => change('starting', null),
    stopped: () => change('stopped', null),
  }
}

/** Whether trying again may help without anybody's doing. */
export const isPassing = (problem: Problem): boolean => isTransient(problem) || problem.type === 'fetch-failed'
