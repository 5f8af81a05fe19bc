import { useMemo } from 'react'
import { TimeChart, type ChartSeries } from '@/components/chart.tsx'
import { Section, Skeleton } from '@/components/ui/layout.tsx'
import { cn } from '@/lib/cn.ts'
import { duration } from '@/lib/format.ts'
import { type Insights, okCalls } from './change.ts'
import { OVERVIEW_RANGES, type OverviewRange } from './overview-search.ts'
import type { InsightsResult } from './use-insights.ts'

interface CallChartsProps {
  readonly insights: InsightsResult
  readonly range: OverviewRange
}

const HEIGHT = 208
const NO_POINTS: Insights['series'] = []
const CALLS: readonly ChartSeries[] = [
  { key: 'ok', label: 'Answered', color: 'chart-1' },
  { key: 'errors', label: 'Failed', color: 'chart-3' },
  { key: 'denied', label: 'Denied', color: 'chart-2' },
]
const LATENCY: readonly ChartSeries[] = [
  { key: 'p50', label: 'p50', color: 'chart-7' },
  { key: 'p95', label: 'p95', color: 'chart-4' },
]

/** How many calls and how they ended; beside it how long they took. */
export function CallCharts({ insights: { data, isPlaceholderData }, range }: CallChartsProps) {
  const series = data?.series ?? NO_POINTS
  const calls = useMemo(
    () => series.map((point) => ({ at: point.at, ok: okCalls(point), errors: point.errors, denied: point.denied })),
    [series],
  )
  const latency = useMemo(() => series.map(({ at, p50Us, p95Us }) => ({ at, p50: p50Us, p95: p95Us })), [series])
  const { name } = OVERVIEW_RANGES[range]
  const isEmpty = data?.totals.calls === 0
  const empty = `Nothing was called in ${name}.`
  return (
    <div className={cn('grid min-w-0 gap-6 transition-opacity lg:grid-cols-[3fr_2fr]', isPlaceholderData && 'opacity-60')}>
      <Section title="Calls by outcome">
        {data === undefined ? (
          <Holder />
        ) : (
          <TimeChart
            label={`Calls in ${name}`}
            points={isEmpty ? [] : calls}
            series={CALLS}
            kind="bar"
            isStacked
            height={HEIGHT}
            empty={empty}
          />
        )}
      </Section>
      <Section title="Latency">
        {data === undefined ? (
          <Holder />
        ) : (
          <TimeChart
            label={`Latency in ${name}`}
            points={latency}
            series={LATENCY}
            kind="line"
            format={duration}
            height={HEIGHT}
            empty={empty}
          />
        )}
      </Section>
    </div>
  )
}

function Holder() {
  return (
    <div className="flex flex-col gap-2">
      <Skeleton className="h-4 w-40" />
      <div style={{ height: HEIGHT }}>
        <Skeleton className="size-full" />
      </div>
    </div>
  )
}
