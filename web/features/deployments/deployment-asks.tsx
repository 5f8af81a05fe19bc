import { getRouteApi } from '@tanstack/react-router'
import { AddToProfile } from './add-to-profile.tsx'
import { ApproveDialog } from './approve-dialog.tsx'
import { deniedOf, type Deployment, isWritable } from './deployment-model.ts'
import { EditSheet } from './edit-sheet.tsx'
import { GrantDialog } from './grant-dialog.tsx'
import { RemoveDialog } from './remove-dialog.tsx'
import { useAsk } from './use-ask.ts'

const route = getRouteApi('/app/deployments/$name')

/** Whatever asks for a decision about a deployment, as the URL says. */
export function DeploymentAsks({ deployment }: { readonly deployment: Deployment }) {
  const { ask, what } = route.useSearch()
  const setAsk = useAsk()
  const close = (): void => setAsk(undefined)
  const mayChange = isWritable(deployment)
  return (
    <>
      <ApproveDialog deployment={deployment} isOpen={ask === 'approve' && mayChange} onClose={close} />
      <GrantDialog
        deployment={deployment}
        // Only what the server was really refused: an address that was sent to somebody must not fill the form.
        wanted={(deployment.status?.denied ?? []).filter((each) => each === what).map(deniedOf)}
        isOpen={ask === 'grant' && mayChange}
        onClose={close}
      />
      {ask === 'edit' && mayChange && deployment.spec.kind !== 'openapi' && (
        <EditSheet deployment={deployment} spec={deployment.spec} onClose={close} />
      )}
      <RemoveDialog deployment={deployment} isOpen={ask === 'remove' && mayChange} onClose={close} />
      <AddToProfile name={deployment.name} isOpen={ask === 'profile'} onClose={close} />
    </>
  )
}
