import { Ban, CircleAlert, CircleCheck, History, Play } from 'lucide-react'
import { useState } from 'react'
import { JsonView } from '@/components/json-view.tsx'
import { Badge } from '@/components/ui/badge.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Empty, Section } from '@/components/ui/layout.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { TimeAgo } from '@/components/ui/time.tsx'
import { Segmented } from '@/components/ui/toggle.tsx'
import { duration } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import { isRecord } from '@/lib/mcp-request.ts'
import { FlightPanel } from './flight-panel.tsx'
import { ResultContent } from './result-content.tsx'
import type { Run } from './runs.ts'

interface ResultPanelProps {
  readonly run: Run | null
  /** It is not the newest of the chosen tool. */
  readonly isOld: boolean
  readonly onReplay: (run: Run) => void
}

/** What came of a call: the result as people read it, or the message as it came; below it how the call went. */
export function ResultPanel({ run, isOld, onReplay }: ResultPanelProps) {
  const [view, setView] = useState<'rendered' | 'raw'>('rendered')
  if (run === null) {
    return (
      <Section title="Result">
        <Empty icon={<Play />} title="Run the tool">
          The result appears here, with how long each step took and which rule let it pass.
        </Empty>
      </Section>
    )
  }
  const hasMessage = run.message !== null && run.message !== undefined
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <Section
        title="Result"
        description={
          <span className="flex flex-wrap items-center gap-x-2">
            {isOld && <History aria-hidden className="size-3.5" />}
            <code className="font-mono text-xs break-all">{inertLine(run.tool, 80)}</code>
            <TimeAgo at={run.at} />
          </span>
        }
        actions={
          <span className="flex flex-wrap items-center gap-2">
            <OutcomeBadge run={run} />
            {hasMessage && (
              <Segmented
                aria-label="View of the result"
                value={view}
                options={[
                  { value: 'rendered', label: 'Result' },
                  { value: 'raw', label: 'JSON-RPC' },
                ]}
                onChange={setView}
              />
            )}
          </span>
        }
      >
        <div className="flex flex-col gap-3">
          {run.problem !== null && <ProblemNote problem={run.problem} />}
          {run.outcome === 'tool-error' && (
            <p className="text-sm font-medium text-bad">The tool itself says that it failed. The call reached it.</p>
          )}
          {run.outcome === 'cancelled' && (
            <p className="text-sm text-soft">You cancelled this call. The server was told; work that it had done by then stays done.</p>
          )}
          {run.isMessageDropped && (
            <div className="flex flex-wrap items-center gap-3 text-sm text-soft">
              The result was too large to keep when the page was loaded again.
              <Button size="sm" onClick={() => onReplay(run)}>
                Take these arguments
              </Button>
            </div>
          )}
          {hasMessage && view === 'raw' && <JsonView label="The JSON-RPC message" value={run.message} />}
          {hasMessage && view === 'rendered' && <Rendered run={run} />}
        </div>
      </Section>
      {run.flight !== null && <FlightPanel key={run.flight.id} flight={run.flight} />}
    </div>
  )
}

function Rendered({ run }: { readonly run: Run }) {
  const result = isRecord(run.message) ? run.message['result'] : undefined
  return isRecord(result) ? <ResultContent result={result} /> : null
}

/** A run in a word, and how long it took here. */
export function OutcomeBadge({ run: { outcome, ms } }: { readonly run: Run }) {
  const time = duration(ms * 1_000)
  if (outcome === 'ok') {
    return (
      <Badge tone="ok" icon={<CircleCheck aria-hidden />}>
        Done · {time}
      </Badge>
    )
  }
  if (outcome === 'cancelled') return <Badge icon={<Ban aria-hidden />}>Cancelled · {time}</Badge>
  return (
    <Badge tone="bad" icon={<CircleAlert aria-hidden />}>
      {outcome === 'tool-error' ? 'Tool error' : 'Failed'} · {time}
    </Badge>
  )
}
