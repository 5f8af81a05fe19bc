import { Link, useNavigate } from '@tanstack/react-router'
import { DataTable } from '@/components/data-table.tsx'
import type { ColumnDef } from '@/components/data-table-column.ts'
import { buttonClass } from '@/components/ui/button.tsx'
import { Section } from '@/components/ui/layout.tsx'
import { cn } from '@/lib/cn.ts'
import { duration, exact } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import { errorShare, type Insights, shareText } from './change.ts'
import { OVERVIEW_RANGES, type OverviewRange } from './overview-search.ts'
import type { InsightsResult } from './use-insights.ts'

type Tool = Insights['tools'][number]

const ROWS_MAX = 10
const NO_TOOLS: readonly Tool[] = []
const latency = (us: number | null): string => (us === null ? '–' : duration(us))

const COLUMNS: readonly ColumnDef<Tool>[] = [
  {
    id: 'tool',
    header: 'Tool',
    sortBy: ({ tool }) => tool,
    cell: ({ tool }) => <span className="font-mono text-xs break-all">{inertLine(tool, 120)}</span>,
  },
  {
    id: 'deployment',
    header: 'Deployment',
    sortBy: ({ deployment }) => deployment,
    isHiddenNarrow: true,
    cell: ({ deployment }) => <span className="text-soft">{inertLine(deployment, 80)}</span>,
  },
  { id: 'calls', header: 'Calls', align: 'right', sortBy: ({ calls }) => calls, cell: ({ calls }) => exact(calls) },
  { id: 'errors', header: 'Errors', align: 'right', sortBy: ({ errors }) => errors, cell: (row) => <Errors row={row} /> },
  { id: 'p50', header: 'p50', align: 'right', isHiddenNarrow: true, sortBy: ({ p50Us }) => p50Us, cell: ({ p50Us }) => latency(p50Us) },
  { id: 'p95', header: 'p95', align: 'right', sortBy: ({ p95Us }) => p95Us, cell: ({ p95Us }) => latency(p95Us) },
]

interface TopToolsProps {
  readonly insights: InsightsResult
  readonly range: OverviewRange
}

/** The tools called most; a row leads to its calls. */
export function TopTools({ insights: { data, isPlaceholderData }, range }: TopToolsProps) {
  const navigate = useNavigate()
  const rows = data?.tools.slice(0, ROWS_MAX) ?? NO_TOOLS
  return (
    <Section
      title="Top tools"
      isPadded={false}
      className={cn('transition-opacity', isPlaceholderData && 'opacity-60')}
      actions={
        <Link to="/app/activity" search={{ kind: 'call', range }} className={buttonClass({ variant: 'ghost', size: 'sm' })}>
          All calls
        </Link>
      }
    >
      <DataTable
        label="Tools called most"
        columns={COLUMNS}
        rows={rows}
        rowKey={({ deployment, tool }) => JSON.stringify([deployment, tool])}
        isLoading={data === undefined}
        onOpen={({ deployment, tool }) => void navigate({ to: '/app/activity', search: { kind: 'call', deployment, target: tool, range } })}
        initialSort={{ id: 'calls', desc: true }}
        skeletonRows={5}
        empty={<p className="px-4 py-3.5 text-soft">No tool was called in {OVERVIEW_RANGES[range].name}.</p>}
      />
    </Section>
  )
}

function Errors({ row }: { readonly row: Tool }) {
  if (row.errors === 0) return <span className="text-faint">0</span>
  return (
    <>
      {exact(row.errors)} <span className="text-faint max-sm:hidden">({shareText(errorShare(row))})</span>
    </>
  )
}
