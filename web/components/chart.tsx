import { lazy, Suspense } from 'react'
import { Skeleton } from '@/components/ui/layout.tsx'
import { dateTime, exact } from '@/lib/format.ts'
import { patiently } from '@/lib/patiently.ts'

export type ChartColor = `chart-${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8}` | 'ok' | 'warn' | 'bad'

export interface ChartSeries {
  readonly key: string
  readonly label: string
  readonly color: ChartColor
}

/** `at` is an ISO time; every other key holds the value of a series. Null is a gap. */
export type ChartPoint = { readonly at: string } & Readonly<Record<string, string | number | null>>

export interface TimeChartProps {
  readonly label: string
  readonly points: readonly ChartPoint[]
  readonly series: readonly ChartSeries[]
  readonly kind: 'bar' | 'area' | 'line'
  readonly isStacked?: boolean
  readonly format?: (value: number) => string
  readonly height?: number
  /** Said when there is nothing to draw. */
  readonly empty?: string
  readonly isLegendHidden?: boolean
}

// The drawing library is larger than the rest of the console together.
const Drawing = lazy(patiently(async () => ({ default: (await import('./chart-drawing.tsx')).ChartDrawing })))

/** Values over time. What is drawn stands in a table for those who do not see it. */
export function TimeChart(props: TimeChartProps) {
  const { label, points, series, height = 200, empty = 'Nothing happened in this time.', isLegendHidden = false } = props
  const isEmpty = !points.some((point) => series.some(({ key }) => typeof point[key] === 'number'))
  return (
    <figure className="flex min-w-0 flex-col gap-2" aria-label={label}>
      {series.length > 1 && !isLegendHidden && <Legend series={series} />}
      {isEmpty ? (
        <div className="grid place-items-center rounded-md border border-dashed text-sm text-faint" style={{ height }}>
          {empty}
        </div>
      ) : (
        <>
          <div aria-hidden style={{ height }}>
            <Suspense fallback={<Skeleton className="size-full" />}>
              <Drawing {...props} height={height} />
            </Suspense>
          </div>
          <Values {...props} />
        </>
      )}
    </figure>
  )
}

function Legend({ series }: { readonly series: readonly ChartSeries[] }) {
  return (
    <ul aria-hidden className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
      {series.map(({ key, label, color }) => (
        <li key={key} className="inline-flex items-center gap-1.5">
          <span className="size-2 rounded-[2px]" style={{ background: `var(--${color})` }} />
          {label}
        </li>
      ))}
    </ul>
  )
}

function Values({ label, points, series, format = exact }: TimeChartProps) {
  return (
    <div className="sr-only">
      <table>
        <caption>{label}</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map((each) => (
              <th key={each.key} scope="col">
                {each.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {points.map((point) => (
            <tr key={point.at}>
              <th scope="row">{dateTime(point.at)}</th>
              {series.map(({ key }) => (
                <td key={key}>{typeof point[key] === 'number' ? format(point[key]) : 'no value'}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
