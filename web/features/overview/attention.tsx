import { Link } from '@tanstack/react-router'
import { ChevronRight, CircleAlert, CircleCheck, Info, type LucideIcon, OctagonAlert } from 'lucide-react'
import { useState } from 'react'
import { Badge, type Tone } from '@/components/ui/badge.tsx'
import { Button, buttonClass } from '@/components/ui/button.tsx'
import { Section, Skeleton } from '@/components/ui/layout.tsx'
import { ProblemNote, Remedy } from '@/components/ui/problem.tsx'
import { TimeAgo } from '@/components/ui/time.tsx'
import type { ResponseOf } from '@/lib/api.ts'
import { inertLine } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'
import { useApi } from '@/lib/queries.ts'
import { REFRESH_MS } from './use-insights.ts'

type Item = ResponseOf<'listAttention'>['items'][number]

const LOOKS: Readonly<Record<Item['severity'], readonly [label: string, tone: Tone, icon: LucideIcon]>> = {
  critical: ['Critical', 'bad', OctagonAlert],
  warning: ['Warning', 'warn', CircleAlert],
  notice: ['Notice', 'neutral', Info],
}
const SHOWN = 5

/** What somebody should look at, worst first. */
export function Attention() {
  const { data, error } = useApi('listAttention', {}, { refetchInterval: REFRESH_MS })
  const [isWhole, setIsWhole] = useState(false)
  const items = data?.items ?? []
  const shown = isWhole ? items : items.slice(0, SHOWN)
  return (
    <Section
      title="Needs attention"
      isPadded={false}
      actions={items.length > 0 && <Badge tone={LOOKS[items[0]!.severity][1]}>{items.length}</Badge>}
    >
      {error !== null && data === undefined ? (
        <div className="p-4">
          <ProblemNote problem={asProblem(error)} />
        </div>
      ) : data === undefined ? (
        <div className="px-4 py-3.5">
          <Skeleton className="h-5 w-72 max-w-full" />
        </div>
      ) : items.length === 0 ? (
        <p className="flex items-center gap-2 px-4 py-3.5 text-soft">
          <CircleCheck aria-hidden className="size-4 text-ok" /> All is well. Nothing waits for you.
        </p>
      ) : (
        <ul className="divide-y">
          {shown.map((item) => (
            <Row key={item.id} item={item} />
          ))}
          {items.length > SHOWN && (
            <li className="px-3 py-1.5">
              <Button variant="ghost" size="sm" aria-expanded={isWhole} onClick={() => setIsWhole(!isWhole)}>
                {isWhole ? 'Show fewer' : `Show ${items.length - SHOWN} more`}
              </Button>
            </li>
          )}
        </ul>
      )}
    </Section>
  )
}

function Row({ item }: { readonly item: Item }) {
  const [label, tone, Icon] = LOOKS[item.severity]
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3 text-sm">
      <Badge tone={tone} icon={<Icon aria-hidden />} className="mt-px w-20">
        {label}
      </Badge>
      <div className="min-w-0 grow basis-64">
        <p className="font-medium break-words">
          {inertLine(item.title)}
          {item.since !== null && (
            <span className="ml-2 text-xs font-normal text-faint">
              <TimeAgo at={item.since} />
            </span>
          )}
        </p>
        <p className="break-words text-soft">{inertLine(item.detail, 600)}</p>
        <Remedy text={item.remedy} className="mt-0.5" />
      </div>
      <Place item={item} />
    </li>
  )
}

/** The page where it can be mended. */
function Place({ item: { deployment, keyId, kind, title } }: { readonly item: Item }) {
  const className = buttonClass({ size: 'sm' })
  const about = <span className="sr-only">: {inertLine(title)}</span>
  if (kind === 'error-rate')
    return (
      <Link
        to="/app/activity"
        search={{ kind: 'call', range: '15m', ...(deployment === null ? {} : { deployment }) }}
        className={className}
      >
        Open activity{about} <ChevronRight aria-hidden />
      </Link>
    )
  if (deployment !== null)
    return (
      <Link to="/app/deployments/$name" params={{ name: deployment }} className={className}>
        Open deployment{about} <ChevronRight aria-hidden />
      </Link>
    )
  if (keyId !== null)
    return (
      <Link to="/app/keys" className={className}>
        Open keys{about} <ChevronRight aria-hidden />
      </Link>
    )
  return (
    <Link to="/app/settings" className={className}>
      Open settings{about} <ChevronRight aria-hidden />
    </Link>
  )
}
