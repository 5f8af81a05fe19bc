import { Link } from '@tanstack/react-router'
import { ArrowRight } from 'lucide-react'
import { useEffect, useState } from 'react'
import { buttonClass } from '@/components/ui/button.tsx'
import { Facts, Section, Skeleton } from '@/components/ui/layout.tsx'
import { Waterfall } from '@/components/waterfall.tsx'
import { bytes } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import type { Flight } from '@/lib/mcp-answer.ts'
import { ProblemError } from '@/lib/problem.ts'
import { useApi } from '@/lib/queries.ts'

/** The record is written before the answer but reaches the database a moment after it. */
const TRIES_MAX = 20
const TRY_MS = 200
const FIRST_TRY_MS = 250

/** How the call went, step by step: what came with the answer at once, the whole record as soon as it is there. */
export function FlightPanel({ flight }: { readonly flight: Flight }) {
  const isDue = useIsDue(FIRST_TRY_MS)
  const { data, isError } = useApi(
    'getActivity',
    { params: { id: flight.id } },
    {
      enabled: isDue,
      staleTime: Number.POSITIVE_INFINITY,
      retryDelay: TRY_MS,
      retry: (failures, error) =>
        failures < TRIES_MAX && error instanceof ProblemError && (error.problem.status === 404 || error.problem.status === 0),
    },
  )
  const steps = data?.steps ?? flight.steps
  return (
    <Section
      title="Flight recorder"
      actions={
        <Link to="/app/activity" search={{ id: flight.id } as never} className={buttonClass({ variant: 'ghost', size: 'sm' })}>
          Open in Activity <ArrowRight />
        </Link>
      }
    >
      <div className="flex flex-col gap-4">
        {steps === undefined ? (
          isError ? (
            <p className="text-sm text-soft">The record is not there yet. It will be in Activity.</p>
          ) : (
            <Skeleton className="h-36" />
          )
        ) : (
          <Waterfall
            steps={steps}
            totalUs={data?.us ?? flight.us ?? 0}
            verdict={data?.verdict ?? 'allow'}
            outcome={data?.outcome ?? 'ok'}
          />
        )}
        <Facts
          facts={[
            [
              'Rule',
              <code key="rule" className="font-mono text-xs">
                {inertLine(data?.rule ?? flight.rule ?? '', 120) || 'none'}
              </code>,
            ],
            ['Caller', inertLine(data?.actor.name ?? flight.caller ?? '', 120) || '–'],
            ['Deployment', inertLine(data?.deployment ?? flight.deployment ?? '', 120) || '–'],
            [
              'Size',
              <span key="size" data-tabular>
                {data === undefined ? '–' : `${bytes(data.bytesIn)} in, ${bytes(data.bytesOut)} out`}
              </span>,
            ],
          ]}
        />
      </div>
    </Section>
  )
}

/** False at first, true a moment later: a record asked for too early would be answered with an error. */
function useIsDue(ms: number): boolean {
  const [isDue, setIsDue] = useState(false)
  useEffect(() => {
    const timer = window.setTimeout(() => setIsDue(true), ms)
    return () => window.clearTimeout(timer)
  }, [ms])
  return isDue
}
