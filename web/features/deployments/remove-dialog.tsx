import { Link, useNavigate } from '@tanstack/react-router'
import { ConfirmDialog } from '@/components/ui/dialog.tsx'
import { toastDone } from '@/components/ui/toast.tsx'
import { asProblem } from '@/lib/problem.ts'
import { queries, useAct, useApi } from '@/lib/queries.ts'
import { PROFILE_QUERY } from './add-to-profile.tsx'
import type { Deployment } from './deployment-model.ts'

interface RemoveDialogProps {
  readonly deployment: Deployment
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Removes a deployment after its name was typed; says first which profiles stand in the way. */
export function RemoveDialog({ deployment: { name, spec }, isOpen, onClose }: RemoveDialogProps) {
  const navigate = useNavigate()
  const { data } = useApi('listProfiles', PROFILE_QUERY, { enabled: isOpen })
  const { mutate, isPending, error, reset } = useAct('deleteDeployment', [
    'listDeployments',
    'listProfiles',
    'listKeys',
    'listSecrets',
    'getOverview',
  ])
  const users = (data?.items ?? []).filter(({ servers }) => servers.includes(name))
  const remove = (): void =>
    mutate(
      { params: { name } },
      {
        onSuccess: ({ keys }) => {
          queries.removeQueries({ queryKey: ['getDeployment', { params: { name } }] })
          toastDone(`${name} removed`, keysText(keys))
          void navigate({ to: '/app/deployments', replace: true })
        },
      },
    )
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={() => {
        reset()
        onClose()
      }}
      title={`Remove ${name}`}
      action="Remove server"
      name={name}
      isBusy={isPending}
      problem={error === null ? null : asProblem(error)}
      onConfirm={remove}
    >
      <p>
        {spec.kind === 'process' ? 'It is stopped, and its definition and' : 'Its definition and'} the secrets it holds in the vault are
        removed. Keys that were restricted to it lose it. This cannot be undone.
      </p>
      {users.length > 0 && (
        <div className="mt-3 rounded-md border border-warn/30 bg-warn-soft px-3 py-2">
          <p className="font-medium">{users.length === 1 ? 'A profile still offers it' : `${users.length} profiles still offer it`}</p>
          <p className="text-soft">Take it out of them first:</p>
          <ul className="mt-1 flex flex-wrap gap-x-3">
            {users.map((profile) => (
              <li key={profile.name}>
                <Link to="/app/profiles/$name" params={{ name: profile.name }} className="font-mono text-accent-text underline">
                  {profile.name}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
    </ConfirmDialog>
  )
}

function keysText(keys: readonly { readonly name: string; readonly isRevoked: boolean }[]): string | undefined {
  if (keys.length === 0) return undefined
  const revoked = keys.filter(({ isRevoked }) => isRevoked).length
  return `${keys.length === 1 ? 'One key' : `${keys.length} keys`} lost it${revoked > 0 ? `, ${revoked} of them ${revoked === 1 ? 'was' : 'were'} revoked with it` : ''}.`
}
