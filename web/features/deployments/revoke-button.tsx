import { X } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Dialog } from '@/components/ui/dialog.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { toastDone } from '@/components/ui/toast.tsx'
import { api } from '@/lib/api.ts'
import { inertLine } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'
import type { Deployment, FileGrant, ProcessSpec } from './deployment-model.ts'
import { LaunchDiff } from './launch-card.tsx'
import { diffLaunch } from './launch-diff.ts'
import { useChangeLaunch } from './use-changes.ts'

interface RevokeButtonProps {
  readonly deployment: Deployment
  readonly spec: ProcessSpec
  readonly gone: { readonly egress: readonly string[]; readonly files: readonly FileGrant[] }
  readonly what: string
}

/** Takes one grant away, after showing what changes. */
export function RevokeButton({ deployment: { name }, spec, gone, what }: RevokeButtonProps) {
  const [isOpen, setIsOpen] = useState(false)
  const { mutate, isPending, error, reset } = useChangeLaunch()
  const after: ProcessSpec = {
    ...spec,
    egress: spec.egress.filter((destination) => !gone.egress.includes(destination)),
    files: spec.files.filter(({ path }) => gone.files.every((file) => file.path !== path)),
  }
  const close = (): void => {
    reset()
    setIsOpen(false)
  }
  const revoke = (): void =>
    mutate(
      {
        reviewed: after,
        send: () => api('grantDeployment', { params: { name }, body: { egress: [...gone.egress], files: [...gone.files], revoke: true } }),
      },
      {
        onSuccess: () => {
          toastDone('Grant taken away')
          close()
        },
      },
    )
  return (
    <>
      <Button
        variant="ghost"
        size="icon"
        className="size-7"
        aria-label={`Take away ${inertLine(what, 80)}`}
        onClick={() => setIsOpen(true)}
      >
        <X />
      </Button>
      <Dialog
        isOpen={isOpen}
        onClose={close}
        title="Take this grant away"
        description={`${name} starts again without it.`}
        footer={
          <>
            <Button onClick={close}>Cancel</Button>
            <Button variant="primary" isBusy={isPending} onClick={revoke}>
              Take away and restart
            </Button>
          </>
        }
      >
        <div className="flex flex-col gap-3">
          <LaunchDiff lines={diffLaunch(spec, after)} label="The launch before and after" />
          {error !== null && <ProblemNote problem={asProblem(error)} />}
        </div>
      </Dialog>
    </>
  )
}
