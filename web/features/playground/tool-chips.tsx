import { CircleHelp, Eye, Globe, Repeat2, TriangleAlert } from 'lucide-react'
import { Badge } from '@/components/ui/badge.tsx'
import type { McpTool } from '@/lib/mcp-answer.ts'
import { hintsOf, type Hint } from './annotations.ts'

const ICONS = { 'read-only': Eye, destructive: TriangleAlert, idempotent: Repeat2, 'open-world': Globe, unannotated: CircleHelp } as const

/** What the server says of its tool, each with its icon and word. */
export function ToolChips({ tool, isShort = false }: { readonly tool: McpTool; readonly isShort?: boolean }) {
  const hints = hintsOf(tool)
  const shown = isShort ? hints.filter(({ id }) => id !== 'unannotated') : hints
  if (shown.length === 0) return null
  return (
    <span className="flex flex-wrap gap-1">
      {shown.map((hint) => (
        <Chip key={hint.id} hint={hint} />
      ))}
    </span>
  )
}

function Chip({ hint: { id, label, detail, tone } }: { readonly hint: Hint }) {
  const Icon = ICONS[id]
  return (
    <Badge tone={tone} title={detail} icon={<Icon aria-hidden />}>
      {label}
    </Badge>
  )
}
