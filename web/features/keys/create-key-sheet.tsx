import { useBlocker } from '@tanstack/react-router'
import { useEffect, useState, type SubmitEvent } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { ConfirmDialog, Sheet } from '@/components/ui/dialog.tsx'
import type { ResponseOf } from '@/lib/api.ts'
import { useAct } from '@/lib/queries.ts'
import { useNow } from '@/lib/use-now.ts'
import { CreatedKey } from './created-key.tsx'
import { KeyForm } from './key-form.tsx'
import { faultsOf, inputOf, useKeyDraft } from './use-key-draft.ts'

interface CreateKeySheetProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

const FORM = 'create-key'

/** Makes a key and shows it once; does not let it go unnoticed before it was copied. */
export function CreateKeySheet({ isOpen, onClose }: CreateKeySheetProps) {
  const { draft, isTouched, touch, change } = useKeyDraft(isOpen)
  const { mutate, isPending, error, reset } = useAct('createKey', ['listKeys', 'getOverview'])
  const [created, setCreated] = useState<ResponseOf<'createKey'> | null>(null)
  const [isCopied, setIsCopied] = useState(false)
  const isAtRisk = created !== null && !isCopied
  // Closing is a change of the address, as the back button is: one guard for both.
  const leaving = useBlocker({ shouldBlockFn: () => isAtRisk, enableBeforeUnload: isAtRisk, withResolver: true })
  useEffect(() => {
    if (isOpen) return
    setCreated(null)
    setIsCopied(false)
    reset()
  }, [isOpen])
  const faults = faultsOf(draft, useNow(60_000))
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    touch()
    if (Object.keys(faults).length > 0 || isPending || created !== null) return
    mutate(inputOf(draft, Date.now()), { onSuccess: setCreated })
  }
  return (
    <Sheet
      isOpen={isOpen}
      onClose={onClose}
      title={created === null ? 'Create key' : 'Copy the key now'}
      description={created === null ? 'One for each client or script.' : 'It is shown this once. The server keeps only its hash.'}
      footer={
        created === null ? (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" form={FORM} variant="primary" isBusy={isPending}>
              Create key
            </Button>
          </>
        ) : (
          <Button variant={isCopied ? 'primary' : 'secondary'} onClick={onClose}>
            Close
          </Button>
        )
      }
    >
      {created === null ? (
        <KeyForm id={FORM} draft={draft} faults={isTouched ? faults : {}} error={error} onChange={change} onSubmit={submit} />
      ) : (
        <CreatedKey created={created} onCopied={() => setIsCopied(true)} />
      )}
      <ConfirmDialog
        isOpen={leaving.status === 'blocked'}
        onClose={() => leaving.reset?.()}
        title="Close without copying the key"
        action="Close anyway"
        onConfirm={() => leaving.proceed?.()}
      >
        <p>The key was not copied, and nobody can show it again. If it is lost, revoke it and create another.</p>
      </ConfirmDialog>
    </Sheet>
  )
}
