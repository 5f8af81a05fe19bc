import { useState, type SubmitEvent } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Dialog } from '@/components/ui/dialog.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { toastDone } from '@/components/ui/toast.tsx'
import { useAct } from '@/lib/queries.ts'
import { asProblem } from '@/lib/problem.ts'
import { SecretInput } from './pair-list.tsx'
import { SHOWN } from './use-changes.ts'

interface SecretDialogProps {
  /** Name of the vault entry. */
  readonly secret: string
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Stores the value of one vault entry. */
export function SecretDialog({ secret, isOpen, onClose }: SecretDialogProps) {
  const [value, setValue] = useState('')
  const { mutate, isPending, error, reset } = useAct('putSecret', SHOWN)
  const close = (): void => {
    setValue('')
    reset()
    onClose()
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (value === '' || isPending) return
    mutate(
      { params: { name: secret }, body: { value } },
      {
        onSuccess: () => {
          toastDone('Value stored')
          close()
        },
      },
    )
  }
  return (
    <Dialog
      isOpen={isOpen}
      onClose={close}
      title="Set value"
      description={<code className="font-mono text-xs break-all">{secret}</code>}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" form="secret-form" variant="primary" isBusy={isPending} disabled={value === ''}>
            Store value
          </Button>
        </>
      }
    >
      <form id="secret-form" onSubmit={submit} className="flex flex-col gap-3">
        <SecretInput label="Value" value={value} isSecret onChange={setValue} />
        <p className="text-xs text-faint">It is sealed in the vault and never shown again.</p>
        {error !== null && <ProblemNote problem={asProblem(error)} />}
      </form>
    </Dialog>
  )
}
