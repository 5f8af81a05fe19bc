import { CircleCheck, Link2, ShieldAlert } from 'lucide-react'
import { Button } from '@/components/ui/button.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import type { ResponseOf } from '@/lib/api.ts'
import { exact } from '@/lib/format.ts'
import { inert } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'
import { useAct } from '@/lib/queries.ts'

const FINDINGS_SHOWN = 5

/** Has the server recompute the hash of every block of events, and says what it found. */
export function VerifyChain({ sequence }: { readonly sequence: number }) {
  const verify = useAct('verifyAudit')
  return (
    <div className="flex flex-col gap-2" aria-live="polite">
      {verify.data !== undefined && <Report report={verify.data} sequence={sequence} />}
      {verify.error !== null && <ProblemNote problem={asProblem(verify.error)} />}
      <div>
        <Button isBusy={verify.isPending} onClick={() => verify.mutate({})}>
          {!verify.isPending && <Link2 />} Verify chain
        </Button>
      </div>
    </div>
  )
}

function Report({ report, sequence }: { readonly report: ResponseOf<'verifyAudit'>; readonly sequence: number }) {
  const { isIntact, checked, isComplete, head, findings } = report
  if (isIntact)
    return (
      <p className="flex gap-2 rounded-md bg-ok-soft px-3 py-2 text-sm">
        <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />
        <span>
          The chain is intact: {exact(checked)} events checked, the newest is {exact(head.sequence)}
          {checked >= sequence ? ', this one among them' : ''}.
        </span>
      </p>
    )
  return (
    <div role="alert" className="flex gap-2 rounded-md bg-bad-soft px-3 py-2 text-sm">
      <ShieldAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      <div className="min-w-0">
        <p className="font-semibold">The chain is broken: somebody changed events after they were written.</p>
        <ul className="mt-1 list-disc pl-4">
          {findings.slice(0, FINDINGS_SHOWN).map((finding, index) => (
            <li key={index} className="break-words">
              Event {exact(finding.sequence)} {finding.problem}: {inert(finding.detail)}
            </li>
          ))}
        </ul>
        {(findings.length > FINDINGS_SHOWN || !isComplete) && (
          <p className="mt-1 text-soft">There is more: sallyport audit verify lists it.</p>
        )}
      </div>
    </div>
  )
}
