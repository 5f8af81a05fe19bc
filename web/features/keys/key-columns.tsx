import type { ColumnDef } from '@/components/data-table.tsx'
import { TimeAgo } from '@/components/ui/time.tsx'
import { cn } from '@/lib/cn.ts'
import { inertLine } from '@/lib/inert.ts'
import { ExpiryCell, KindBadge, ScopeBadges, YouBadge } from './key-badges.tsx'
import { isUsable, type Key, stateOf } from './key-model.ts'

const NAMES_SHOWN = 3

/** A few names, then how many more. */
export function NameList({ names, all }: { readonly names: readonly string[] | null; readonly all: string }) {
  if (names === null) return <span className="text-faint">{all}</span>
  return (
    <span className="font-mono text-xs">
      {names
        .slice(0, NAMES_SHOWN)
        .map((name) => inertLine(name, 40))
        .join(', ')}
      {names.length > NAMES_SHOWN && <span className="text-faint"> +{names.length - NAMES_SHOWN}</span>}
    </span>
  )
}

/** The columns of the table of keys; `ownId` is the key that this page is signed in with. */
export function keyColumns(ownId: string | null, nowMs: number): readonly ColumnDef<Key>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      sortBy: ({ name }) => name.toLowerCase(),
      cell: (row) => (
        <span className="flex min-w-32 flex-wrap items-center gap-x-2 gap-y-1">
          <span className={cn('font-medium break-words', !isUsable(stateOf(row, nowMs)) && 'text-faint line-through')}>
            {inertLine(row.name, 80)}
          </span>
          {row.id === ownId && <YouBadge />}
        </span>
      ),
    },
    { id: 'kind', header: 'Kind', width: '6rem', sortBy: ({ kind }) => kind, cell: ({ kind }) => <KindBadge kind={kind} /> },
    { id: 'scopes', header: 'May', isHiddenNarrow: true, cell: (row) => <ScopeBadges row={row} /> },
    {
      id: 'endpoints',
      header: 'Restricted to',
      isHiddenNarrow: true,
      cell: ({ endpoints, tools }) => (
        <span className="flex flex-col">
          <NameList names={endpoints} all="all endpoints" />
          {tools !== null && (
            <span className="text-soft">
              tools <NameList names={tools} all="" />
            </span>
          )}
        </span>
      ),
    },
    {
      id: 'used',
      header: 'Last used',
      width: '8rem',
      sortBy: ({ lastUsedAt }) => lastUsedAt,
      cell: ({ lastUsedAt }) => <TimeAgo at={lastUsedAt} />,
    },
    {
      id: 'expires',
      header: 'Ends',
      width: '9rem',
      isHiddenNarrow: true,
      sortBy: ({ revokedAt, expiresAt }) => revokedAt ?? expiresAt,
      cell: (row) => <ExpiryCell row={row} state={stateOf(row, nowMs)} />,
    },
    {
      id: 'created',
      header: 'Created',
      width: '7rem',
      isHiddenNarrow: true,
      sortBy: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => <TimeAgo at={createdAt} />,
    },
  ]
}
