import { Link } from '@tanstack/react-router'
import { Check, CircleX, FlaskConical, Layers } from 'lucide-react'
import { useState } from 'react'
import { CopyButton } from '@/components/ui/copy.tsx'
import { Button, buttonClass } from '@/components/ui/button.tsx'
import { Skeleton } from '@/components/ui/layout.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { Spinner } from '@/components/ui/spinner.tsx'
import { cn } from '@/lib/cn.ts'
import { inertLine } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'
import { useApi } from '@/lib/queries.ts'
import { AddToProfile } from './add-to-profile.tsx'
import { type Deployment, isMoving, type State } from './deployment-model.ts'
import { LaunchCard } from './launch-card.tsx'
import { StatePanel } from './state-panel.tsx'
import { useLog } from './use-log.ts'

const SOON_MS = 700
const LATER_MS = 3_000
const TAIL_LINES = 6
const DIGEST_LENGTH = 16

/** A server on its way from added to ready, with the last lines it wrote; then what can be done with it. */
export function LaunchProgress({ name }: { readonly name: string }) {
  const { data, error } = useApi(
    'getDeployment',
    { params: { name } },
    { refetchInterval: ({ state }) => (isMoving(state.data?.status ?? null) || isUncounted(state.data) ? SOON_MS : LATER_MS) },
  )
  if (data === undefined) return error === null ? <Skeleton className="h-40" /> : <ProblemNote problem={asProblem(error)} />
  const state = data.status?.state ?? null
  return (
    <section aria-label={name} className="flex flex-col gap-4 rounded-lg border p-4">
      <h3 className="font-mono text-sm font-semibold">{name}</h3>
      <Steps deployment={data} state={state} />
      <StatePanel deployment={data} hasLogsLink={false} />
      {state === 'waiting-approval' && <LaunchCard spec={data.spec} digest={data.digest} />}
      {data.spec.kind === 'process' && state !== 'waiting-approval' && (
        <Tail key={name} name={name} isFailed={state === 'failed' || state === 'backoff'} />
      )}
      {data.isApproved && data.spec.kind === 'process' && (
        <p className="flex items-center gap-1 text-xs text-faint">
          Approved launch
          <code className="font-mono" title={data.digest}>
            {data.digest.slice(0, DIGEST_LENGTH)}…
          </code>
          <CopyButton text={data.digest} label="Copy the digest" />
        </p>
      )}
      {state === 'ready' && <NextSteps name={name} />}
    </section>
  )
}

const isUncounted = (deployment: Deployment | undefined): boolean =>
  deployment?.status?.state === 'ready' && deployment.status.toolCount === null

const ORDER: readonly State[] = ['waiting-approval', 'installing', 'starting', 'ready']

function Steps({ deployment: { spec }, state }: { readonly deployment: Deployment; readonly state: State | null }) {
  const isPackage = spec.kind === 'process' && /(^|\/)(npx|uvx)$/.test(spec.command)
  const steps: readonly (readonly [State, string])[] =
    spec.kind !== 'process'
      ? [
          ['starting', 'Ask'],
          ['ready', 'Ready'],
        ]
      : [
          ['waiting-approval', 'Approve'],
          ...(isPackage ? [['installing', 'Install'] as const] : []),
          ['starting', 'Start'],
          ['ready', 'Ready'],
        ]
  const isBroken = state === 'failed' || state === 'backoff' || state === 'stopped' || state === 'needs-input'
  const at = isBroken ? ORDER.indexOf('starting') : ORDER.indexOf(state ?? 'waiting-approval')
  return (
    <ol className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs">
      {steps.map(([step, label], index) => {
        const place = ORDER.indexOf(step)
        const isDone = place < at || state === 'ready'
        const isNow = place === at && state !== 'ready'
        return (
          <li key={step} aria-current={isNow ? 'step' : undefined} className="flex items-center gap-2">
            {index > 0 && <span aria-hidden className={cn('h-px w-3 sm:w-6', isDone || isNow ? 'bg-accent' : 'bg-line-strong/50')} />}
            <span className={cn('flex items-center gap-1', isDone ? 'text-ok' : isNow ? 'font-medium text-text' : 'text-faint')}>
              {isDone && <Check aria-label="Done:" className="size-3.5" />}
              {isNow && isBroken && <CircleX aria-label="Failed:" className="size-3.5 text-bad" />}
              {isNow && !isBroken && step !== 'waiting-approval' && <Spinner className="size-3.5" />}
              {label}
            </span>
          </li>
        )
      })}
    </ol>
  )
}

function Tail({ name, isFailed }: { readonly name: string; readonly isFailed: boolean }) {
  const { lines } = useLog(name, 100)
  const last = lines.filter(({ isGap }) => !isGap).slice(-TAIL_LINES)
  if (last.length === 0) return null
  return (
    <details open={isFailed || undefined} className="group">
      <summary className="cursor-pointer rounded-sm text-xs text-soft hover:text-text">
        Last {last.length === 1 ? 'line' : `${last.length} lines`} of its log
      </summary>
      <pre
        tabIndex={0}
        aria-label="Last lines of the log"
        className="mt-1.5 overflow-x-auto rounded-md border bg-sunken px-3 py-2 font-mono text-xs leading-5"
      >
        {last.map(({ id, text }) => `${inertLine(text, 240)}${id === last.at(-1)!.id ? '' : '\n'}`)}
      </pre>
    </details>
  )
}

function NextSteps({ name }: { readonly name: string }) {
  const [isAdding, setIsAdding] = useState(false)
  return (
    <div className="flex flex-wrap gap-2">
      <Link to="/app/playground" search={{ endpoint: name }} className={buttonClass({ variant: 'primary' })}>
        <FlaskConical /> Try a tool
      </Link>
      <Button onClick={() => setIsAdding(true)}>
        <Layers /> Add to profile
      </Button>
      <Link to="/app/deployments/$name" params={{ name }} className={buttonClass({ variant: 'ghost' })}>
        Show details
      </Link>
      <AddToProfile name={name} isOpen={isAdding} onClose={() => setIsAdding(false)} />
    </div>
  )
}
