import type { ConnectEndpoint } from '@/features/connect/snippets.ts'
import { useApi } from '@/lib/queries.ts'

export type ChosenEndpoint = ConnectEndpoint & { readonly isStarter: boolean }

export interface Choice {
  /** Null while it is not known. `name` null: no profile is there, so everything behind one address. */
  readonly endpoint: ChosenEndpoint | null
  readonly error: unknown
  readonly retry: () => void
}

/** What the first run connects: the endpoint of the address, else the starter profile, else the first profile, else everything. */
export function useChosenEndpoint(name: string | undefined): Choice {
  const profiles = useApi('listProfiles', { query: { limit: 500 } })
  const deployments = useApi('listDeployments', { query: { limit: 500 } }, { enabled: name !== undefined })
  const overview = useApi('getOverview')
  const error = profiles.error ?? overview.error ?? deployments.error
  const retry = (): void => void Promise.all([profiles.refetch(), overview.refetch(), deployments.refetch()])
  if (error !== null || profiles.data === undefined || overview.data === undefined) return { endpoint: null, error, retry }
  if (name !== undefined && deployments.data === undefined) return { endpoint: null, error, retry }
  const all = profiles.data.items
  const found =
    [...all, ...(deployments.data?.items ?? [])].find((each) => each.name === name) ??
    all.find(({ origin }) => origin.kind === 'starter') ??
    all[0]
  const endpoint =
    found === undefined
      ? { name: null, url: overview.data.endpoint, title: 'Everything', isStarter: false }
      : { name: found.name, url: found.endpoint, title: found.title, isStarter: found.origin.kind === 'starter' }
  return { endpoint, error: null, retry }
}
