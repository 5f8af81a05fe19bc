import { ArrowLeft } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Sheet } from '@/components/ui/dialog.tsx'
import { api } from '@/lib/api.ts'
import type { ProblemDocument } from '@/lib/problem.ts'
import { asProblem } from '@/lib/problem.ts'
import { specOfInput } from './launch-diff.ts'
import { draftFaults, type Faults, inputOf, type ServerDraft } from './launch-draft.ts'
import { ServerReview } from './server-review.tsx'
import { approveReviewed, askAnew } from './use-changes.ts'

interface AddReviewProps {
  readonly isOpen: boolean
  readonly drafts: readonly ServerDraft[]
  readonly taken: readonly string[]
  readonly onDrafts: (drafts: readonly ServerDraft[]) => void
  readonly onBack: () => void
  readonly onMade: (names: readonly string[]) => void
  readonly onClose: () => void
}

/** Shows what the text held, takes changes of it, and adds what is chosen. */
export function AddReview({ isOpen, drafts, taken, onDrafts, onBack, onMade, onClose }: AddReviewProps) {
  const { made, problems, isBusy, add } = useAdd({ drafts, onDrafts, onMade })
  const [isTried, setIsTried] = useState(false)
  const chosen = drafts.filter(({ isChosen }) => isChosen)
  const faults = new Map(
    drafts.map((draft) => [
      draft.id,
      faultsOf(
        draft,
        drafts,
        taken.filter((name) => !made.includes(name)),
      ),
    ]),
  )
  const isFaulty = chosen.some(({ id }) => Object.keys(faults.get(id)!).length > 0)
  const submit = (mayStart: boolean): void => {
    setIsTried(true)
    if (isFaulty) {
      requestAnimationFrame(() => document.querySelector<HTMLElement>('[role="dialog"] [aria-invalid="true"]')?.focus())
      return
    }
    void add(chosen, mayStart)
  }
  const processes = chosen.filter(({ launch }) => launch.kind === 'process').length
  const number = chosen.length > 1 ? ` ${chosen.length}` : ''
  return (
    <Sheet
      isOpen={isOpen}
      onClose={onClose}
      title={drafts.length === 1 ? 'Review server' : `Choose from ${drafts.length} servers`}
      description={
        processes > 0
          ? 'This is what would run on the machine of Sallyport, and all that it could reach.'
          : 'Sallyport calls this address and nothing else of it.'
      }
      footer={
        <>
          <Button variant="ghost" className="mr-auto" disabled={isBusy} onClick={onBack}>
            <ArrowLeft /> Back
          </Button>
          {processes > 0 && (
            <Button disabled={isBusy || chosen.length === 0} onClick={() => submit(false)}>
              Add only
            </Button>
          )}
          <Button variant="primary" isBusy={isBusy} disabled={chosen.length === 0} onClick={() => submit(true)}>
            {processes > 0 ? `Approve and start${number}` : `Add${number === '' ? ' server' : `${number} servers`}`}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {drafts.map((draft) => (
          <ServerReview
            key={draft.id}
            draft={draft}
            isOnly={drafts.length === 1}
            faults={isTried ? faults.get(draft.id)! : shownEarly(faults.get(draft.id)!)}
            problem={problems.get(draft.id) ?? null}
            onChange={(next) => onDrafts(drafts.map((each) => (each.id === next.id ? next : each)))}
          />
        ))}
      </div>
    </Sheet>
  )
}

/** Before the first try only what can never be right is said, not what is merely empty yet. */
const shownEarly = (faults: Faults): Faults =>
  Object.fromEntries(Object.entries(faults).filter(([field]) => !field.startsWith('input:') && !field.startsWith('pair:')))

function faultsOf(draft: ServerDraft, drafts: readonly ServerDraft[], taken: readonly string[]): Faults {
  const others = drafts.filter(({ id, isChosen }) => id !== draft.id && isChosen).map(({ name }) => name)
  return draftFaults(draft, [...taken, ...others])
}

interface Adding {
  readonly drafts: readonly ServerDraft[]
  readonly onDrafts: (drafts: readonly ServerDraft[]) => void
  readonly onMade: (names: readonly string[]) => void
}

/** Adds one after the other. What could be added leaves the list; what could not stays with its problem. */
function useAdd({ drafts, onDrafts, onMade }: Adding) {
  const [made, setMade] = useState<readonly string[]>([])
  const [problems, setProblems] = useState<ReadonlyMap<number, ProblemDocument>>(new Map())
  const [isBusy, setIsBusy] = useState(false)
  const add = async (chosen: readonly ServerDraft[], mayStart: boolean): Promise<void> => {
    setIsBusy(true)
    const names = [...made]
    const failed = new Map<number, ProblemDocument>()
    for (const draft of chosen) {
      try {
        names.push(await addOne(draft, mayStart))
      } catch (error) {
        failed.set(draft.id, asProblem(error))
      }
    }
    await askAnew()
    setMade(names)
    setProblems(failed)
    setIsBusy(false)
    if (failed.size === 0) onMade(names)
    else onDrafts(drafts.filter(({ id }) => failed.has(id) || chosen.every((draft) => draft.id !== id)))
  }
  return { made, problems, isBusy, add }
}

async function addOne(draft: ServerDraft, mayStart: boolean): Promise<string> {
  const body = inputOf(draft)
  const created = await api('createDeployment', { body })
  // A refused approval loses nothing: it is added, and the next view shows its launch and asks again.
  if (mayStart) await approveReviewed(specOfInput(created.name, body.spec), created).catch(() => created)
  return created.name
}
