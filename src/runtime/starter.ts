import { join } from 'node:path'
import { NO_TOOL_RULES, type ProfileRecord } from '#profile/index.ts'
import { LIMITS } from '#std/index.ts'
import { specDigest } from './deployment-store.ts'
import type { DeploymentRecord, ProcessSpec } from './model.ts'

const TENANT = 'default'

interface StarterServer {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly script: string
  /** What it reads beside its own folder. */
  readonly needs: readonly string[]
}

const SERVERS: readonly StarterServer[] = [
  {
    name: 'clock',
    title: 'Clock and units',
    description: 'Tells the time, converts units, counts down. An example of the modern era.',
    script: 'examples/modern/server.ts',
    needs: ['node_modules'],
  },
  {
    name: 'notebook',
    title: 'Notebook',
    description: 'Keeps notes while it runs. An example of the handshake era.',
    script: 'examples/legacy/server.ts',
    needs: [],
  },
]

/** The two servers of ours that a first start without a declared file offers. `rootFolder`: where `examples/` lies. */
export function starterDeployments(rootFolder: string): readonly DeploymentRecord[] {
  return SERVERS.map(({ name, title, description, script, needs }) => {
    const spec: ProcessSpec = {
      kind: 'process',
      command: 'node',
      args: ['--disable-warning=ExperimentalWarning', join(rootFolder, script)],
      env: {},
      cwd: null,
      files: ['examples', ...needs].map((path) => ({ path: join(rootFolder, path), mode: 'ro' })),
      egress: [],
      // Our own code may run where no sandbox can be made; it is put into one wherever possible.
      isolation: 'none',
    }
    const digest = specDigest(spec)
    return {
      id: `starter:${name}`,
      tenant: TENANT,
      name,
      title,
      description,
      access: 'tenant',
      deadlineMs: LIMITS.deadlineMsDefault,
      startDeadlineMs: LIMITS.startDeadlineMsDefault,
      headersMode: 'strict',
      spec,
      origin: { kind: 'starter' },
      digest,
      approvedDigest: digest,
    }
  })
}

/** The profile that holds them. */
export const STARTER_PROFILE: ProfileRecord = {
  id: 'starter',
  tenant: TENANT,
  name: 'starter',
  title: 'Starter',
  description: 'Two small servers of ours, so that the first call works.',
  access: 'tenant',
  servers: SERVERS.map((server) => server.name),
  tools: NO_TOOL_RULES,
  origin: { kind: 'starter' },
}
