import { useMemo } from 'react'
import { Sheet } from '@/components/ui/dialog.tsx'
import { dateTime } from '@/lib/format.ts'
import { cn } from '@/lib/cn.ts'
import { inert } from '@/lib/inert.ts'
import { isRecord } from '@/lib/mcp-request.ts'
import { lineDiff } from './line-diff.ts'
import { OutcomeBadge } from './result-panel.tsx'
import type { Run } from './runs.ts'

const TEXT_LENGTH_MAX = 200_000
const LINES_MAX = 1_000
const LINE_LENGTH_MAX = 400
const SIGNS = { same: ' ', removed: '−', added: '+' } as const

interface CompareRunsProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly before: Run
  readonly after: Run
}

/** What differs between two runs: the arguments, then what came back. */
export function CompareRuns({ isOpen, onClose, before, after }: CompareRunsProps) {
  return (
    <Sheet isOpen={isOpen} onClose={onClose} title="Compare two runs" description="Older against newer.">
      {isOpen && (
        <div className="flex flex-col gap-5">
          <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-1.5 text-sm">
            {[before, after].map((run, index) => (
              <div key={run.id} className="contents">
                <dt className="text-faint">{index === 0 ? 'Older' : 'Newer'}</dt>
                <dd className="flex flex-wrap items-center gap-2">
                  <OutcomeBadge run={run} /> {dateTime(run.at)}
                </dd>
              </div>
            ))}
          </dl>
          <Difference title="Arguments" before={before.args} after={after.args} />
          <Difference title="Answer" before={answerOf(before)} after={answerOf(after)} />
        </div>
      )}
    </Sheet>
  )
}

/** Without the flight record, which always differs. */
function answerOf({ message, problem }: Run): unknown {
  if (!isRecord(message)) return problem
  const { result, error } = message
  if (!isRecord(result)) return error ?? problem
  const { _meta, ...rest } = result
  return rest
}

function Difference({ title, before, after }: { readonly title: string; readonly before: unknown; readonly after: unknown }) {
  const lines = useMemo(() => lineDiff(written(before), written(after)), [before, after])
  const isSame = lines.every(({ kind }) => kind === 'same')
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold">
        {title} {isSame && <span className="font-normal text-faint">are the same</span>}
      </h3>
      <pre
        tabIndex={0}
        aria-label={`Difference: ${title}`}
        className="max-h-96 overflow-auto rounded-md border bg-sunken py-2 font-mono text-xs leading-5"
      >
        {lines.slice(0, LINES_MAX).map(({ kind, text }, index) => (
          <div key={index} className={cn('px-3 whitespace-pre', kind === 'removed' && 'bg-bad-soft', kind === 'added' && 'bg-ok-soft')}>
            <span className="sr-only">{kind === 'same' ? '' : `${kind}: `}</span>
            <span aria-hidden>{SIGNS[kind]} </span>
            {inert(text.slice(0, LINE_LENGTH_MAX))}
          </div>
        ))}
        {lines.length > LINES_MAX && <div className="px-3 text-faint">and {lines.length - LINES_MAX} more lines</div>}
      </pre>
    </section>
  )
}

const written = (value: unknown): string => (JSON.stringify(value, null, 2) ?? '').slice(0, TEXT_LENGTH_MAX)
