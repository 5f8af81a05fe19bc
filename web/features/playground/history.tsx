import { GitCompareArrows, RotateCcw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Section } from '@/components/ui/layout.tsx'
import { TimeAgo } from '@/components/ui/time.tsx'
import { Checkbox } from '@/components/ui/toggle.tsx'
import { cn } from '@/lib/cn.ts'
import { inertLine } from '@/lib/inert.ts'
import { CompareRuns } from './compare-runs.tsx'
import { OutcomeBadge } from './result-panel.tsx'
import type { Run } from './runs.ts'

interface HistoryProps {
  readonly runs: readonly Run[]
  readonly shownId: string | undefined
  readonly onShow: (run: Run) => void
  readonly onReplay: (run: Run) => void
  readonly onClear: () => void
}

/** The runs of this visit: looked at again, taken up again, compared two at a time. */
export function History({ runs, shownId, onShow, onReplay, onClear }: HistoryProps) {
  const [picked, setPicked] = useState<readonly string[]>([])
  const [isComparing, setIsComparing] = useState(false)
  const chosen = runs.filter(({ id }) => picked.includes(id))
  if (runs.length === 0) return null
  return (
    <Section
      title="Runs of this visit"
      isPadded={false}
      actions={
        <span className="flex gap-1">
          <Button size="sm" disabled={chosen.length !== 2} onClick={() => setIsComparing(true)}>
            <GitCompareArrows /> Compare {chosen.length} of 2
          </Button>
          <Button size="sm" variant="ghost" onClick={onClear}>
            <Trash2 /> Clear
          </Button>
        </span>
      }
    >
      <ul className="max-h-80 overflow-y-auto">
        {runs.map((run) => (
          <li
            key={run.id}
            className={cn('flex min-w-0 items-center gap-2 border-b px-3 py-1 last:border-b-0', run.id === shownId && 'bg-accent-soft')}
          >
            <Checkbox
              isChecked={picked.includes(run.id)}
              isLabelHidden
              label={`Compare the run of ${inertLine(run.tool, 80)}`}
              onChange={(isChecked) => setPicked((now) => (isChecked ? [...now, run.id].slice(-2) : now.filter((id) => id !== run.id)))}
            />
            <button
              type="button"
              aria-current={run.id === shownId ? 'true' : undefined}
              onClick={() => onShow(run)}
              className="flex min-h-8 min-w-0 grow flex-wrap items-center gap-x-3 rounded-sm px-1 text-left text-sm hover:bg-hover"
            >
              <span className="flex min-w-0 basis-32 grow flex-col py-1">
                <code className="truncate font-mono text-[0.8125rem]">{inertLine(run.tool, 80)}</code>
                <span className="flex min-w-0 gap-2 text-xs text-soft">
                  <TimeAgo at={run.at} />
                  <span className="truncate">{summary(run)}</span>
                </span>
              </span>
              <OutcomeBadge run={run} />
            </button>
            <Button
              variant="ghost"
              size="icon"
              aria-label={`Take the arguments of ${inertLine(run.tool, 80)} again`}
              onClick={() => onReplay(run)}
            >
              <RotateCcw />
            </Button>
          </li>
        ))}
      </ul>
      {chosen.length === 2 && (
        <CompareRuns isOpen={isComparing} onClose={() => setIsComparing(false)} before={chosen[1]!} after={chosen[0]!} />
      )}
    </Section>
  )
}

const summary = ({ args }: Run): string => (Object.keys(args).length === 0 ? '' : inertLine(JSON.stringify(args), 80))
