import { Link } from '@tanstack/react-router'
import { ArrowDown, ArrowUp, X } from 'lucide-react'
import { Badge } from '@/components/ui/badge.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Remedy } from '@/components/ui/problem.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import type { Deployment } from '@/features/deployments/deployment-model.ts'
import { StateBadge } from '@/features/deployments/state-badge.tsx'
import { inertLine } from '@/lib/inert.ts'

interface ServerRowProps {
  readonly server: string
  /** Null: it was removed. */
  readonly deployment: Deployment | null
  readonly isFirst: boolean
  readonly isLast: boolean
  readonly isReadOnly: boolean
  readonly onMove: (by: -1 | 1) => void
  readonly onRemove: () => void
}

/** One server of a profile: its state with cause and remedy, its place, the way out. */
export function ServerRow({ server, deployment, isFirst, isLast, isReadOnly, onMove, onRemove }: ServerRowProps) {
  const status = deployment?.status ?? null
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-1 px-4 py-2.5">
      <div className="min-w-0 grow basis-56">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Link to="/app/deployments/$name" params={{ name: server }} className="font-mono text-sm font-medium break-all hover:underline">
            {server}
          </Link>
          {deployment === null ? <Badge tone="bad">Removed</Badge> : <StateBadge state={status?.state ?? null} />}
          {typeof status?.toolCount === 'number' && (
            <span data-tabular className="text-sm text-faint">
              {status.toolCount} {status.toolCount === 1 ? 'tool' : 'tools'}
            </span>
          )}
        </p>
        {deployment !== null && deployment.title !== server && <p className="text-sm text-soft">{inertLine(deployment.title, 120)}</p>}
        {status !== null && status.state !== 'ready' && status.cause !== null && (
          <div className="mt-1 text-sm">
            <p className="text-soft">
              <Untrusted text={status.cause} lengthMax={400} />
            </p>
            {status.remedy !== null && <Remedy text={status.remedy} />}
          </div>
        )}
      </div>
      {!isReadOnly && (
        <div className="flex shrink-0 items-center gap-0.5">
          <Button variant="ghost" size="icon" aria-label={`Move ${server} up`} disabled={isFirst} onClick={() => onMove(-1)}>
            <ArrowUp />
          </Button>
          <Button variant="ghost" size="icon" aria-label={`Move ${server} down`} disabled={isLast} onClick={() => onMove(1)}>
            <ArrowDown />
          </Button>
          <Button variant="ghost" size="icon" aria-label={`Take ${server} out of this profile`} onClick={onRemove}>
            <X />
          </Button>
        </div>
      )}
    </li>
  )
}
