import type { DeploymentRecord, ProcessSpec } from '../model.ts'
import { assertApproved } from '../blocked-upstream.ts'
import { assertIsolation, findProgram, type Instance, openEnvironment, type ProcessHost, startInstance } from './instance.ts'
import type { Isolation } from './probe-isolation.ts'
import type { Program } from './program.ts'

export interface LaunchHooks {
  /** The values that must never be shown, before anything runs that could say them. */
  readonly onSecrets: (secrets: readonly string[]) => void
  /** What will run; may throw to stop it. */
  readonly onProgram: (program: Program, isolation: Isolation) => void
  /** Told `host:port` of each refused destination. */
  readonly onDenied: (hostPort: string) => void
}

/**
 * The one way in which a process of a deployment starts, be it for everybody or for one caller: approved (R24), contained as
 * its specification demands, its secrets opened for this start. Rejects with a `Problem`, and then leaves nothing behind.
 */
export async function launchDeployment(
  host: ProcessHost,
  deployment: DeploymentRecord,
  spec: ProcessSpec,
  { onSecrets, onProgram, onDenied }: LaunchHooks,
): Promise<Instance> {
  assertApproved(deployment)
  const isolation = await host.isolation
  assertIsolation(isolation, deployment, spec.isolation)
  const { env, secrets } = openEnvironment(host, deployment, spec)
  onSecrets(secrets)
  const program = await findProgram(host, spec)
  onProgram(program, isolation)
  return startInstance(host, { deployment, spec, program, env, onDenied })
}
