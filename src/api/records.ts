import type { ProfileRecord } from '#profile/index.ts'
import type { DeploymentRecord } from '#runtime/index.ts'
import { didYouMean, Problem } from '#std/index.ts'
import type { ApiDeps } from './deps.ts'

type Snapshots = Pick<ApiDeps, 'snapshots'>

/** Deployments of a tenant, wherever they are defined. */
export const tenantDeployments = ({ snapshots }: Snapshots, tenant: string): readonly DeploymentRecord[] =>
  snapshots.current().deployments.filter((record) => record.tenant === tenant)

export const tenantProfiles = ({ snapshots }: Snapshots, tenant: string): readonly ProfileRecord[] =>
  snapshots.current().profiles.filter((record) => record.tenant === tenant)

/** Throws `not-found`, which is the same for a name of another tenant and for what is no name at all. */
export function knownDeployment(deps: Snapshots, tenant: string, name: string): DeploymentRecord {
  return tenantDeployments(deps, tenant).find((record) => record.name === name) ?? notFound('deployment', name)
}

export function knownProfile(deps: Snapshots, tenant: string, name: string): ProfileRecord {
  return tenantProfiles(deps, tenant).find((record) => record.name === name) ?? notFound('profile', name)
}

/** The record itself when it was made over the API. Throws `declared-read-only` with its place otherwise. */
export function assertWritable<Item extends DeploymentRecord | ProfileRecord>(record: Item): Item {
  const { origin, name } = record
  if (origin.kind === 'api') return record
  if (origin.kind === 'declared') {
    throw new Problem('declared-read-only', `${name} is declared at ${origin.place}.`, {
      remedy: 'Change it there; the file is watched.',
      extensions: { place: origin.place },
    })
  }
  const isProfile = 'servers' in record
  throw new Problem('declared-read-only', `${name} comes with Sallyport: it is there while no file is declared, and stays as it is.`, {
    remedy: `Make one of your own: sallyport ${isProfile ? `profile create NAME ${record.servers.join(' ')}` : 'deployment add --help'}`,
  })
}

/** Throws `invalid-input` for the first name that is not known, with the nearest one that is. */
export function assertKnown(what: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new Problem('invalid-input', `There is no ${what} ${JSON.stringify(unknown)}.${didYouMean(unknown, known)}`)
}

/** The noun of the command line that lists things of a kind. */
const LISTED_BY = { deployment: 'deployment', profile: 'profile', event: 'activity', secret: 'secret' } as const

export function notFound(what: keyof typeof LISTED_BY, name: string): never {
  throw new Problem('not-found', `There is no ${what} ${JSON.stringify(name)}.`, { remedy: `sallyport ${LISTED_BY[what]} list` })
}
