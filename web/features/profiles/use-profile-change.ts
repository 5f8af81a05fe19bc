import { useIsMutating, useMutation, useQueryClient } from '@tanstack/react-query'
import { toastDone, toastProblem } from '@/components/ui/toast.tsx'
import { endpointViewKey } from '@/features/connect/endpoint-view.ts'
import { api } from '@/lib/api.ts'
import type { Profile, ProfilePatch } from './profile-model.ts'

export interface ProfileChange {
  /** What to change, given the profile as it is at that moment. */
  readonly make: (profile: Profile) => ProfilePatch
  /** Told when it is done; left out where the control itself shows it. */
  readonly done?: string
  /** The form shows what went wrong beside its button. */
  readonly hasOwnNote?: boolean
}

/**
 * Changes a profile at once. Each change is worked out anew from the profile as the server has it, so that a page that
 * has stood open does not undo what somebody else did meanwhile; changes of this page wait for each other.
 */
export function useProfileChange(name: string) {
  const queries = useQueryClient()
  const key = ['getProfile', { params: { name } }]
  const mutationKey = ['changeProfile', name]
  // As the server had it before the changes that are under way: what is shown again when one fails.
  const beforeKey = ['profileBefore', name]
  const change = useMutation({
    mutationKey,
    scope: { id: `profile:${name}` },
    mutationFn: async ({ make }: ProfileChange) => {
      const fresh = await api('getProfile', { params: { name } })
      return api('updateProfile', { params: { name }, body: make(fresh) })
    },
    onMutate: async ({ make }) => {
      if (queries.isMutating({ mutationKey }) === 1) queries.setQueryData(beforeKey, queries.getQueryData<Profile>(key))
      await queries.cancelQueries({ queryKey: key })
      queries.setQueryData<Profile>(key, (known) => (known === undefined ? undefined : ({ ...known, ...make(known) } as Profile)))
    },
    onSuccess: (profile, { done }) => {
      queries.setQueryData(beforeKey, profile)
      // Later changes that wait are shown already.
      if (queries.isMutating({ mutationKey }) === 1) queries.setQueryData(key, profile)
      if (done !== undefined) toastDone(done)
    },
    onError: (error, { hasOwnNote = false }) => {
      if (!hasOwnNote) toastProblem(error)
      queries.setQueryData(key, queries.getQueryData<Profile>(beforeKey))
      void queries.invalidateQueries({ queryKey: key })
    },
    // Not waited for: the next change need not stand back until lists were asked anew.
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['listProfiles'] })
      void queries.invalidateQueries({ queryKey: endpointViewKey(name) })
    },
  })
  return { change: change.mutate, changeAsync: change.mutateAsync, isBusy: useIsMutating({ mutationKey }) > 0 }
}
