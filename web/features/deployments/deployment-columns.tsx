import { Link } from '@tanstack/react-router'
import type { ColumnDef } from '@/components/data-table.tsx'
import { exact } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import { type Deployment, needsSomebody, STATES } from './deployment-model.ts'
import { EraBadge, IsolationBadge, StateBadge } from './state-badge.tsx'
import { WhatRuns } from './what-runs.tsx'

const ORIGINS = { api: 'Added', starter: 'Starter', declared: 'Declared' } as const
const NONE = <span className="text-faint">–</span>

/** The list of deployments, column by column. */
export const DEPLOYMENT_COLUMNS: readonly ColumnDef<Deployment>[] = [
  { id: 'name', header: 'Server', cell: (row) => <NameCell deployment={row} />, sortBy: ({ name }) => name },
  {
    id: 'runs',
    header: 'Runs',
    cell: ({ spec }) => (
      <div className="max-w-80 min-w-32">
        <WhatRuns spec={spec} />
      </div>
    ),
    sortBy: ({ spec }) => spec.kind,
    isHiddenNarrow: true,
  },
  {
    id: 'state',
    header: 'State',
    cell: (row) => <StateCell deployment={row} />,
    sortBy: ({ status }) => (status === null ? STATES.length : STATES.indexOf(status.state)),
  },
  {
    id: 'isolation',
    header: 'Isolation',
    cell: ({ status }) => <IsolationBadge level={status?.isolation ?? null} isPlain />,
    sortBy: ({ status }) => status?.isolation,
    isHiddenNarrow: true,
  },
  {
    id: 'tools',
    header: 'Tools',
    align: 'right',
    cell: ({ status }) => (status?.toolCount === null || status === null ? NONE : exact(status.toolCount)),
    sortBy: ({ status }) => status?.toolCount,
  },
  {
    id: 'era',
    header: 'Era',
    cell: ({ status }) => <EraBadge era={status?.era ?? null} />,
    sortBy: ({ status }) => status?.era,
    isHiddenNarrow: true,
  },
  {
    id: 'restarts',
    header: 'Restarts',
    align: 'right',
    cell: ({ status, spec }) => (status === null || spec.kind !== 'process' ? NONE : exact(status.restarts)),
    sortBy: ({ status }) => status?.restarts,
    isHiddenNarrow: true,
  },
  {
    id: 'origin',
    header: 'Origin',
    cell: ({ origin }) => (
      <span
        className="whitespace-nowrap text-soft"
        title={origin.kind === 'declared' ? origin.place : origin.kind === 'api' ? 'Added in the console or over the API' : undefined}
      >
        {ORIGINS[origin.kind]}
      </span>
    ),
    sortBy: ({ origin }) => origin.kind,
    isHiddenNarrow: true,
  },
]

function NameCell({ deployment: { name, title } }: { readonly deployment: Deployment }) {
  return (
    <div className="min-w-28">
      <Link to="/app/deployments/$name" params={{ name }} tabIndex={-1} className="font-mono text-sm font-medium hover:underline">
        {name}
      </Link>
      {title !== name && <p className="max-w-56 truncate text-xs text-faint">{inertLine(title, 120)}</p>}
    </div>
  )
}

function StateCell({ deployment: { status } }: { readonly deployment: Deployment }) {
  return (
    <div className={needsSomebody(status) ? 'min-w-24 sm:min-w-56' : 'min-w-24'}>
      <StateBadge state={status?.state ?? null} />
      {needsSomebody(status) && status?.cause !== null && (
        <p className="mt-0.5 line-clamp-2 max-w-72 text-xs wrap-anywhere text-soft" title={inertLine(status?.cause ?? '', 600)}>
          {inertLine(status?.cause ?? '', 200)}
        </p>
      )}
    </div>
  )
}
