import {
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleX,
  CloudCog,
  Download,
  KeyRound,
  LoaderCircle,
  RotateCw,
  ShieldAlert,
  ShieldCheck,
  ShieldHalf,
  ShieldQuestion,
  type LucideIcon,
} from 'lucide-react'
import { Badge, type Tone } from '@/components/ui/badge.tsx'
import { Tooltip } from '@/components/ui/tooltip.tsx'
import type { ReachedIsolation, State, Status } from './deployment-model.ts'

interface Look {
  readonly label: string
  readonly tone: Tone
  readonly icon: LucideIcon
  readonly meaning: string
}

/** How each state is told: the word, its icon, and what it means. */
export const STATE_LOOKS: Readonly<Record<State, Look>> = {
  'waiting-approval': {
    label: 'Waiting for approval',
    tone: 'warn',
    icon: ShieldQuestion,
    meaning: 'Nothing runs until its launch is approved.',
  },
  'needs-input': { label: 'Needs input', tone: 'warn', icon: KeyRound, meaning: 'A value that it refers to is missing.' },
  installing: { label: 'Installing', tone: 'accent', icon: Download, meaning: 'Its package is being fetched and pinned.' },
  starting: { label: 'Starting', tone: 'accent', icon: LoaderCircle, meaning: 'It was started and has not answered yet.' },
  ready: { label: 'Ready', tone: 'ok', icon: CircleCheck, meaning: 'It answers calls.' },
  backoff: { label: 'Retrying', tone: 'warn', icon: RotateCw, meaning: 'It failed and is tried again after a pause that grows.' },
  failed: { label: 'Failed', tone: 'bad', icon: CircleX, meaning: 'It is not tried again until something changes.' },
  stopped: { label: 'Stopped', tone: 'neutral', icon: CirclePause, meaning: 'It does not run.' },
}

/** The state of a deployment in a word, with an icon. Null: nothing is known yet. */
export function StateBadge({ state, className }: { readonly state: State | null; readonly className?: string }) {
  if (state === null)
    return (
      <Badge icon={<CircleDashed aria-hidden />} {...(className === undefined ? {} : { className })}>
        Not known
      </Badge>
    )
  const { label, tone, icon: Icon, meaning } = STATE_LOOKS[state]
  return (
    <Badge
      tone={tone}
      title={meaning}
      icon={<Icon aria-hidden className={state === 'starting' ? 'animate-spin' : undefined} />}
      {...(className === undefined ? {} : { className })}
    >
      {label}
    </Badge>
  )
}

/** What each level of isolation means for whoever has to trust it. */
export const ISOLATION_LOOKS: Readonly<Record<ReachedIsolation, Look>> = {
  strong: {
    label: 'Strong',
    tone: 'ok',
    icon: ShieldCheck,
    meaning:
      'In a sandbox of its own: namespaces, a filter of system calls and a bound on the memory of the whole server. It reaches no file, process or network that it was not granted.',
  },
  medium: {
    label: 'Medium',
    tone: 'neutral',
    icon: ShieldHalf,
    meaning:
      'In a sandbox with namespaces and a filter of system calls, but this machine gives it no user id of its own or bounds memory per process only. It reaches nothing that it was not granted.',
  },
  none: {
    label: 'None',
    tone: 'warn',
    icon: ShieldAlert,
    meaning: 'Not in a sandbox: it can read and reach whatever Sallyport can. Use it for programs you would run yourself.',
  },
  remote: {
    label: 'Remote',
    tone: 'neutral',
    icon: CloudCog,
    meaning: 'It runs elsewhere. Sallyport calls it and inspects what passes, but cannot contain it.',
  },
}

interface IsolationBadgeProps {
  readonly level: ReachedIsolation | null
  /** In tables: what the level means comes as a plain title, so that rows do not fill with stops of the tab key. */
  readonly isPlain?: boolean
}

/** The level of isolation that was really reached. Null: not running yet. */
export function IsolationBadge({ level, isPlain = false }: IsolationBadgeProps) {
  if (level === null) return <span className="text-faint">–</span>
  const { label, tone, icon: Icon, meaning } = ISOLATION_LOOKS[level]
  if (isPlain)
    return (
      <Badge tone={tone} icon={<Icon aria-hidden />} title={meaning}>
        {label}
      </Badge>
    )
  return (
    <Tooltip text={meaning}>
      <button type="button" className="rounded-sm" aria-label={`Isolation ${label}: ${meaning}`}>
        <Badge tone={tone} icon={<Icon aria-hidden />}>
          {label}
        </Badge>
      </button>
    </Tooltip>
  )
}

const ERAS = {
  modern: 'Protocol 2026-07-28: every request stands alone.',
  legacy: 'Protocol up to 2025-11-25: a handshake, then a session.',
} as const

/** Which era of the protocol a server speaks. Null: not asked yet. */
export function EraBadge({ era }: { readonly era: Status['era'] }) {
  if (era === null) return <span className="text-faint">–</span>
  return (
    <Badge tone={era === 'modern' ? 'accent' : 'neutral'} title={ERAS[era]}>
      {era === 'modern' ? 'Modern' : 'Legacy'}
    </Badge>
  )
}
