import type { Caller } from '#identity/index.ts'
import { EVERYTHING, ruleForEndpoint, type GuardedEndpoint } from '#policy/index.ts'
import type { ProfileRecord, ToolRules } from '#profile/index.ts'
import type { DeploymentRecord } from '#runtime/index.ts'
import type { Snapshot } from '#snapshot/index.ts'

/** One deployment as an endpoint offers it. */
export interface Source {
  readonly deployment: DeploymentRecord
  /** What profiles make of its tools; empty: all of them as they are. A tool is offered when one of the rules leaves it. */
  readonly rules: readonly ToolRules[]
}

/** What stands behind one address. */
export interface Endpoint extends GuardedEndpoint {
  readonly kind: 'everything' | 'profile' | 'deployment'
  readonly title: string
  readonly description: string
  readonly path: string
  readonly sources: readonly Source[]
  /** Present when it is one deployment under its own name. */
  readonly deployment: DeploymentRecord | null
  /** Clients get `search_tools` and `call_tool` in place of the list of tools. */
  readonly search: boolean
}

export interface EndpointTable {
  readonly revision: number
  /** By tenant and name; undefined for what does not exist. */
  find(tenant: string, name: string): Endpoint | undefined
  /** All that a caller may use, as one endpoint. */
  everything(caller: Caller): Endpoint
  /** The endpoints a caller may use, sorted by name. */
  usable(caller: Caller): readonly Endpoint[]
}

/** Compiles the snapshot into addresses. Pure; done once per revision. */
export function compileEndpoints(snapshot: Snapshot): EndpointTable {
  const table = new Map<string, Endpoint>()
  const deployments = new Map(snapshot.deployments.map((deployment) => [key(deployment.tenant, deployment.name), deployment]))
  for (const deployment of snapshot.deployments) table.set(key(deployment.tenant, deployment.name), ofDeployment(deployment))
  for (const profile of snapshot.profiles) table.set(key(profile.tenant, profile.name), ofProfile(profile, deployments))
  const everything = new WeakMap<Caller, Endpoint>()
  const usable = (caller: Caller): readonly Endpoint[] =>
    [...table.values()]
      .filter((endpoint) => endpoint.tenant === caller.tenant && ruleForEndpoint(caller, endpoint) !== null)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return {
    revision: snapshot.revision,
    find: (tenant, name) => table.get(key(tenant, name)),
    usable,
    everything(caller) {
      let endpoint = everything.get(caller)
      if (endpoint === undefined) everything.set(caller, (endpoint = union(caller, usable(caller))))
      return endpoint
    },
  }
}

/** What a session with one deployment is bound to; empty where several stand behind the address. */
export function bindingOf({ deployment }: Endpoint): string {
  return deployment === null ? '' : `${deployment.id} ${deployment.digest}`
}

const key = (tenant: string, name: string): string => `${tenant}/${name}`

function ofDeployment(deployment: DeploymentRecord): Endpoint {
  const { tenant, name, access, title, description } = deployment
  return {
    kind: 'deployment',
    tenant,
    name,
    access,
    title,
    description,
    path: `/mcp/${name}`,
    sources: [{ deployment, rules: [] }],
    deployment,
    search: false,
  }
}

function ofProfile(profile: ProfileRecord, deployments: ReadonlyMap<string, DeploymentRecord>): Endpoint {
  const { tenant, name, access, title, description } = profile
  const rules = changesTools(profile.tools) ? [profile.tools] : []
  const sources = profile.servers.flatMap((server) => {
    const deployment = deployments.get(key(tenant, server))
    return deployment === undefined ? [] : [{ deployment, rules }]
  })
  return {
    kind: 'profile',
    tenant,
    name,
    access,
    title,
    description,
    path: `/mcp/${name}`,
    sources,
    deployment: null,
    search: profile.tools.search,
  }
}

/** Whether rules make a difference to any tool. */
function changesTools({ include, exclude, rename, describe, fix, prefill = {} }: ToolRules): boolean {
  return include.length > 0 || exclude.length > 0 || [rename, describe, fix, prefill].some((changes) => Object.keys(changes).length > 0)
}

/** A deployment that some endpoint offers whole is offered whole; one that only comes with rules keeps those of all its profiles. */
function union(caller: Caller, endpoints: readonly Endpoint[]): Endpoint {
  const sources = new Map<string, { deployment: DeploymentRecord; rules: ToolRules[] | null }>()
  for (const endpoint of endpoints) {
    for (const source of endpoint.sources) {
      const found = sources.get(source.deployment.name) ?? { deployment: source.deployment, rules: [] }
      if (source.rules.length === 0) found.rules = null
      else found.rules?.push(...source.rules)
      sources.set(source.deployment.name, found)
    }
  }
  return {
    kind: 'everything',
    tenant: caller.tenant,
    name: EVERYTHING,
    access: 'granted',
    title: 'Everything you may use',
    description: 'The tools of all servers this credential may use.',
    path: '/mcp',
    sources: [...sources.values()].map(({ deployment, rules }) => ({ deployment, rules: rules ?? [] })),
    deployment: null,
    search: false,
  }
}
