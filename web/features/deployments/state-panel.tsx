import { Link } from '@tanstack/react-router'
import { FolderPlus, Globe, KeyRound, RotateCw, ScrollText, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { Button, buttonClass } from '@/components/ui/button.tsx'
import { Remedy } from '@/components/ui/problem.tsx'
import { TimeAgo } from '@/components/ui/time.tsx'
import { toastProblem } from '@/components/ui/toast.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { exact } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import { ApproveDialog } from './approve-dialog.tsx'
import { type Denied, type Deployment, isWritable, openDenials } from './deployment-model.ts'
import { GrantDialog } from './grant-dialog.tsx'
import { SecretDialog } from './secret-dialog.tsx'
import { STATE_LOOKS, StateBadge } from './state-badge.tsx'
import { useRestart } from './use-changes.ts'

type Asked = { readonly kind: 'approve' | 'secret' } | { readonly kind: 'grant'; readonly wanted: readonly Denied[] } | null

/** The state of a deployment: since when, why, and the buttons that mend it. */
export function StatePanel({ deployment, hasLogsLink = true }: { readonly deployment: Deployment; readonly hasLogsLink?: boolean }) {
  const [asked, setAsked] = useState<Asked>(null)
  const { status } = deployment
  const close = (): void => setAsked(null)
  const secret = secretOf(status?.remedy ?? null)
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <span role="status">
          <StateBadge state={status?.state ?? null} />
        </span>
        {status !== null && (
          <span className="text-soft">
            <TimeAgo at={status.since} />
          </span>
        )}
        {status !== null && status.state === 'ready' && status.toolCount !== null && (
          <span className="text-soft">
            {exact(status.toolCount)} {status.toolCount === 1 ? 'tool' : 'tools'}
          </span>
        )}
      </div>
      {status !== null && status.state !== 'ready' && (
        <div className="text-sm">
          {status.cause === null ? (
            <p className="text-soft">{STATE_LOOKS[status.state].meaning}</p>
          ) : (
            <p className="max-w-prose">
              <Untrusted text={status.cause} lengthMax={500} />
            </p>
          )}
          {status.remedy !== null && status.state !== 'waiting-approval' && (
            <Remedy text={inertLine(status.remedy, 600)} className="mt-1 text-soft" />
          )}
        </div>
      )}
      <StateActions deployment={deployment} secret={secret} hasLogsLink={hasLogsLink} onAsk={setAsked} />
      <ApproveDialog deployment={deployment} isOpen={asked?.kind === 'approve'} onClose={close} />
      <GrantDialog
        deployment={deployment}
        wanted={asked?.kind === 'grant' ? asked.wanted : []}
        isOpen={asked?.kind === 'grant'}
        onClose={close}
      />
      {secret !== null && <SecretDialog secret={secret} isOpen={asked?.kind === 'secret'} onClose={close} />}
    </div>
  )
}

/** The vault entry that a remedy asks for. */
const secretOf = (remedy: string | null): string | null => /^sallyport secret set ([\w./-]+)$/.exec(remedy ?? '')?.[1] ?? null

const GRANT_BUTTONS_MAX = 3

interface StateActionsProps {
  readonly deployment: Deployment
  readonly secret: string | null
  readonly hasLogsLink: boolean
  readonly onAsk: (asked: Asked) => void
}

function StateActions({ deployment, secret, hasLogsLink, onAsk }: StateActionsProps) {
  const { name, status, spec, isApproved } = deployment
  const { mutate, isPending } = useRestart()
  if (status === null) return null
  const { state } = status
  const denied = isWritable(deployment) && state !== 'waiting-approval' ? openDenials(deployment) : []
  const mayApprove = !isApproved && isWritable(deployment)
  // What was approved may have changed at its address: then asking anew is how it comes to be reviewed.
  const mayRestart = isApproved && ['failed', 'backoff', 'stopped', 'waiting-approval'].includes(state)
  const hasLogs = hasLogsLink && spec.kind === 'process' && ['failed', 'backoff'].includes(state)
  const hasSecret = secret !== null && state !== 'ready'
  if (!mayApprove && !mayRestart && !hasLogs && !hasSecret && denied.length === 0) return null
  return (
    <div className="flex flex-wrap gap-2">
      {mayApprove && (
        <Button variant="primary" onClick={() => onAsk({ kind: 'approve' })}>
          <ShieldCheck /> Review and approve
        </Button>
      )}
      {denied.slice(0, GRANT_BUTTONS_MAX).map((each, index) => (
        <Button
          key={each.what}
          variant={index === 0 && state !== 'ready' ? 'primary' : 'secondary'}
          className="max-w-full"
          onClick={() => onAsk({ kind: 'grant', wanted: [each] })}
        >
          {each.kind === 'egress' ? <Globe /> : <FolderPlus />}
          <span className="truncate">Grant {inertLine(each.what, 60)}</span>
        </Button>
      ))}
      {hasSecret && (
        <Button variant="primary" onClick={() => onAsk({ kind: 'secret' })}>
          <KeyRound /> Set value
        </Button>
      )}
      {mayRestart && (
        <Button isBusy={isPending} onClick={() => mutate(name, { onError: toastProblem })}>
          <RotateCw /> {spec.kind === 'process' ? 'Restart now' : 'Try again now'}
        </Button>
      )}
      {hasLogs && (
        <Link to="/app/deployments/$name" params={{ name }} search={{ tab: 'logs' }} className={buttonClass()}>
          <ScrollText /> Show logs
        </Link>
      )}
    </div>
  )
}
