import type { ChartColor } from './chart.tsx'
import { HEIGHT, sparkPieces, WIDTH } from './spark-pieces.ts'

interface SparklineProps {
  readonly values: readonly (number | null)[]
  readonly color?: ChartColor
  /** What it shows, in words. */
  readonly label: string
  readonly className?: string
}

/** A small line beside a number, from zero to its own highest value. Nothing but zeros is nothing to look at: it stays grey. */
export function Sparkline({ values, color = 'chart-1', label, className = 'h-6 w-24' }: SparklineProps) {
  const pieces = sparkPieces(values)
  const isFlat = values.every((value) => value === null || value === 0)
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className={className}>
      {pieces.map((piece, index) => {
        // A single point has no line; it is drawn as a short one.
        const points = piece.length > 1 ? piece : piece.flatMap(([x, y]) => [[Math.max(0, x - 1), y] as const, [x + 1, y] as const])
        const line = points.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`).join(' ')
        return (
          <g key={index} style={{ color: isFlat ? 'var(--line)' : `var(--${color})` }}>
            <polygon
              points={`${points[0]![0].toFixed(2)},${HEIGHT} ${line} ${points.at(-1)![0].toFixed(2)},${HEIGHT}`}
              fill="currentColor"
              opacity={0.14}
            />
            <polyline
              points={line}
              fill="none"
              stroke="currentColor"
              strokeWidth={1.5}
              strokeLinejoin="round"
              vectorEffect="non-scaling-stroke"
            />
          </g>
        )
      })}
    </svg>
  )
}
