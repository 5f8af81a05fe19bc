import { FileLock2, Globe, PackageCheck, Users } from 'lucide-react'
import { Badge } from '@/components/ui/badge.tsx'
import { inertLine } from '@/lib/inert.ts'
import { accessLabel, type Access, type Profile } from './profile-model.ts'

/** Where a profile comes from; those made here say nothing. */
export function OriginBadge({ origin }: Pick<Profile, 'origin'>) {
  if (origin.kind === 'declared') {
    return (
      <Badge icon={<FileLock2 aria-hidden />} title={inertLine(origin.place)}>
        Declared
      </Badge>
    )
  }
  if (origin.kind === 'starter') return <Badge icon={<PackageCheck aria-hidden />}>Starter</Badge>
  return <span className="text-faint">made here</span>
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
