import { useMutation } from '@tanstack/react-query'
import { api, type RouteId } from '@/lib/api.ts'
import { queries } from '@/lib/queries.ts'
import type { Deployment, Spec } from './deployment-model.ts'
import { isSameLaunch } from './launch-diff.ts'

/** What shows deployments and is asked anew after a change of one. */
export const SHOWN: readonly RouteId[] = ['listDeployments', 'getDeployment', 'listDeploymentTools', 'getOverview', 'listSecrets']

export const askAnew = (): Promise<unknown> => Promise.all(SHOWN.map((id) => queries.invalidateQueries({ queryKey: [id] })))

export const approve = ({ name, digest }: Pick<Deployment, 'name' | 'digest'>): Promise<Deployment> =>
  api('approveDeployment', { params: { name }, body: { digest } })

/**
 * Approves what a change made, when that is what was reviewed on this page. Anything else waits: nobody has seen it.
 * A remote server is approved by the change itself.
 */
export async function approveReviewed(reviewed: Spec, changed: Deployment): Promise<Deployment> {
  if (changed.isApproved || !isSameLaunch(reviewed, changed.spec)) return changed
  return approve(changed)
}

interface LaunchChange {
  /** The launch as it was shown when the button was pressed. */
  readonly reviewed: Spec
  readonly send: () => Promise<Deployment>
}

/** A change of a launch and the approval of exactly what was shown, in one press of a button. */
export function useChangeLaunch() {
  return useMutation({
    mutationFn: async ({ reviewed, send }: LaunchChange) => approveReviewed(reviewed, await send()),
    // Half done is also shown: the change stands even where its approval was refused.
    onSettled: askAnew,
  })
}

export function useApprove() {
  return useMutation({ mutationFn: approve, onSettled: askAnew })
}

export function useRestart() {
  return useMutation({ mutationFn: (name: string) => api('restartDeployment', { params: { name } }), onSettled: askAnew })
}
