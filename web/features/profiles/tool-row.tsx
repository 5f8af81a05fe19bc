import { Check, FlaskConical, Minus, Pencil } from 'lucide-react'
import { Badge } from '@/components/ui/badge.tsx'
import { Switch } from '@/components/ui/toggle.tsx'
import { cn } from '@/lib/cn.ts'
import { count } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import type { ProfileTool } from './profile-tools.ts'
import { TryLink } from './try-link.tsx'

interface ToolRowProps {
  readonly endpoint: string
  readonly tool: ProfileTool
  readonly isReadOnly: boolean
  readonly onSwitch: (isOn: boolean) => void
  readonly onOpen: () => void
}

/** One tool in the list: on or off, what it is called, what it costs. */
export function ToolRow({ endpoint, tool, isReadOnly, onSwitch, onOpen }: ToolRowProps) {
  const name = inertLine(tool.name, 140)
  return (
    <li className={cn('flex items-center gap-3 px-4 py-1.5', !tool.isOffered && 'bg-ground')}>
      {isReadOnly ? (
        <Offered isOffered={tool.isOffered} />
      ) : (
        <Switch isChecked={tool.isOffered} isLabelHidden label={`Offer ${name}`} onChange={onSwitch} />
      )}
      <button type="button" onClick={onOpen} title="Details" className="group min-w-0 grow rounded-sm py-1 text-left">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className={cn('min-w-0 font-mono text-xs font-medium break-all group-hover:underline', !tool.isOffered && 'text-faint')}>
            {name}
          </span>
          {tool.isRenamed && (
            <Badge tone="accent" icon={<Pencil aria-hidden />} title={`Its own name: ${inertLine(tool.fullName, 140)}`}>
              Renamed
            </Badge>
          )}
          {tool.isDescribed && (
            <Badge tone="accent" icon={<Pencil aria-hidden />}>
              Described
            </Badge>
          )}
          {tool.fixed.length > 0 && <Badge>{tool.fixed.length} fixed</Badge>}
          {tool.isReadOnly && <Badge>Read-only</Badge>}
          {tool.isDestructive && <Badge tone="warn">Destructive</Badge>}
        </span>
        <span className="block truncate text-sm text-soft">{inertLine(tool.description, 200)}</span>
      </button>
      <span data-tabular className="shrink-0 text-xs text-faint max-sm:hidden" title="About how many tokens its definition takes">
        {count(tool.tokens)} tokens
      </span>
      <span className="w-16 shrink-0 text-right max-sm:hidden">
        {tool.isOffered && (
          <TryLink endpoint={endpoint} tool={tool.name} size="sm">
            <FlaskConical /> Try
          </TryLink>
        )}
      </span>
    </li>
  )
}

/** What a switch would show, where nothing can be switched. */
function Offered({ isOffered }: { readonly isOffered: boolean }) {
  const Icon = isOffered ? Check : Minus
  const label = isOffered ? 'Offered' : 'Left out'
  return (
    <span role="img" aria-label={label} title={label} className="shrink-0">
      <Icon aria-hidden className={cn('size-4', isOffered ? 'text-ok' : 'text-faint')} />
    </span>
  )
}
