import { Link } from '@tanstack/react-router'
import { ArrowDownRight, ArrowUpRight, Minus } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ChartColor } from '@/components/chart.tsx'
import { Sparkline } from '@/components/sparkline.tsx'
import { Skeleton } from '@/components/ui/layout.tsx'
import { ProblemView } from '@/components/ui/problem.tsx'
import { cn } from '@/lib/cn.ts'
import { count, duration, exact } from '@/lib/format.ts'
import { type Change, errorShare, type Insights, okCalls, relativeChange, shareChange, shareText } from './change.ts'
import { OVERVIEW_RANGES, type OverviewRange } from './overview-search.ts'
import type { InsightsResult } from './use-insights.ts'

interface FiguresProps {
  readonly insights: InsightsResult
  readonly range: OverviewRange
}

/** Four numbers that say whether it is a good day. */
export function Figures({ insights: { data, error, refetch, isPlaceholderData }, range }: FiguresProps) {
  if (error !== null && data === undefined) return <ProblemView error={error} onRetry={() => void refetch()} />
  return (
    <section
      aria-label={`Calls in ${OVERVIEW_RANGES[range].name}`}
      className={cn(
        'grid grid-cols-2 gap-px overflow-hidden rounded-lg border bg-line transition-opacity xl:grid-cols-4',
        isPlaceholderData && 'opacity-60',
      )}
    >
      {(['Calls', 'Error rate', 'Denied', 'Latency'] as const).map((name) =>
        data === undefined ? <Holder key={name} name={name} /> : <Figure key={name} name={name} range={range} {...FIGURES[name](data)} />,
      )}
    </section>
  )
}

interface Shown {
  readonly value: ReactNode
  readonly note: string
  readonly change: Change
  readonly values: readonly (number | null)[]
  readonly color: ChartColor
  /** Where the events behind the number are. */
  readonly search: { readonly kind: 'call'; readonly verdict?: 'deny' }
}

const FIGURES: Readonly<Record<'Calls' | 'Error rate' | 'Denied' | 'Latency', (data: Insights) => Shown>> = {
  Calls: ({ totals, previous, series }) => ({
    value: <span title={exact(totals.calls)}>{count(totals.calls)}</span>,
    note: `${count(okCalls(totals))} went well`,
    change: relativeChange(totals.calls, previous.calls, null),
    values: series.map(({ calls }) => calls),
    color: 'chart-1',
    search: { kind: 'call' },
  }),
  'Error rate': ({ totals, previous, series }) => ({
    value: shareText(errorShare(totals)),
    note: `${count(totals.errors)} of the allowed failed`,
    change: shareChange(errorShare(totals), errorShare(previous)),
    values: series.map((point) => errorShare(point)),
    color: 'chart-3',
    search: { kind: 'call' },
  }),
  Denied: ({ totals, previous, series }) => ({
    value: <span title={exact(totals.denied)}>{count(totals.denied)}</span>,
    note: totals.calls === 0 ? 'of none' : `${shareText(totals.denied / totals.calls)} of all`,
    change: relativeChange(totals.denied, previous.denied, null),
    values: series.map(({ denied }) => denied),
    color: 'chart-2',
    search: { kind: 'call', verdict: 'deny' },
  }),
  Latency: ({ totals, previous, series }) => ({
    value: totals.p50Us === null ? '–' : duration(totals.p50Us),
    note: totals.p95Us === null ? 'p50; nothing was answered' : `p50, and p95 ${duration(totals.p95Us)}`,
    change: relativeChange(totals.p95Us, previous.p95Us, 'down'),
    values: series.map(({ p95Us }) => p95Us),
    color: 'chart-4',
    search: { kind: 'call' },
  }),
}

function Figure({
  name,
  range,
  value,
  note,
  change,
  values,
  color,
  search,
}: Shown & { readonly name: string; readonly range: OverviewRange }) {
  return (
    <Link
      to="/app/activity"
      search={{ ...search, range }}
      className="group flex h-32 min-w-0 flex-col bg-surface px-4 py-3 -outline-offset-2 hover:bg-hover"
    >
      <span className="text-xs font-medium text-faint">{name}</span>
      <span data-tabular className="mt-0.5 truncate text-xl font-semibold tracking-tight">
        {value}
      </span>
      <span className="truncate text-xs text-faint" data-tabular>
        {note}
      </span>
      <span className="mt-auto flex items-end justify-between gap-3">
        <Moved change={change} before={OVERVIEW_RANGES[range].before} />
        <Sparkline values={values} color={color} label={`${name} over time`} className="h-7 w-24 max-sm:w-10" />
      </span>
    </Link>
  )
}

const ICONS = { up: ArrowUpRight, down: ArrowDownRight, same: Minus, none: Minus } as const

/** Arrow and number; for who does not see them, in words. */
function Moved({ change: { direction, text, isGood }, before }: { readonly change: Change; readonly before: string }) {
  const Icon = ICONS[direction]
  const isMove = direction === 'up' || direction === 'down'
  return (
    <span
      data-tabular
      title={direction === 'none' ? `No calls in ${before} to compare with` : `Compared with ${before}`}
      className={cn(
        'inline-flex min-w-0 items-center gap-1 text-xs',
        isGood === true ? 'text-ok' : isGood === false ? 'text-bad' : 'text-soft',
      )}
    >
      {direction !== 'none' && <Icon aria-hidden className="size-3.5 shrink-0" />}
      {isMove && <span className="sr-only">{direction}</span>}
      <span className="truncate">{text}</span>
      {isMove && <span className="sr-only">compared with {before}</span>}
    </span>
  )
}

function Holder({ name }: { readonly name: string }) {
  return (
    <div className="flex h-32 flex-col bg-surface px-4 py-3">
      <span className="text-xs font-medium text-faint">{name}</span>
      <Skeleton className="mt-2 h-5 w-20" />
      <Skeleton className="mt-2 h-3 w-28" />
      <Skeleton className="mt-auto h-3.5 w-16" />
    </div>
  )
}
