import { CircleCheck, Link2, ShieldAlert } from 'lucide-react'
import { Link } from '@tanstack/react-router'
import { Button } from '@/components/ui/button.tsx'
import { CopyButton } from '@/components/ui/copy.tsx'
import { Section } from '@/components/ui/layout.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import type { ResponseOf } from '@/lib/api.ts'
import { exact } from '@/lib/format.ts'
import { asProblem } from '@/lib/problem.ts'
import { useAct } from '@/lib/queries.ts'

type Report = ResponseOf<'verifyAudit'>

const KINDS: Readonly<Record<Report['findings'][number]['problem'], string>> = {
  changed: 'Changed',
  missing: 'Missing',
  reordered: 'Out of order',
  'column-differs': 'Column changed',
  truncated: 'Cut off',
}

/** Has the server compute every hash of the audit chain again, and shows what it found. */
export function ChainCheck() {
  const verify = useAct('verifyAudit')
  return (
    <Section
      title="Audit chain"
      description="Reads every event and computes the hashes of all blocks again. The check itself is an event."
      actions={
        <Button isBusy={verify.isPending} onClick={() => verify.mutate({})}>
          {!verify.isPending && <Link2 />} Verify chain
        </Button>
      }
    >
      <div aria-live="polite" className="text-sm">
        {verify.error !== null ? (
          <ProblemNote problem={asProblem(verify.error)} />
        ) : verify.data === undefined ? (
          <p className="text-soft">Not checked on this page yet.</p>
        ) : verify.data.isIntact ? (
          <Intact report={verify.data} />
        ) : (
          <Broken report={verify.data} />
        )}
      </div>
    </Section>
  )
}

function Intact({ report: { checked, head } }: { readonly report: Report }) {
  return (
    <div className="flex gap-2.5">
      <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />
      <div className="min-w-0">
        <p className="font-medium">The chain is intact: {exact(checked)} events checked</p>
        <p className="text-soft">
          The newest is number {exact(head.sequence)}. Keep its hash elsewhere: it shows later whether the whole chain was written anew.
        </p>
        <p className="mt-1 flex items-center gap-1">
          <code className="min-w-0 font-mono text-xs break-all">{head.hash}</code>
          <CopyButton text={`${head.sequence} ${head.hash}`} label="Copy number and hash" />
        </p>
      </div>
    </div>
  )
}

function Broken({ report: { findings, checked, isComplete } }: { readonly report: Report }) {
  return (
    <div className="flex flex-col gap-2">
      <p className="flex gap-2.5 font-medium">
        <ShieldAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
        The chain is broken: {exact(findings.length)} findings in {exact(checked)} events
      </p>
      <p className="text-soft">
        Events were changed outside of Sallyport. Keep the database as it is, compare it with a back-up, and find out who could write to it.
      </p>
      <ul className="max-h-80 divide-y overflow-y-auto rounded-md border">
        {findings.map((finding, index) => (
          <li key={index} className="flex flex-wrap gap-x-3 px-3 py-1.5">
            <span data-tabular className="text-faint">
              {exact(finding.sequence)}
            </span>
            <span className="font-medium">{KINDS[finding.problem]}</span>
            <Untrusted text={finding.detail} className="min-w-0 grow text-soft" />
            {finding.id !== '' && (
              <Link to="/app/activity" search={{ id: finding.id }} className="text-accent-text underline-offset-2 hover:underline">
                Show event {exact(finding.sequence)}
              </Link>
            )}
          </li>
        ))}
      </ul>
      {!isComplete && <p className="text-soft">So much is wrong that the rest was not read.</p>}
    </div>
  )
}
