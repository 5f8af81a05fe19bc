import { parseClientText } from '#declared/index.ts'
import { type LosingKey, normaliseName } from '#profile/index.ts'
import { type DeploymentRecord, type LaunchSpec, specValues } from '#runtime/index.ts'
import { Problem } from '#std/index.ts'
import type { ApiDeps } from './deps.ts'
import { deploymentView } from './deployment-view.ts'
import type { Handlers } from './handler.ts'
import { assertGrants, type LaunchPlan, planLaunch, secretPrefix } from './launch-input.ts'
import { pageOf } from './pages.ts'
import { recordLosing, removedView } from './removed-view.ts'
import { assertWritable, knownDeployment, tenantDeployments, tenantProfiles } from './records.ts'

type DeploymentHandlers = Handlers<
  | 'listDeployments'
  | 'createDeployment'
  | 'parseDeployments'
  | 'getDeployment'
  | 'updateDeployment'
  | 'deleteDeployment'
  | 'approveDeployment'
  | 'grantDeployment'
>

/** How deployments are defined. */
export function deploymentHandlers(deps: ApiDeps): DeploymentHandlers {
  const view = (record: DeploymentRecord) => deploymentView(deps, record)
  return {
    async listDeployments({ caller, query }) {
      const page = pageOf(tenantDeployments(deps, caller.tenant), query)
      return { ...page, items: page.items.map(view) }
    },

    async createDeployment({ caller, body }) {
      const name = normaliseName(body.name)
      if (!name.ok) throw new Problem('invalid-input', `${name.error}.`)
      const plan = await planLaunch(deps, caller.tenant, name.value, body.spec)
      // The name is claimed first: nobody's secrets can be overwritten by a deployment that is refused.
      let losing: readonly LosingKey[] = []
      const created = await deps.deployments.create(caller.tenant, { ...body, spec: plan.spec }, (keys) => (losing = keys))
      await recordLosing(deps, caller, losing, 'endpoint-replaced')
      try {
        return view(await settle(deps, created, plan))
      } catch (error) {
        await discard(deps, created)
        throw error
      }
    },

    parseDeployments: async ({ body }) => ({ proposals: parseClientText(body.text).map((proposal) => structuredClone(proposal) as never) }),

    getDeployment: async ({ caller, params }) => view(knownDeployment(deps, caller.tenant, params.name)),

    async updateDeployment({ caller, params, body }) {
      const { spec, ...change } = body
      assertWritable(knownDeployment(deps, caller.tenant, params.name))
      if (spec === undefined) return view(await deps.deployments.update(caller.tenant, params.name, change))
      const plan = await planLaunch(deps, caller.tenant, params.name, spec)
      // The new secrets come first: no node may ever send an old one to a new address.
      await putSecrets(deps, caller.tenant, plan)
      const changed = await deps.deployments.update(caller.tenant, params.name, { ...change, spec: plan.spec })
      return view(await settle(deps, changed, plan))
    },

    async deleteDeployment({ caller, params }) {
      const record = assertWritable(knownDeployment(deps, caller.tenant, params.name))
      const users = tenantProfiles(deps, caller.tenant).filter(({ servers }) => servers.includes(record.name))
      if (users.length > 0)
        throw new Problem('conflict', `${record.name} is offered by ${users.map(({ name }) => name).join(', ')}.`, {
          remedy: 'Take it out of these profiles first.',
        })
      return removedView(deps, caller, await discard(deps, record))
    },

    async approveDeployment({ caller, params, body }) {
      assertWritable(knownDeployment(deps, caller.tenant, params.name))
      return view(await deps.deployments.approve(caller.tenant, params.name, body.digest))
    },

    async grantDeployment({ caller, params, body }) {
      const { spec, ...record } = assertWritable(knownDeployment(deps, caller.tenant, params.name))
      if (spec.kind !== 'process') throw new Problem('invalid-input', `${record.name} runs elsewhere; grants are for processes.`)
      if (!body.revoke) await assertGrants(deps, body)
      const grants = body.revoke ? withoutGrants(record.name, spec, body) : withGrants(spec, body)
      return view(await deps.deployments.update(caller.tenant, params.name, { spec: { ...spec, ...grants } }))
    },
  }
}

type Grants = Pick<Extract<LaunchSpec, { kind: 'process' }>, 'egress' | 'files'>

const withGrants = (spec: Grants, added: Grants): Grants => ({
  egress: [...new Set([...spec.egress, ...added.egress])],
  files: [...new Map([...spec.files, ...added.files].map((file) => [file.path, file])).values()],
})

/** Throws `invalid-input` for what was never granted: whoever misspells a path must not believe that it is closed. */
function withoutGrants(name: string, spec: Grants, gone: Grants): Grants {
  const paths = gone.files.map(({ path }) => path)
  const unknown =
    gone.egress.find((destination) => !spec.egress.includes(destination)) ??
    paths.find((path) => spec.files.every((file) => file.path !== path))
  if (unknown !== undefined)
    throw new Problem('invalid-input', `${name} has no grant for ${JSON.stringify(unknown)}.`, {
      remedy: `sallyport deployment show ${name}`,
    })
  return {
    egress: spec.egress.filter((destination) => !gone.egress.includes(destination)),
    files: spec.files.filter(({ path }) => !paths.includes(path)),
  }
}

/** Puts the secrets of a stored deployment in place and approves what starts nothing on this machine. */
async function settle(deps: ApiDeps, record: DeploymentRecord, plan: LaunchPlan): Promise<DeploymentRecord> {
  await putSecrets(deps, record.tenant, plan)
  const used = new Set(specValues(record.spec).flatMap((value) => ('secret' in value ? [value.secret] : [])))
  for (const { name } of await deps.vault.list(record.tenant, secretPrefix(record.name)))
    if (!used.has(name)) await deps.vault.delete(record.tenant, name)
  return record.spec.kind === 'process' ? record : deps.deployments.approve(record.tenant, record.name, record.digest)
}

/** Takes a deployment away and its secrets with it. */
async function discard(deps: ApiDeps, { tenant, name }: DeploymentRecord): Promise<readonly LosingKey[]> {
  const keys = await deps.deployments.remove(tenant, name)
  for (const secret of await deps.vault.list(tenant, secretPrefix(name))) await deps.vault.delete(tenant, secret.name)
  return keys
}

async function putSecrets(deps: ApiDeps, tenant: string, plan: LaunchPlan): Promise<void> {
  for (const [name, text] of plan.secrets) await deps.vault.put(tenant, name, text)
}
