import type { Problem } from '#std/index.ts'
import type { DeploymentStatus, Era, InstanceState } from '../model.ts'
import { isTransient } from './transient-problem.ts'

/** What is known of a remote deployment, told to others when it changes. */
export interface RemoteStatus {
  current(): DeploymentStatus
  ready(era: Era): void
  down(problem: Problem, deniedHostPort: string | null): void
  stopped(): void
}

export interface RemoteStatusOptions {
  readonly name: string
  readonly now: () => number
  readonly toolCount: () => number | null
  readonly onStatus: ((status: DeploymentStatus) => void) | undefined
}

export function createRemoteStatus({ name, now, toolCount, onStatus }: RemoteStatusOptions): RemoteStatus {
  const denied = new Set<string>()
  let state: InstanceState = 'starting'
  let era: Era | null = null
  let cause: string | null = null
  let remedy: string | null = null
  let sinceMs = now()

  const current = (): DeploymentStatus => ({
    name,
    state,
    era,
    isolation: 'remote',
    pid: null,
    restarts: 0,
    sinceMs,
    toolCount: toolCount(),
    cause,
    remedy,
    denied: [...denied],
  })
  const change = (next: InstanceState, problem: Problem | null): void => {
    const nextCause = problem?.message ?? null
    if (next === state && nextCause === cause) return
    if (next !== state) sinceMs = now()
    state = next
    cause = nextCause
    remedy = problem?.remedy ?? null
    onStatus?.(current())
  }
  return {
    current,
    ready(foundEra) {
      if (state === 'ready' && era === foundEra) return
      era = foundEra
      state = 'starting'
      change('ready', null)
    },
    down(problem, deniedHostPort) {
      if (deniedHostPort !== null) denied.add(deniedHostPort)
      change(isTransient(problem) ? 'backoff' : 'failed', problem)
    },
    stopped: () => change('stopped', null),
  }
}
