import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { buttonClass } from '@/components/ui/button.tsx'
import { Section, Skeleton } from '@/components/ui/layout.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { StateBadge } from '@/features/deployments/state-badge.tsx'
import type { ResponseOf } from '@/lib/api.ts'
import { exact } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'
import { useApi } from '@/lib/queries.ts'
import { REFRESH_MS } from './use-insights.ts'

type Deployment = ResponseOf<'listDeployments'>['items'][number]

const LISTED = 6
const PAGE_SIZE = 200

/** Those that need something first. */
const ORDER: readonly (string | undefined)[] = [
  'failed',
  'backoff',
  'needs-input',
  'waiting-approval',
  'installing',
  'starting',
  undefined,
  'stopped',
  'ready',
]
const rank = ({ status }: Deployment): number => ORDER.indexOf(status?.state)

/** The servers behind the door: how many are in which state, and the first few by name. */
export function Servers() {
  const { data, error } = useApi('listDeployments', { query: { limit: PAGE_SIZE } }, { refetchInterval: REFRESH_MS })
  return (
    <Section
      title="Servers"
      isPadded={false}
      actions={
        <Link to="/app/deployments" className={buttonClass({ variant: 'ghost', size: 'sm' })}>
          All deployments
        </Link>
      }
    >
      {error !== null && data === undefined ? (
        <div className="p-4">
          <ProblemNote problem={asProblem(error)} />
        </div>
      ) : data === undefined ? (
        <div className="flex flex-col gap-3 p-4">
          <Skeleton className="h-5 w-40" />
          <Skeleton className="h-16 w-full" />
        </div>
      ) : data.items.length === 0 ? (
        <p className="flex flex-wrap items-center gap-3 p-4 text-soft">
          No server stands behind the door yet.
          <Link to="/app/deployments" search={{ add: 1 }} className={buttonClass({ size: 'sm' })}>
            <Plus aria-hidden /> Add server
          </Link>
        </p>
      ) : (
        <List deployments={data.items} hasMore={data.nextCursor !== null} />
      )}
    </Section>
  )
}

function List({ deployments, hasMore }: { readonly deployments: readonly Deployment[]; readonly hasMore: boolean }) {
  const byState = [...Map.groupBy(deployments, ({ status }) => status?.state ?? null)].toSorted(
    ([a], [b]) => ORDER.indexOf(a ?? undefined) - ORDER.indexOf(b ?? undefined),
  )
  const listed = deployments.toSorted((a, b) => rank(a) - rank(b)).slice(0, LISTED)
  return (
    <>
      <ul aria-label="Servers by state" className="flex flex-wrap gap-x-4 gap-y-2 border-b px-4 py-2.5">
        {byState.map(([state, group]) => (
          <li key={state} data-tabular className="inline-flex items-center gap-1.5 text-sm font-medium">
            {exact(group.length)}
            {hasMore && '+'} <StateBadge state={state} />
          </li>
        ))}
      </ul>
      <ul className="divide-y text-sm">
        {listed.map((deployment) => (
          <li key={deployment.name}>
            <Link
              to="/app/deployments/$name"
              params={{ name: deployment.name }}
              className="flex h-9 items-center gap-3 px-4 -outline-offset-2 hover:bg-hover"
            >
              <span className="min-w-0 grow truncate font-medium">
                {inertLine(deployment.title === '' ? deployment.name : deployment.title, 80)}
              </span>
              {typeof deployment.status?.toolCount === 'number' && (
                <span className="shrink-0 text-xs text-faint">{exact(deployment.status.toolCount)} tools</span>
              )}
              <StateBadge state={deployment.status?.state ?? null} />
            </Link>
          </li>
        ))}
      </ul>
    </>
  )
}
