import type { LosingKey, ProfileRecord } from '#profile/index.ts'
import type { ResponseOf } from './contract.ts'
import type { ApiDeps } from './deps.ts'
import type { Handlers } from './handler.ts'
import { pageOf } from './pages.ts'
import { recordLosing, removedView } from './removed-view.ts'
import { assertKnown, assertWritable, knownProfile, tenantDeployments, tenantProfiles } from './records.ts'

type ProfileHandlers = Handlers<Extract<keyof Handlers, `${string}Profile${string}`>>

export function profileHandlers(deps: ApiDeps): ProfileHandlers {
  const view = (record: ProfileRecord) => profileView(deps, record)
  const assertServers = (tenant: string, servers: readonly string[] = []): void => {
    const known = tenantDeployments(deps, tenant).map(({ name }) => name)
    assertKnown('deployment', servers, known)
  }
  return {
    async listProfiles({ caller, query }) {
      const page = pageOf(tenantProfiles(deps, caller.tenant), query)
      return { ...page, items: page.items.map(view) }
    },

    async createProfile({ caller, body }) {
      assertServers(caller.tenant, body.servers)
      let losing: readonly LosingKey[] = []
      const created = await deps.profiles.create(caller.tenant, body, (keys) => (losing = keys))
      await recordLosing(deps, caller, losing, 'endpoint-replaced')
      return view(created)
    },

    getProfile: async ({ caller, params }) => view(knownProfile(deps, caller.tenant, params.name)),

    async updateProfile({ caller, params, body }) {
      assertWritable(knownProfile(deps, caller.tenant, params.name))
      assertServers(caller.tenant, body.servers)
      return view(await deps.profiles.update(caller.tenant, params.name, body))
    },

    async deleteProfile({ caller, params }) {
      assertWritable(knownProfile(deps, caller.tenant, params.name))
      return removedView(deps, caller, await deps.profiles.remove(caller.tenant, params.name))
    },
  }
}

function profileView(deps: ApiDeps, record: ProfileRecord): ResponseOf<'getProfile'> {
  const { name, title, description, access, origin } = record
  const { include, exclude, ...others } = record.tools
  return {
    name,
    title,
    description,
    access,
    servers: [...record.servers],
    tools: { include: [...include], exclude: [...exclude], ...others },
    endpoint: `${deps.server.publicUrl}/mcp/${name}`,
    origin,
  }
}
