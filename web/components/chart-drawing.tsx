import { Area, Bar, BarChart, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { count, dateTime, exact } from '@/lib/format.ts'
import type { ChartPoint, ChartSeries, TimeChartProps } from './chart.tsx'

const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const day = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' })
const DAY_MS = 86_400_000
const tick = { fill: 'var(--faint)', fontSize: 11 }

/** Labels of the time axis: hours when all of it lies within a day and a half, else days. */
export function timeLabel(points: readonly { readonly at: string }[]): (at: string) => string {
  const spanMs = new Date(points.at(-1)?.at ?? 0).getTime() - new Date(points[0]?.at ?? 0).getTime()
  const format = spanMs <= 1.5 * DAY_MS ? clock : day
  return (at) => format.format(new Date(at))
}

/** The drawing alone; `TimeChart` brings it when there is something to draw. */
export function ChartDrawing({ points, series, kind, isStacked = false, format, height = 200 }: TimeChartProps) {
  const short = format ?? count
  // Only this one marks the whole column under the pointer.
  const Chart = kind === 'bar' ? BarChart : ComposedChart
  return (
    <ResponsiveContainer width="100%" height={height} initialDimension={{ width: 320, height }}>
      <Chart data={[...points]} margin={{ top: 4, right: 4, bottom: 0, left: 0 }} accessibilityLayer={false} barCategoryGap={1}>
        <CartesianGrid vertical={false} stroke="var(--line)" shapeRendering="crispEdges" />
        <XAxis
          dataKey="at"
          tickFormatter={timeLabel(points)}
          tick={tick}
          tickLine={false}
          axisLine={{ stroke: 'var(--line)', shapeRendering: 'crispEdges' }}
          minTickGap={48}
          height={22}
        />
        <YAxis
          tickFormatter={short}
          tick={tick}
          tickLine={false}
          axisLine={false}
          width="auto"
          allowDecimals={format !== undefined}
          // Below three the ticks of whole things would be fractions.
          {...(format === undefined ? { domain: [0, (most: number) => Math.max(3, most)] as const } : {})}
          tickCount={4}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={kind === 'bar' ? { fill: 'var(--hover)' } : { stroke: 'var(--line-strong)', shapeRendering: 'crispEdges' }}
          content={<Values series={series} format={format ?? exact} />}
        />
        {series.map((each) => drawSeries(each, points, kind, isStacked))}
      </Chart>
    </ResponsiveContainer>
  )
}

function drawSeries({ key, color }: ChartSeries, points: readonly ChartPoint[], kind: TimeChartProps['kind'], isStacked: boolean) {
  const ink = `var(--${color})`
  const shared = { dataKey: key, isAnimationActive: false, ...(isStacked ? { stackId: 'all' } : {}) }
  if (kind === 'bar') return <Bar key={key} {...shared} fill={ink} maxBarSize={28} />
  const line = {
    ...shared,
    stroke: ink,
    strokeWidth: 1.5,
    dot: lonely(points, key, ink),
    activeDot: { r: 3, strokeWidth: 0 },
    type: 'linear' as const,
  }
  if (kind === 'line') return <Line key={key} {...line} />
  return <Area key={key} {...line} fill={ink} fillOpacity={isStacked ? 0.35 : 0.14} />
}

/** A point without neighbours has no line: it gets a dot. */
function lonely(points: readonly ChartPoint[], key: string, ink: string) {
  const isEmpty = (index: number): boolean => typeof points[index]?.[key] !== 'number'
  return ({ cx, cy, index }: { readonly cx?: number; readonly cy?: number; readonly index?: number }) => {
    if (cx === undefined || cy === undefined || index === undefined || isEmpty(index)) return <g key={index} />
    return isEmpty(index - 1) && isEmpty(index + 1) ? <circle key={index} cx={cx} cy={cy} r={2} fill={ink} /> : <g key={index} />
  }
}

interface ValuesProps {
  /** These two the drawing fills in. */
  readonly active?: boolean
  readonly payload?: readonly { readonly payload?: unknown }[]
  readonly series: readonly ChartSeries[]
  readonly format: (value: number) => string
}

function Values({ active = false, payload = [], series, format }: ValuesProps) {
  const point = payload[0]?.payload as ChartPoint | undefined
  if (!active || point === undefined) return null
  return (
    <div className="rounded-md border bg-surface px-2.5 py-2 text-xs text-text shadow-float">
      <p className="mb-1 text-faint" data-tabular>
        {dateTime(point.at)}
      </p>
      {series.map(({ key, label, color }) => (
        <p key={key} className="flex items-center gap-2" data-tabular>
          <span className="size-2 rounded-[2px]" style={{ background: `var(--${color})` }} />
          <span className="grow text-soft">{label}</span>
          <span className="pl-4 font-medium">{typeof point[key] === 'number' ? format(point[key]) : '–'}</span>
        </p>
      ))}
    </div>
  )
}
