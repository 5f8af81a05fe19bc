import { Problem } from '#std/index.ts'
import { specDigest } from './deployment-store.ts'
import type { DeploymentRecord, DeploymentStatus, InstanceState, PendingAnswer, Upstream } from './model.ts'

/** Throws `approval-needed` unless the owner approved exactly this specification: nothing else starts (R24). */
export function assertApproved(deployment: DeploymentRecord): void {
  // The digest is taken from the specification itself, so that no stored value can vouch for another one.
  if (deployment.approvedDigest !== null && deployment.approvedDigest === specDigest(deployment.spec)) return
  throw new Problem('approval-needed', `What ${deployment.name} would run has not been approved.`, {
    remedy: `sallyport deployment approve ${deployment.name}`,
  })
}

/** Opens a vault reference; one that cannot be opened makes the deployment wait for its owner. */
export function openSecret(
  secrets: (tenant: string, reference: string) => string,
  deployment: DeploymentRecord,
  reference: string,
): string {
  try {
    return secrets(deployment.tenant, reference)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw new Problem('invalid-input', error.message, {
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      extensions: { state: 'needs-input' },
      cause: error,
    })
  }
}

type BlockedState = Extract<InstanceState, 'waiting-approval' | 'needs-input' | 'failed'>

/** The state in which a deployment waits for a person because of this problem; null: trying again may help. A problem names the state itself where its type does not. */
export function blockedState(problem: Problem): BlockedState | null {
  if (problem.type === 'approval-needed') return 'waiting-approval'
  const state = problem.extensions['state']
  if (state === 'needs-input' || state === 'failed') return state
  return problem.type === 'invalid-input' ? 'failed' : null
}

/** Stands for a remote server that may not be called yet, and says why. */
export function createBlockedUpstream(deployment: DeploymentRecord, problem: Problem, nowMs: number): Upstream {
  const refusal = new Problem('upstream-down', problem.message, {
    ...(problem.remedy === undefined ? {} : { remedy: problem.remedy }),
    cause: problem,
  })
  const status: DeploymentStatus = {
    name: deployment.name,
    state: blockedState(problem) ?? 'failed',
    era: null,
    isolation: null,
    pid: null,
    restarts: 0,
    sinceMs: nowMs,
    toolCount: null,
    cause: problem.message,
    remedy: problem.remedy ?? null,
    denied: [],
  }
  return {
    deployment,
    http: null,
    status: () => status,
    describe: () => Promise.reject(refusal),
    known: () => null,
    request: (): PendingAnswer => ({ answer: Promise.reject(refusal), cancel: () => {} }),
    notify: () => {},
    onNotification: () => () => {},
    watch: () => () => {},
  }
}
