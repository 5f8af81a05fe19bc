import { type DeploymentRecord, specValues } from '#runtime/index.ts'
import { Problem } from '#std/index.ts'
import type { SealedReader, Vault } from '#vault/index.ts'

/** The secrets that deployments refer to, sealed, by tenant and name. Plain JSON: workers get it with the snapshot. */
export type SealedTexts = Readonly<Record<string, string>>

const keyOf = (tenant: string, name: string): string => `${tenant}/${name}`

/** Seals for this run every secret that the deployments refer to: from the vault, or as the declared file sealed it. */
export async function bundleSecrets(
  deployments: readonly DeploymentRecord[],
  vault: Vault,
  declared: ReadonlyMap<string, string>,
): Promise<SealedTexts> {
  const bundle: Record<string, string> = {}
  for (const deployment of deployments) {
    for (const name of secretNames(deployment)) {
      const key = keyOf(deployment.tenant, name)
      if (bundle[key] !== undefined) continue
      const sealed = declared.get(name)
      if (sealed !== undefined) bundle[key] = sealed
      else bundle[key] = vault.sealText(deployment.tenant, name, await readOrEmpty(vault, deployment.tenant, name))
    }
  }
  return bundle
}

/** The part of a bundle that a worker needs: processes, and so their secrets, are the primary's. */
export function ofRemotes(bundle: SealedTexts, deployments: readonly DeploymentRecord[]): SealedTexts {
  const remotes = deployments.filter(({ spec }) => spec.kind !== 'process')
  const keys = remotes.flatMap((deployment) => secretNames(deployment).map((name) => keyOf(deployment.tenant, name)))
  return Object.fromEntries(keys.flatMap((key) => (bundle[key] === undefined ? [] : [[key, bundle[key]]])))
}

/** Opens one secret of the bundle. Throws `not-found` for one that nobody has set. */
export function openSecret(bundle: SealedTexts, reader: SealedReader, tenant: string, name: string): string {
  const sealed = bundle[keyOf(tenant, name)]
  const text = sealed === undefined ? '' : reader.openText(tenant, name, sealed)
  if (text === '') throw new Problem('not-found', `The secret ${name} is not set.`, { remedy: `sallyport secret set ${name}` })
  return text
}

/** The texts that a deployment was given as secrets, as far as this process can open them. */
export function knownSecrets(deployment: DeploymentRecord | undefined, open: (tenant: string, name: string) => string): string[] {
  if (deployment === undefined) return []
  return secretNames(deployment).flatMap((name) => {
    try {
      return [open(deployment.tenant, name)]
    } catch (error) {
      if (error instanceof Problem && (error.type === 'not-found' || error.type === 'secret-unreadable')) return []
      throw error
    }
  })
}

function secretNames({ spec }: DeploymentRecord): string[] {
  return specValues(spec).flatMap((value) => ('secret' in value ? [value.secret] : []))
}

/** A secret that is not set, or no longer opens, must stop one deployment and not the snapshot of all. */
async function readOrEmpty(vault: Vault, tenant: string, name: string): Promise<string> {
  try {
    return await vault.get(tenant, name)
  } catch (error) {
    if (error instanceof Problem && (error.type === 'not-found' || error.type === 'secret-unreadable')) return ''
    throw error
  }
}
