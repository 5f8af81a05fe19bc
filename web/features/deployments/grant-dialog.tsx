import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Sheet } from '@/components/ui/dialog.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { toastDone } from '@/components/ui/toast.tsx'
import { api } from '@/lib/api.ts'
import { asProblem } from '@/lib/problem.ts'
import { type Denied, type Deployment, type FileGrant, type ProcessSpec } from './deployment-model.ts'
import { EgressList, FileList } from './grant-lists.tsx'
import { LaunchDiff } from './launch-card.tsx'
import { diffLaunch } from './launch-diff.ts'
import { useChangeLaunch } from './use-changes.ts'

interface GrantDialogProps {
  readonly deployment: Deployment
  /** What it asked for and was refused: the lists begin with it. */
  readonly wanted: readonly Denied[]
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Adds destinations and files to what a process may reach, shows what changes, and approves the new launch. */
export function GrantDialog({ deployment, wanted, isOpen, onClose }: GrantDialogProps) {
  if (deployment.spec.kind !== 'process') return null
  const key = wanted.map(({ what }) => what).join('\n')
  return isOpen ? <GrantForm key={key} deployment={deployment} spec={deployment.spec} wanted={wanted} onClose={onClose} /> : null
}

function GrantForm({ deployment, spec, wanted, onClose }: Omit<GrantDialogProps, 'isOpen'> & { readonly spec: ProcessSpec }) {
  const [egress, setEgress] = useState<readonly string[]>(wanted.filter(({ kind }) => kind === 'egress').map(({ what }) => what))
  const [files, setFiles] = useState<readonly FileGrant[]>(
    wanted.filter(({ kind }) => kind === 'file').map(({ what }) => ({ path: what, mode: 'ro' })),
  )
  const { mutate, isPending, error } = useChangeLaunch()
  const after: ProcessSpec = {
    ...spec,
    egress: [...new Set([...spec.egress, ...egress])],
    files: [...new Map([...spec.files, ...files].map((file) => [file.path, file])).values()],
  }
  const lines = diffLaunch(spec, after)
  const isSame = lines.every(({ change }) => change === 'same')
  const { name } = deployment
  const grant = (): void =>
    mutate(
      { reviewed: after, send: () => api('grantDeployment', { params: { name }, body: { egress: [...egress], files: [...files] } }) },
      {
        onSuccess: ({ isApproved }) => {
          toastDone(isApproved ? `Granted; ${name} starts again` : 'Granted', isApproved ? undefined : 'The new launch waits for approval.')
          onClose()
        },
      },
    )
  return (
    <Sheet
      isOpen
      onClose={onClose}
      title={`Grant access to ${name}`}
      description="A grant changes the launch. It is approved with the same press, as shown below."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" isBusy={isPending} disabled={isSame} onClick={grant}>
            Grant, approve and start
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-5">
        <EgressList egress={egress} onChange={setEgress} />
        <FileList files={files} onChange={setFiles} />
        <div className="flex flex-col gap-1.5">
          <h3 className="text-sm font-medium">What changes</h3>
          <LaunchDiff lines={lines} label="The launch before and after" />
        </div>
        {error !== null && <ProblemNote problem={asProblem(error)} />}
      </div>
    </Sheet>
  )
}
