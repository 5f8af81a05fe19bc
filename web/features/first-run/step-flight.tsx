import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck, CircleX, Gauge, KeyRound, ServerCog, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { buttonClass } from '@/components/ui/button.tsx'
import { Empty, Section, Skeleton } from '@/components/ui/layout.tsx'
import { ProblemView } from '@/components/ui/problem.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { Waterfall } from '@/components/waterfall.tsx'
import { useEndpointView } from '@/features/connect/endpoint-view.ts'
import type { ResponseOf } from '@/lib/api.ts'
import { duration } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import { ProblemError } from '@/lib/problem.ts'
import { useApi } from '@/lib/queries.ts'
import { trialTextKey } from './call-tool.ts'
import type { ChosenEndpoint } from './use-chosen-endpoint.ts'
import { useFirstCall } from './use-first-call.ts'

// An event reaches the database a moment after its answer has left.
const LATE_RETRIES_MAX = 10
const LATE_DELAY_MS = 300

interface StepFlightProps {
  readonly endpoint: ChosenEndpoint
  /** From the address; null: the newest call there is. */
  readonly call: string | null
}

/** What the first call was, step by step, and what comes next. */
export function StepFlight({ endpoint, call }: StepFlightProps) {
  const first = useFirstCall(endpoint.name)
  const id = call ?? first.call?.id ?? null
  const flight = useApi(
    'getActivity',
    { params: { id: id ?? '' } },
    {
      enabled: id !== null,
      staleTime: Infinity,
      retry: (failures, error) => failures < LATE_RETRIES_MAX && error instanceof ProblemError && [0, 404].includes(error.problem.status),
      retryDelay: LATE_DELAY_MS,
    },
  )
  if (id === null) return <NoCall endpoint={endpoint} />
  if (flight.error !== null) return <ProblemView error={flight.error} onRetry={() => void flight.refetch()} />
  if (flight.data === undefined) return <Skeleton className="h-96" />
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-col gap-3">
        <Verdict event={flight.data} endpoint={endpoint} />
        <Answer id={id} />
      </div>
      <Section title="Flight record" description={<code className="font-mono text-xs">{inertLine(flight.data.target, 130)}</code>}>
        <Waterfall steps={flight.data.steps} totalUs={flight.data.us} verdict={flight.data.verdict} outcome={flight.data.outcome} />
      </Section>
      <section>
        <h2 className="mb-3 font-semibold">What next</h2>
        <ul className="grid gap-3 sm:grid-cols-3">
          <Next to="/app" icon={Gauge} title="Go to Overview">
            See what runs and what needs you.
          </Next>
          <Next to="/app/deployments" search={{ add: 1 }} icon={ServerCog} title="Add a server">
            An address, a command or a client’s JSON.
          </Next>
          <Next to="/app/keys" icon={KeyRound} title="Create a key">
            For a colleague, with only what they need.
          </Next>
        </ul>
      </section>
    </div>
  )
}

/** What the tool said, when it was called from this page; the trail keeps no results. */
function Answer({ id }: { readonly id: string }) {
  const text = useQueryClient().getQueryData<string | null>(trialTextKey(id))
  if (text === undefined || text === null || text === '') return null
  return (
    <p className="max-h-40 overflow-y-auto rounded-md border bg-sunken px-3 py-2 font-mono text-xs leading-5">
      <Untrusted text={text} lengthMax={600} />
    </p>
  )
}

function Verdict({ event, endpoint }: { readonly event: ResponseOf<'getActivity'>; readonly endpoint: ChosenEndpoint }) {
  const { data } = useEndpointView(endpoint.name)
  const isOk = event.verdict === 'allow' && event.outcome === 'ok'
  const tools = data === undefined ? '' : `${data.tools.length} ${data.tools.length === 1 ? 'tool' : 'tools'}, `
  return (
    <p role="status" className="flex items-center gap-3 text-lg">
      {isOk ? (
        <CircleCheck aria-hidden className="size-6 shrink-0 text-ok" />
      ) : (
        <CircleX aria-hidden className="size-6 shrink-0 text-bad" />
      )}
      <span>
        <strong className="font-semibold">{isOk ? 'It works' : 'The call did not succeed'}</strong>
        {isOk ? `: ${tools}first call ` : `: ${inertLine(event.outcome, 80)}, after `}
        <span data-tabular>{duration(event.us)}</span>
      </span>
    </p>
  )
}

interface NextProps {
  readonly to: '/app' | '/app/deployments' | '/app/keys'
  readonly search?: { readonly add?: 1 }
  readonly icon: LucideIcon
  readonly title: string
  readonly children: ReactNode
}

function Next({ to, search, icon: Icon, title, children }: NextProps) {
  return (
    <li>
      <Link to={to} search={search ?? {}} className="flex h-full gap-3 rounded-lg border bg-surface p-4 hover:border-line-strong">
        <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-accent" />
        <span>
          <span className="block font-medium">{title}</span>
          <span className="block text-sm text-soft">{children}</span>
        </span>
      </Link>
    </li>
  )
}

function NoCall({ endpoint }: { readonly endpoint: ChosenEndpoint }) {
  return (
    <Section>
      <Empty
        title="Make a first call"
        action={
          <Link
            to="/app/first-run"
            search={{ step: 2, endpoint: endpoint.name ?? undefined }}
            className={buttonClass({ variant: 'primary' })}
          >
            Connect a client
          </Link>
        }
      >
        As soon as a client or this page calls a tool, its record stands here.
      </Empty>
    </Section>
  )
}
