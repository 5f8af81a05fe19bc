import { Ban, Clock, Crown, KeyRound, TimerOff, UserRound } from 'lucide-react'
import { Badge } from '@/components/ui/badge.tsx'
import { TimeAgo } from '@/components/ui/time.tsx'
import { type Key, type KeyState, SCOPES, type Scope } from './key-model.ts'

/** When it ends, or that it did. */
export function ExpiryCell({ row, state }: { readonly row: Key; readonly state: KeyState }) {
  if (state === 'revoked')
    return (
      <span className="inline-flex items-center gap-1.5">
        <Badge tone="neutral" icon={<Ban />}>
          Revoked
        </Badge>
        <TimeAgo at={row.revokedAt} />
      </span>
    )
  if (state === 'expired')
    return (
      <span className="inline-flex items-center gap-1.5">
        <Badge tone="neutral" icon={<TimerOff />}>
          Expired
        </Badge>
        <TimeAgo at={row.expiresAt} />
      </span>
    )
  if (state === 'expiring')
    return (
      <Badge tone="warn" icon={<Clock />}>
        Ends <TimeAgo at={row.expiresAt} />
      </Badge>
    )
  return <TimeAgo at={row.expiresAt} />
}

export function KindBadge({ kind }: { readonly kind: Key['kind'] }) {
  if (kind === 'owner')
    return (
      <Badge tone="accent" icon={<Crown />}>
        Owner
      </Badge>
    )
  return <Badge icon={<KeyRound />}>Key</Badge>
}

export const YouBadge = () => (
  <Badge tone="ok" icon={<UserRound />}>
    This is you
  </Badge>
)

/** What it may do in words; an owner may do everything. */
export function ScopeBadges({ row }: { readonly row: Pick<Key, 'kind' | 'scopes'> }) {
  if (row.kind === 'owner') return <Badge title={row.scopes.join(', ')}>Everything</Badge>
  return (
    <span className="flex flex-wrap gap-1">
      {row.scopes.map((scope) => (
        <Badge key={scope} tone={scope === 'admin' ? 'warn' : 'neutral'} title={scope}>
          {labelOf(scope)}
        </Badge>
      ))}
    </span>
  )
}

const labelOf = (scope: Scope): string => SCOPES.find((row) => row.scope === scope)?.label ?? scope
