import { ShieldCheck } from 'lucide-react'
import { Button } from '@/components/ui/button.tsx'
import { Sheet } from '@/components/ui/dialog.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { toastDone } from '@/components/ui/toast.tsx'
import { asProblem } from '@/lib/problem.ts'
import type { Deployment } from './deployment-model.ts'
import { LaunchCard } from './launch-card.tsx'
import { useApprove } from './use-changes.ts'

interface ApproveDialogProps {
  readonly deployment: Deployment
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Shows exactly what would be started, and approves its digest. */
export function ApproveDialog({ deployment, isOpen, onClose }: ApproveDialogProps) {
  const { mutate, isPending, error, reset } = useApprove()
  const close = (): void => {
    reset()
    onClose()
  }
  const confirm = (): void =>
    mutate(deployment, {
      onSuccess: ({ name }) => {
        toastDone(`${name} approved`)
        close()
      },
    })
  return (
    <Sheet
      isOpen={isOpen}
      onClose={close}
      title={`Approve ${deployment.name}`}
      description="Only exactly this is started. Any change of it asks again."
      footer={
        <>
          <Button onClick={close}>Not now</Button>
          <Button variant="primary" isBusy={isPending} disabled={deployment.isApproved} onClick={confirm}>
            <ShieldCheck /> Approve and start
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <LaunchCard spec={deployment.spec} digest={deployment.digest} />
        {deployment.isApproved && !isPending && <p className="text-sm text-soft">This launch is approved.</p>}
        {error !== null && <ProblemNote problem={asProblem(error)} />}
      </div>
    </Sheet>
  )
}
