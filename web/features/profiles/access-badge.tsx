import { Globe, Users } from 'lucide-react'
import { Badge } from '@/components/ui/badge.tsx'
import { inertLine } from '@/lib/inert.ts'
import { accessLabel, type Access, type Profile } from './profile-model.ts'

const ORIGINS = { api: 'Added', starter: 'Starter', declared: 'Declared' } as const

/** Where a profile comes from. */
export function Origin({ origin }: Pick<Profile, 'origin'>) {
  const title = origin.kind === 'declared' ? inertLine(origin.place) : undefined
  return (
    <span className="whitespace-nowrap text-soft" title={title}>
      {ORIGINS[origin.kind]}
    </span>
  )
}

/** Who may use it; what is open to everybody stands out. */
export function AccessBadge({ access }: { readonly access: Access }) {
  if (access === 'public') {
    return (
      <Badge tone="warn" icon={<Globe aria-hidden />}>
        Public
      </Badge>
    )
  }
  if (access === 'tenant') return <Badge icon={<Users aria-hidden />}>{accessLabel(access)}</Badge>
  return <Badge>{accessLabel(access)}</Badge>
}
