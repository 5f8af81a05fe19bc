import { chmod, chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Egress } from '#egress/index.ts'
import { newId, Problem } from '#std/index.ts'
import type { DeploymentRecord, IsolationLevel, ProcessSpec } from '../model.ts'
import { openSecret } from '../blocked-upstream.ts'
import type { HostEnvironment } from './host-programs.ts'
import type { Installer } from './install.ts'
import type { InstancePlaces } from './instance-places.ts'
import { launchPlain, launchSandboxed, type RunningProcess } from './launch.ts'
import { planSandbox, programEnvironment } from './plan-sandbox.ts'
import { type Isolation, isEnough, type SandboxTools } from './probe-isolation.ts'
import { type Program, resolveProgram } from './program.ts'
import { EGRESS_SOCKET_NAME } from './sandbox.ts'
import type { UidPool } from './uid-pool.ts'

/** What all processes of this machine share. */
export interface ProcessHost {
  readonly dataDir: string
  readonly environment: HostEnvironment
  readonly egress: Pick<Egress, 'createEgressProxy'>
  readonly installer: Installer
  readonly isolation: Promise<Isolation>
  readonly uids: UidPool
  /** For instances beside the one that serves everybody. */
  readonly places: InstancePlaces
  /** Opens a vault reference of a tenant. Throws a `Problem`. */
  readonly secrets: (tenant: string, reference: string) => string
  readonly now: () => number
  readonly log: { warn(fields: object, message: string): void }
  /** How we introduce ourselves to servers. */
  readonly clientInfo: Record<string, unknown>
}

/** One started process and what was made for it. */
export interface Instance {
  readonly running: RunningProcess
  readonly isolation: IsolationLevel
  /** Gives back what was taken for it; call it once the process is gone. */
  release(): Promise<void>
}

export interface InstanceOptions {
  readonly deployment: DeploymentRecord
  readonly spec: ProcessSpec
  readonly program: Program
  readonly env: Readonly<Record<string, string>>
  /** Told `host:port` of each refused destination. */
  readonly onDenied: (hostPort: string) => void
}

/** The environment of a specification with its secrets opened, and the values that must never be shown. */
export function openEnvironment(
  host: ProcessHost,
  deployment: DeploymentRecord,
  spec: ProcessSpec,
): { env: Record<string, string>; secrets: string[] } {
  const env: Record<string, string> = {}
  const secrets: string[] = []
  for (const [name, value] of Object.entries(spec.env)) {
    if ('text' in value) env[name] = value.text
    else secrets.push((env[name] = openSecret(host.secrets, deployment, value.secret)))
  }
  return { env, secrets }
}

/** Refuses a machine that contains less than the specification demands. */
export function assertIsolation(isolation: Isolation, deployment: DeploymentRecord, wanted: IsolationLevel): void {
  if (isEnough(isolation.level, wanted)) return
  throw new Problem(
    'upstream-down',
    `${deployment.name} must be isolated at level ${wanted}, and this machine reaches ${isolation.level}: ${isolation.reason}.`,
    {
      extensions: { state: 'failed' },
      remedy:
        isolation.remedy === null
          ? `Accept less: set "isolation" of ${deployment.name}.`
          : `Raise it (${isolation.remedy}), or accept less: set "isolation" of ${deployment.name}.`,
    },
  )
}

export function findProgram(host: ProcessHost, spec: ProcessSpec): Promise<Program> {
  const home = host.environment['HOME']
  return resolveProgram(spec, {
    environment: host.environment,
    installer: host.installer,
    forbidden: [host.dataDir, ...(home === undefined ? [] : [home])],
  })
}

/** Starts one process as well contained as this machine can. Rejects with a `Problem`, and then leaves nothing behind. */
export async function startInstance(host: ProcessHost, options: InstanceOptions): Promise<Instance> {
  const isolation = await host.isolation
  assertIsolation(isolation, options.deployment, options.spec.isolation)
  if (isolation.tools === null) return startPlain(host, options)
  return startSandboxed(host, options, isolation.tools, isolation.level)
}

function startPlain(host: ProcessHost, { program, env, spec }: InstanceOptions): Instance {
  const path = host.environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'
  const running = launchPlain([program.hostFile, ...program.args], programEnvironment(env, path), spec.cwd ?? tmpdir())
  return { running, isolation: 'none', release: async () => {} }
}

async function startSandboxed(host: ProcessHost, options: InstanceOptions, tools: SandboxTools, level: IsolationLevel): Promise<Instance> {
  const { deployment, spec } = options
  const uid = tools.method === 'own-uid' ? host.uids.take(deployment.id) : (process.getuid?.() ?? 0)
  const undo: (() => Promise<unknown>)[] = [async () => host.uids.release(uid)]
  const release = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step()
  }
  try {
    let egressFolder: string | null = null
    if (spec.egress.length > 0) {
      // The data folder may be too deep for the name of a socket, and is closed to other users anyway.
      const folder = (egressFolder = await mkdtemp(join(tmpdir(), 'sallyport-egress-')))
      undo.push(() => rm(folder, { recursive: true, force: true }))
      const proxy = await openProxy(host, options, join(folder, EGRESS_SOCKET_NAME))
      undo.push(() => proxy.close())
      if (tools.method === 'own-uid') for (const path of [folder, proxy.socketPath]) await chown(path, uid, uid)
      await chmod(proxy.socketPath, 0o600)
    }
    const plan = planSandbox({
      name: deployment.name,
      spec,
      program: options.program,
      env: options.env,
      tools,
      uid,
      egressFolder,
      dataDir: host.dataDir,
    })
    const running = launchSandboxed(tools, plan, newId('box', host.now()))
    if (running.hasCgroup || level !== 'strong') return { running, isolation: level, release }
    if (isEnough('medium', spec.isolation)) return { running, isolation: 'medium', release }
    running.kill()
    throw new Problem('upstream-down', `No memory cgroup could be made for ${deployment.name}, which must be isolated at level strong.`)
  } catch (error) {
    await release()
    throw error
  }
}

function openProxy(
  host: ProcessHost,
  { deployment, spec, onDenied }: InstanceOptions,
  socketPath: string,
): ReturnType<Egress['createEgressProxy']> {
  // What the operator wrote into the declared file may be private; what came over the API needs SALLYPORT_EGRESS_ALLOW.
  return host.egress.createEgressProxy({ socketPath, allow: spec.egress, isTrusted: deployment.origin.kind !== 'api', onDenied })
}
