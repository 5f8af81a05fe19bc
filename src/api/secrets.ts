import { DeclaredError, inputSecretName } from '#declared/index.ts'
import { LIMITS, Problem } from '#std/index.ts'
import { type DeploymentRecord, specValues } from '#runtime/index.ts'
import type { ApiDeps } from './deps.ts'
import type { Handlers } from './handler.ts'
import { pageOf, timeText } from './pages.ts'
import { notFound, tenantDeployments } from './records.ts'

type SecretHandlers = Handlers<'listSecrets' | 'putSecret' | 'deleteSecret'>

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/
/** Names below these are given by deployments and the declared file; they can be exchanged, not invented. */
const OWNED = /^(deployment|declared)\//

export function secretHandlers(deps: ApiDeps): SecretHandlers {
  return {
    async listSecrets({ caller, query }) {
      const page = pageOf(await deps.vault.list(caller.tenant), query)
      const deployments = tenantDeployments(deps, caller.tenant)
      return {
        ...page,
        items: page.items.map(({ name, updatedAtMs }) => ({ name, updatedAt: timeText(updatedAtMs), usedBy: usersOf(deployments, name) })),
      }
    },

    async putSecret({ caller, params: { name }, body }) {
      if (!NAME.test(name))
        throw new Problem('invalid-input', 'The name of a secret is made of letters, digits, ".", "_" and "-", in parts divided by "/".')
      if (Buffer.byteLength(body.value) > LIMITS.secretBytesMax)
        throw new Problem('invalid-input', `A secret has at most ${LIMITS.secretBytesMax} bytes.`)
      if (OWNED.test(name) && !(await exists(deps, caller.tenant, name))) notFound('secret', name)
      await deps.vault.put(caller.tenant, name, body.value)
      await answerInput(deps, name)
      return undefined
    },

    async deleteSecret({ caller, params: { name } }) {
      const users = usersOf(tenantDeployments(deps, caller.tenant), name)
      if (users.length > 0)
        throw new Problem('conflict', `${name} is used by ${users.join(', ')}.`, { remedy: 'Change or remove these deployments first.' })
      if (!(await deps.vault.delete(caller.tenant, name))) notFound('secret', name)
      await answerInput(deps, name)
      return undefined
    },
  }
}

/** The declared file asks the vault for its inputs when it is read. A file that is broken now says so where it is watched. */
async function answerInput(deps: ApiDeps, name: string): Promise<void> {
  if (!name.startsWith(inputSecretName(''))) return
  await deps.declared.reload().catch((error: unknown) => {
    if (!(error instanceof DeclaredError)) throw error
  })
}

async function exists(deps: ApiDeps, tenant: string, name: string): Promise<boolean> {
  return (await deps.vault.list(tenant, name)).some((entry) => entry.name === name)
}

function usersOf(deployments: readonly DeploymentRecord[], secret: string): string[] {
  return deployments
    .filter(({ spec }) => specValues(spec).some((value) => 'secret' in value && value.secret === secret))
    .map(({ name }) => name)
}
