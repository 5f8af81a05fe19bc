import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Sheet } from '@/components/ui/dialog.tsx'
import { AddPaste } from './add-paste.tsx'
import { AddReview } from './add-review.tsx'
import { draftsOf, type Proposal, type ServerDraft } from './launch-draft.ts'
import { LaunchProgress } from './launch-progress.tsx'

const route = getRouteApi('/app/deployments')

interface AddSheetProps {
  readonly isOpen: boolean
  /** Names that exist. */
  readonly taken: readonly string[]
}

/** Adds servers: paste, review, watch them start. */
export function AddSheet({ isOpen, taken }: AddSheetProps) {
  const { made } = route.useSearch()
  const navigate = useNavigate()
  // What was pasted and typed stays here, so that closing the sheet by mistake loses nothing.
  const [text, setText] = useState('')
  const [drafts, setDrafts] = useState<readonly ServerDraft[] | null>(null)
  const close = (): void => void navigate({ to: '/app/deployments', search: (before) => ({ ...before, add: undefined, made: undefined }) })
  const onRead = (proposals: readonly Proposal[]): void => setDrafts(draftsOf(proposals))
  const onMade = (names: readonly string[]): void => {
    setText('')
    setDrafts(null)
    void navigate({ to: '/app/deployments', search: (before) => ({ ...before, add: 1, made: names.join(',') }), replace: true })
  }
  const names = made?.split(',') ?? []
  if (names.length > 0)
    return (
      <Sheet
        isOpen={isOpen}
        onClose={close}
        title={names.length === 1 ? 'Server added' : `${names.length} servers added`}
        footer={
          <>
            <Button onClick={() => void navigate({ to: '/app/deployments', search: (before) => ({ ...before, made: undefined }) })}>
              Add another
            </Button>
            <Button onClick={close}>Done</Button>
          </>
        }
      >
        <div className="flex flex-col gap-4">
          {names.map((name) => (
            <LaunchProgress key={name} name={name} />
          ))}
        </div>
      </Sheet>
    )
  if (drafts === null) return <AddPaste isOpen={isOpen} text={text} onText={setText} onRead={onRead} onClose={close} />
  return (
    <AddReview
      isOpen={isOpen}
      drafts={drafts}
      taken={taken}
      onDrafts={setDrafts}
      onBack={() => setDrafts(null)}
      onMade={onMade}
      onClose={close}
    />
  )
}
