import { ArrowLeft } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Sheet } from '@/components/ui/dialog.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { toastDone } from '@/components/ui/toast.tsx'
import { api } from '@/lib/api.ts'
import { asProblem } from '@/lib/problem.ts'
import type { ApiSpec, Deployment, Spec } from './deployment-model.ts'
import { LaunchDiff } from './launch-card.tsx'
import { diffLaunch, specOfInput } from './launch-diff.ts'
import { launchFaults, launchOfSpec, specInputOf } from './launch-draft.ts'
import { LaunchFields } from './launch-fields.tsx'
import { useChangeLaunch } from './use-changes.ts'

interface EditSheetProps {
  readonly deployment: Deployment
  /** Of the deployment; an API has no form here. */
  readonly spec: Exclude<Spec, ApiSpec>
  readonly onClose: () => void
}

/** Changes a launch: edit, look at the difference, approve it. */
export function EditSheet({ deployment, spec, onClose }: EditSheetProps) {
  const { name } = deployment
  const [launch, setLaunch] = useState(() => launchOfSpec(spec))
  const [isReviewing, setIsReviewing] = useState(false)
  const { mutate, isPending, error, reset } = useChangeLaunch()
  const faults = launchFaults(launch)
  const input = specInputOf(launch)
  const reviewed = specOfInput(name, input)
  const lines = diffLaunch(spec, reviewed)
  const isSame = lines.every(({ change }) => change === 'same')
  const isFaulty = Object.keys(faults).length > 0
  const isProcess = spec.kind === 'process'
  const save = (): void =>
    mutate(
      { reviewed, send: () => api('updateDeployment', { params: { name }, body: { spec: input } }) },
      {
        onSuccess: ({ isApproved }) => {
          toastDone(isApproved ? 'Launch changed and approved' : 'Launch changed', isApproved ? undefined : 'It waits for approval.')
          onClose()
        },
      },
    )
  const back = (): void => {
    reset()
    setIsReviewing(false)
  }
  return (
    <Sheet
      isOpen
      onClose={onClose}
      title={isReviewing ? 'Review the change' : `Edit ${name}`}
      description={isReviewing ? 'Exactly this is approved and started.' : 'Nothing changes before you have seen the difference.'}
      footer={
        isReviewing ? (
          <>
            <Button variant="ghost" className="mr-auto" onClick={back}>
              <ArrowLeft /> Back
            </Button>
            <Button variant="primary" isBusy={isPending} onClick={save}>
              {isProcess ? 'Save, approve and start' : 'Save changes'}
            </Button>
          </>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button variant="primary" disabled={isSame || isFaulty} onClick={() => setIsReviewing(true)}>
              Review changes
            </Button>
          </>
        )
      }
    >
      {isReviewing ? (
        <div className="flex flex-col gap-4">
          <LaunchDiff lines={lines} label="The launch before and after" />
          {error !== null && <ProblemNote problem={asProblem(error)} />}
        </div>
      ) : (
        <LaunchFields launch={launch} faults={faults} onChange={setLaunch} />
      )}
    </Sheet>
  )
}
