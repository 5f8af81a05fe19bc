import { Ban, CircleCheck } from 'lucide-react'
import type { ColumnDef } from '@/components/data-table-column.ts'
import { cn } from '@/lib/cn.ts'
import { bytes, dateTime, duration } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import type { ActivityItem } from './activity-search.ts'
import { actorName, fieldText, kindName, methodName, outcomeTone } from './activity-text.ts'
import { FilterValue, type OnFilter } from './filter-value.tsx'
import { rowTime } from './row-time.ts'
import type { Width } from './use-width.ts'

const OUTCOME_CLASSES = { ok: 'text-soft', neutral: 'text-soft', warn: 'text-warn', bad: 'text-bad' } as const

export const ROW_HEIGHTS: Readonly<Record<Width, number>> = { wide: 32, medium: 32, narrow: 56 }

/** What a row shows, by how much room there is. Must be kept between renders: rows are drawn anew when it changes. */
export function activityColumns(width: Width, onFilter: OnFilter): readonly ColumnDef<ActivityItem>[] {
  if (width === 'narrow') return [{ id: 'event', header: 'Event', cell: (item) => <Card item={item} /> }]
  const all: readonly ColumnDef<ActivityItem>[] = [
    { id: 'time', header: 'Time', width: '5.25rem', cell: Time },
    { id: 'who', header: 'Who', width: '0.75fr', cell: (item) => <Who item={item} onFilter={onFilter} /> },
    { id: 'where', header: 'Endpoint', width: '0.98fr', cell: (item) => <Where item={item} onFilter={onFilter} /> },
    { id: 'what', header: 'What', width: '1.5fr', cell: (item) => <What item={item} onFilter={onFilter} /> },
    { id: 'verdict', header: 'Verdict', width: '6rem', cell: (item) => <VerdictCell item={item} onFilter={onFilter} /> },
    { id: 'rule', header: 'Rule', width: '7rem', cell: ({ rule }) => <span className="text-soft">{inertLine(rule, 80)}</span> },
    { id: 'outcome', header: 'Outcome', width: '8rem', cell: (item) => <Outcome item={item} onFilter={onFilter} /> },
    { id: 'took', header: 'Took', width: '5rem', align: 'right', cell: ({ us }) => duration(us) },
    {
      id: 'bytes',
      header: 'In / out',
      width: '7.5rem',
      align: 'right',
      cell: ({ bytesIn, bytesOut }) => <span className="text-soft">{`${bytes(bytesIn)} / ${bytes(bytesOut)}`}</span>,
    },
  ]
  return width === 'wide' ? all : all.filter(({ id }) => id !== 'where' && id !== 'rule' && id !== 'bytes')
}

interface CellProps {
  readonly item: ActivityItem
  readonly onFilter: OnFilter
}

function Time({ at }: ActivityItem) {
  return (
    <time dateTime={at} title={dateTime(at)} className="text-soft">
      {rowTime(at)}
    </time>
  )
}

function Who({ item, onFilter }: CellProps) {
  return (
    <FilterValue field="actor" value={item.actor.id} onFilter={onFilter} className={item.actor.name === '' ? 'text-soft' : ''}>
      {actorName(item)}
    </FilterValue>
  )
}

function Where({ item, onFilter }: CellProps) {
  if (item.kind !== 'call')
    return (
      <FilterValue field="kind" value={item.kind} onFilter={onFilter} className="text-soft">
        {kindName(item.kind)}
      </FilterValue>
    )
  const endpoint = (
    <FilterValue field="endpoint" value={item.endpoint} onFilter={onFilter}>
      {fieldText('endpoint', item.endpoint)}
    </FilterValue>
  )
  if (item.deployment === '' || item.deployment === item.endpoint) return endpoint
  return (
    <span className="flex">
      {endpoint}
      <FilterValue field="deployment" value={item.deployment} onFilter={onFilter} className="min-w-0 grow text-soft">
        {`\u00A0/ ${inertLine(item.deployment, 80)}`}
      </FilterValue>
    </span>
  )
}

function What({ item, onFilter }: CellProps) {
  return (
    <span className="flex gap-2">
      <FilterValue field="method" value={item.method} onFilter={onFilter} className="max-w-44 shrink-0 text-soft">
        {methodName(item.method)}
      </FilterValue>
      {item.target !== '' && (
        <FilterValue field="target" value={item.target} onFilter={onFilter} className="min-w-0 grow font-mono text-xs leading-5">
          {inertLine(item.target, 120)}
        </FilterValue>
      )}
    </span>
  )
}

function VerdictCell({ item, onFilter }: CellProps) {
  return (
    <FilterValue field="verdict" value={item.verdict} onFilter={onFilter}>
      <Verdict verdict={item.verdict} />
    </FilterValue>
  )
}

export function Verdict({ verdict }: Pick<ActivityItem, 'verdict'>) {
  const isDenied = verdict === 'deny'
  return (
    <span className={`inline-flex items-center gap-1.5 align-top [&_svg]:size-3.5 ${isDenied ? 'font-medium text-bad' : 'text-ok'}`}>
      {isDenied ? <Ban aria-hidden /> : <CircleCheck aria-hidden />}
      {isDenied ? 'Denied' : 'Allowed'}
    </span>
  )
}

function Outcome({ item, onFilter }: CellProps) {
  return (
    <FilterValue field="outcome" value={item.outcome} onFilter={onFilter} className={OUTCOME_CLASSES[outcomeTone(item)]}>
      {inertLine(item.outcome, 60)}
    </FilterValue>
  )
}

/** Two lines for narrow screens. */
function Card({ item }: { readonly item: ActivityItem }) {
  const what = item.target === '' ? methodName(item.method) : item.target
  return (
    <span className="flex min-w-0 flex-col gap-0.5 py-1">
      <span className="flex min-w-0 items-center gap-2">
        <span className="min-w-0 grow truncate font-mono text-xs">{inertLine(what, 120)}</span>
        <span className={cn('shrink-0 text-xs', OUTCOME_CLASSES[outcomeTone(item)])}>
          {item.outcome === 'ok' ? duration(item.us) : inertLine(item.outcome, 24)}
        </span>
      </span>
      <span className="flex min-w-0 items-center gap-2 text-xs text-soft">
        <Verdict verdict={item.verdict} />
        <span className="min-w-0 grow truncate">
          {[actorName(item), fieldText('endpoint', item.endpoint)].filter((part) => part !== '').join(' · ')}
        </span>
        <time dateTime={item.at} className="shrink-0 text-soft">
          {rowTime(item.at)}
        </time>
      </span>
    </span>
  )
}
