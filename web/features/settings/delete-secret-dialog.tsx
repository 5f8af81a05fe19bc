import { Button } from '@/components/ui/button.tsx'
import { ConfirmDialog, Dialog } from '@/components/ui/dialog.tsx'
import { toastDone } from '@/components/ui/toast.tsx'
import { inertLine } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'
import { useAct } from '@/lib/queries.ts'
import { SecretUsers } from './secret-users.tsx'
import type { Secret } from './use-secrets.ts'

interface DeleteSecretDialogProps {
  readonly secret: Secret
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Deletes an entry of the vault after its name was typed; one that is in use says who uses it. */
export function DeleteSecretDialog({ secret: { name, usedBy }, isOpen, onClose }: DeleteSecretDialogProps) {
  const { mutate, isPending, error, reset } = useAct('deleteSecret', ['listSecrets', 'listDeployments', 'getOverview'])
  const close = (): void => {
    reset()
    onClose()
  }
  if (usedBy.length > 0)
    return (
      <Dialog isOpen={isOpen} onClose={close} title="This secret is in use" footer={<Button onClick={close}>Close</Button>}>
        <div className="flex flex-col gap-3 text-sm">
          <p>
            <code className="font-mono text-xs break-all">{inertLine(name)}</code> cannot be deleted while a deployment refers to it. Take
            it out of
            {usedBy.length === 1 ? ' this one' : ' these'} first, or replace its value instead:
          </p>
          <SecretUsers names={usedBy} />
        </div>
      </Dialog>
    )
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={close}
      title="Delete secret"
      action="Delete secret"
      name={name}
      isBusy={isPending}
      problem={error === null ? null : asProblem(error)}
      onConfirm={() =>
        mutate(
          { params: { name } },
          {
            onSuccess: () => {
              toastDone('Secret deleted', name)
              onClose()
            },
          },
        )
      }
    >
      <p>No deployment refers to it. Its value is gone for good; nobody can bring it back.</p>
    </ConfirmDialog>
  )
}
