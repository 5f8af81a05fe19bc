import { Link } from '@tanstack/react-router'
import { CircleCheck, FileLock2, ShieldQuestion } from 'lucide-react'
import type { ReactNode } from 'react'
import { Badge } from '@/components/ui/badge.tsx'
import { buttonClass } from '@/components/ui/button.tsx'
import { CopyButton } from '@/components/ui/copy.tsx'
import { Facts, Section, Skeleton } from '@/components/ui/layout.tsx'
import { Sparkline } from '@/components/sparkline.tsx'
import { count, duration, exact, percent } from '@/lib/format.ts'
import { inert, inertLine } from '@/lib/inert.ts'
import { useApi } from '@/lib/queries.ts'
import { type Deployment, readOnlyReason } from './deployment-model.ts'
import { LaunchCard } from './launch-card.tsx'
import { EraBadge, IsolationBadge } from './state-badge.tsx'
import { StatePanel } from './state-panel.tsx'

const ACCESS = { granted: 'Those it was granted to', tenant: 'Every member', public: 'Anybody, without a credential' } as const

/** How a deployment is doing, and the facts about it. */
export function OverviewTab({ deployment }: { readonly deployment: Deployment }) {
  const { name, spec, digest } = deployment
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="flex min-w-0 flex-col gap-4">
        <Section title="State">
          <StatePanel deployment={deployment} />
        </Section>
        <LastHour name={name} />
        <Section title="Launch" description={spec.kind === 'process' ? 'What is started, and all that it may reach.' : undefined}>
          <LaunchCard spec={spec} digest={digest} />
        </Section>
      </div>
      <Section title="Facts">
        <Facts facts={factsOf(deployment)} />
      </Section>
    </div>
  )
}

const seconds = (ms: number): string => `${exact(ms / 1_000)} s`

function factsOf(deployment: Deployment): (readonly [string, ReactNode])[] {
  const { status, spec, endpoint, isApproved, access, deadlineMs, startDeadlineMs, headersMode } = deployment
  const fixed = readOnlyReason(deployment)
  const isProcess = spec.kind === 'process'
  return [
    [
      'Endpoint',
      <span key="endpoint" className="flex items-start gap-1">
        <code className="min-w-0 font-mono text-xs leading-5 break-all">{endpoint}</code>
        <CopyButton text={endpoint} label="Copy the endpoint" className="-my-0.5" />
      </span>,
    ],
    ['Era', <EraBadge key="era" era={status?.era ?? null} />],
    [
      'Isolation',
      <span key="isolation" className="flex flex-wrap items-center gap-2">
        <IsolationBadge level={status?.isolation ?? null} />
        {isProcess && <span className="text-faint">asked: at least {spec.isolation}</span>}
      </span>,
    ],
    ['Approved', <Approval key="approved" isApproved={isApproved} />],
    ...(isProcess ? processFacts(status) : []),
    ['Access', ACCESS[access]],
    ['Deadline of a call', seconds(deadlineMs)],
    ...(isProcess ? [['Deadline of a start', seconds(startDeadlineMs)] as const] : []),
    ['Headers', headersMode === 'strict' ? 'Strict: they must agree with the body' : 'Lenient: the body is believed'],
    [
      'Origin',
      fixed === null ? (
        'Added in the console or over the API'
      ) : (
        <span key="origin" className="flex flex-col gap-0.5">
          <span className="flex items-center gap-1.5">
            <FileLock2 aria-hidden className="size-3.5 text-faint" /> {fixed.place === null ? 'Starter' : 'Declared, read-only here'}
          </span>
          {fixed.place !== null && <code className="font-mono text-xs break-all text-soft">{inertLine(fixed.place)}</code>}
        </span>
      ),
    ],
  ]
}

function processFacts(status: Deployment['status']): (readonly [string, ReactNode])[] {
  const installed = status?.installed ?? null
  return [
    ['Process', status?.pid === null || status === null ? <None key="pid" /> : `pid ${status.pid}`],
    ['Restarts', status === null ? <None key="restarts" /> : exact(status.restarts)],
    ...(installed === null
      ? []
      : [
          [
            'Installed',
            <span key="installed" className="flex flex-col">
              <span className="font-mono text-xs leading-5 break-all">
                {inertLine(installed.package, 200)} <span className="text-soft">{inertLine(installed.version, 80)}</span>
              </span>
              {installed.integrity !== '' && (
                <span
                  className="flex items-center text-faint"
                  title={`Integrity of the package and all it depends on: ${inert(installed.integrity)}`}
                >
                  <code className="font-mono text-xs">{installed.integrity.slice(0, 16)}…</code>
                  <CopyButton text={installed.integrity} label="Copy the integrity" />
                </span>
              )}
            </span>,
          ] as const,
        ]),
  ]
}

const None = () => <span className="text-faint">–</span>

function Approval({ isApproved }: { readonly isApproved: boolean }) {
  return isApproved ? (
    <Badge tone="ok" icon={<CircleCheck aria-hidden />}>
      This launch
    </Badge>
  ) : (
    <Badge tone="warn" icon={<ShieldQuestion aria-hidden />}>
      Not yet
    </Badge>
  )
}

const REFRESH_MS = 15_000

/** Calls of the last hour. Left out where the server cannot say. */
function LastHour({ name }: { readonly name: string }) {
  const { data, isPending, isError } = useApi('getInsights', { query: { deployment: name } }, { refetchInterval: REFRESH_MS })
  if (isError) return null
  if (isPending) return <Skeleton className="h-[7.5rem] rounded-lg" />
  const { calls, errors, denied, p50Us, p95Us } = data.totals
  return (
    <Section
      title="Calls in the last hour"
      actions={
        <Link to="/app/activity" search={{ deployment: name }} className={buttonClass({ variant: 'ghost', size: 'sm' })}>
          Show activity
        </Link>
      }
    >
      {calls === 0 && denied === 0 ? (
        <p className="text-sm text-faint">None yet.</p>
      ) : (
        <div className="flex flex-wrap items-end gap-x-8 gap-y-3">
          <Figure label="Calls" value={count(calls)} />
          <Figure label="Failed" value={`${count(errors)} (${percent(errors, calls)})`} />
          <Figure label="Denied" value={count(denied)} />
          <Figure label="p50" value={p50Us === null ? '–' : duration(p50Us)} />
          <Figure label="p95" value={p95Us === null ? '–' : duration(p95Us)} />
          <Sparkline values={data.series.map((point) => point.calls)} label="Calls per minute" className="ml-auto h-8 w-36" />
        </div>
      )}
    </Section>
  )
}

function Figure({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <p className="text-xs text-faint">{label}</p>
      <p data-tabular className="text-lg font-medium">
        {value}
      </p>
    </div>
  )
}
