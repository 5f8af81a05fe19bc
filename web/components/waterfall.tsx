import { CircleAlert, CircleCheck, OctagonX } from 'lucide-react'
import { Badge } from '@/components/ui/badge.tsx'
import { cn } from '@/lib/cn.ts'
import { duration } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import { divideTime, layoutBars, type WaterfallBar, type WaterfallStep } from './waterfall-layout.ts'

interface WaterfallProps {
  readonly steps: readonly WaterfallStep[]
  readonly totalUs: number
  readonly verdict: 'allow' | 'deny'
  /** `ok`, `tool-error`, `cancelled`, or the type of the problem. */
  readonly outcome: string
  readonly className?: string
}

const STEPS: Readonly<Record<string, readonly [label: string, what: string]>> = {
  identify: ['Identify', 'Who asks, by the credential shown'],
  resolve: ['Resolve', 'Which profile or deployment the address names'],
  authorize: ['Authorize', 'Whether this caller may do this; the rule that decided'],
  limit: ['Limit', 'Whether the allowance of this caller has room'],
  'inspect-call': ['Inspect call', 'What the guard saw in the arguments'],
  forward: ['Forward', 'Time in the server that was called'],
  'inspect-result': ['Inspect result', 'What the guard saw in the result'],
}

/** The flight record of a call: its steps one below the other, each bar where and about as long as its time was. */
export function Waterfall({ steps, totalUs, verdict, outcome, className }: WaterfallProps) {
  const bars = layoutBars(steps, totalUs)
  const { ours, theirs } = divideTime(steps, totalUs)
  const isRefused = verdict === 'deny'
  return (
    <div className={cn('flex min-w-0 flex-col gap-2 text-sm', className)}>
      {steps.length === 0 ? (
        <p className="text-faint">No steps were recorded.</p>
      ) : (
        <ol aria-label="Steps of the call" className="flex flex-col">
          {steps.map((step, index) => (
            <Row
              key={index}
              step={step}
              bar={bars[index]!}
              isFailed={index === steps.length - 1 && outcome !== 'ok' && outcome !== 'cancelled'}
            />
          ))}
        </ol>
      )}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t pt-2" data-tabular>
        <Outcome isRefused={isRefused} outcome={outcome} />
        <span className="text-xs text-faint">
          <Dot className="bg-chart-4" /> Sallyport {duration(ours)}
          {theirs > 0 && (
            <>
              <Dot className="ml-3 bg-chart-1" /> Server {duration(theirs)}
            </>
          )}
        </span>
        <span className="ml-auto font-medium">
          <span className="mr-1.5 text-xs font-normal text-faint">Total</span>
          {duration(totalUs)}
        </span>
      </div>
    </div>
  )
}

const Dot = ({ className }: { readonly className: string }) => (
  <span aria-hidden className={cn('mr-0.5 inline-block size-2 rounded-[2px]', className)} />
)

function Outcome({ isRefused, outcome }: { readonly isRefused: boolean; readonly outcome: string }) {
  if (isRefused) {
    return (
      <Badge tone="bad" icon={<OctagonX aria-hidden />}>
        Refused: {inertLine(outcome, 60)}
      </Badge>
    )
  }
  const isOk = outcome === 'ok'
  return (
    <Badge tone={isOk ? 'ok' : 'warn'} icon={isOk ? <CircleCheck aria-hidden /> : <CircleAlert aria-hidden />}>
      {isOk ? 'Answered' : inertLine(outcome, 60)}
    </Badge>
  )
}

function Row({ step, bar, isFailed }: { readonly step: WaterfallStep; readonly bar: WaterfallBar; readonly isFailed: boolean }) {
  const [label, what] = STEPS[step.name] ?? [inertLine(step.name, 40), undefined]
  const note = step.note === undefined || step.note === '' ? null : inertLine(step.note, 300)
  return (
    <li className="grid grid-cols-[1fr_auto] items-center gap-x-3 gap-y-1 py-1.5 sm:min-h-8 sm:grid-cols-[7.5rem_minmax(6rem,1fr)_4.5rem] sm:py-1">
      <span title={what} className={cn('truncate', isFailed ? 'font-medium text-bad' : 'text-soft')}>
        {label}
      </span>
      <span aria-hidden className="relative col-span-2 row-start-2 h-2.5 rounded-[2px] bg-sunken sm:col-span-1 sm:row-start-auto">
        <span
          className={cn(
            'absolute inset-y-0 min-w-[3px] rounded-[2px]',
            isFailed ? 'bg-bad' : step.name === 'forward' ? 'bg-chart-1' : 'bg-chart-4',
          )}
          style={{ left: `${bar.start}%`, width: `${bar.width}%` }}
        />
      </span>
      <span data-tabular className="text-right text-xs whitespace-nowrap text-text sm:text-sm">
        {duration(step.us)}
      </span>
      {note !== null && (
        <span className="col-span-full inline-flex min-w-0 items-start gap-1 text-xs break-words text-faint sm:col-start-2">
          {isFailed && <CircleAlert aria-hidden className="mt-0.5 size-3 shrink-0 text-bad" />}
          <span className="min-w-0 break-words">{note}</span>
        </span>
      )}
    </li>
  )
}
