import type { UseQueryResult } from '@tanstack/react-query'
import { CircleAlert, CircleCheck, CircleX, type LucideIcon } from 'lucide-react'
import { Section, Skeleton } from '@/components/ui/layout.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { TimeAgo } from '@/components/ui/time.tsx'
import type { ResponseOf } from '@/lib/api.ts'
import { cn } from '@/lib/cn.ts'
import { inertLine } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'

type Overview = ResponseOf<'getOverview'>
type Part = keyof Overview['health']

const PARTS: readonly (readonly [part: Part, name: string])[] = [
  ['database', 'Database'],
  ['spool', 'Spool'],
  ['chain', 'Audit chain'],
  ['snapshot', 'Snapshot'],
]
const LOOKS: Readonly<Record<Overview['health'][Part]['status'], readonly [label: string, className: string, icon: LucideIcon]>> = {
  ok: ['OK', 'text-ok', CircleCheck],
  warning: ['Warning', 'text-warn', CircleAlert],
  failed: ['Failed', 'text-bad', CircleX],
}

/** Whether the parts of Sallyport itself do what they should. */
export function Health({ overview: { data, error } }: { readonly overview: UseQueryResult<Overview> }) {
  return (
    <Section
      title="Health"
      isPadded={false}
      actions={
        data !== undefined && (
          <span className="text-xs text-faint">
            Sallyport {inertLine(data.version, 40)}, started <TimeAgo at={data.startedAt} />
          </span>
        )
      }
    >
      {error !== null && data === undefined ? (
        <div className="p-4">
          <ProblemNote problem={asProblem(error)} />
        </div>
      ) : (
        <ul className="divide-y text-sm">
          {PARTS.map(([part, name]) => (
            <Line key={part} name={name} health={data?.health[part]} />
          ))}
        </ul>
      )}
    </Section>
  )
}

function Line({ name, health }: { readonly name: string; readonly health: Overview['health'][Part] | undefined }) {
  const [label, className, Icon] = LOOKS[health?.status ?? 'ok']
  return (
    <li className="flex min-h-9 flex-wrap items-center gap-x-3 px-4 py-2">
      <span className="w-28 shrink-0 font-medium">{name}</span>
      {health === undefined ? (
        <Skeleton className="h-4 w-40" />
      ) : (
        <>
          <span className={cn('inline-flex w-20 shrink-0 items-center gap-1.5', className)}>
            <Icon aria-hidden className="size-4" /> {label}
          </span>
          <span className="min-w-0 grow break-words text-soft max-sm:basis-full sm:basis-0">
            {inertLine(health.detail, 300).replaceAll('`', '')}
          </span>
        </>
      )}
    </li>
  )
}
