import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react'
import { Badge, type Tone } from '@/components/ui/badge.tsx'
import { CopyButton } from '@/components/ui/copy.tsx'
import { Facts, Section, SkeletonRows } from '@/components/ui/layout.tsx'
import { ProblemView } from '@/components/ui/problem.tsx'
import { Prose } from '@/components/ui/prose.tsx'
import { TimeAgo } from '@/components/ui/time.tsx'
import type { ResponseOf } from '@/lib/api.ts'
import { inertLine } from '@/lib/inert.ts'
import { useApi } from '@/lib/queries.ts'
import { ChainCheck } from './chain-check.tsx'

type Overview = ResponseOf<'getOverview'>
type Part = keyof Overview['health']

const REFRESH_MS = 10_000

const PARTS: Readonly<Record<Part, { readonly label: string; readonly meaning: string }>> = {
  database: { label: 'Database', meaning: 'Keeps servers, profiles, keys and the audit trail.' },
  spool: { label: 'Spool', meaning: 'The file that events are in before the database takes them.' },
  chain: { label: 'Audit chain', meaning: 'Each block of events holds the hash of the one before.' },
  snapshot: { label: 'Snapshot', meaning: 'What the gateway decides calls from.' },
  shared: { label: 'Shared state', meaning: 'What several nodes keep in common for a while.' },
}

const LOOKS: Readonly<
  Record<Overview['health'][Part]['status'], { readonly tone: Tone; readonly label: string; readonly icon: typeof CircleX }>
> = {
  ok: { tone: 'ok', label: 'OK', icon: CircleCheck },
  warning: { tone: 'warn', label: 'Warning', icon: TriangleAlert },
  failed: { tone: 'bad', label: 'Failed', icon: CircleX },
}

/** How the parts of the server are, and the check of the audit chain. */
export function HealthTab() {
  const { data, error, isPending, refetch } = useApi('getOverview', {}, { refetchInterval: REFRESH_MS })
  if (error !== null && data === undefined) return <ProblemView error={error} onRetry={() => void refetch()} />
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="flex min-w-0 flex-col gap-6">
        <Section title="Parts" isPadded={false}>
          {isPending || data === undefined ? <SkeletonRows rows={4} className="[&>div]:h-16" /> : <Parts health={data.health} />}
        </Section>
        <ChainCheck />
      </div>
      <Section title="Server">{isPending || data === undefined ? <SkeletonRows rows={5} /> : <ServerFacts overview={data} />}</Section>
    </div>
  )
}

function Parts({ health }: { readonly health: Overview['health'] }) {
  return (
    <ul className="divide-y">
      {(Object.keys(PARTS) as Part[]).map((part) => {
        const { status, detail } = health[part]
        const { tone, label, icon: Icon } = LOOKS[status]
        return (
          <li key={part} className="flex flex-wrap items-start gap-x-4 gap-y-1 px-4 py-3 text-sm">
            <div className="min-w-0 grow basis-64">
              <p className="font-medium">
                {PARTS[part].label} <span className="ml-1 font-normal text-faint">{PARTS[part].meaning}</span>
              </p>
              <p className="break-words text-soft">
                <Prose text={detail} />
              </p>
            </div>
            <Badge tone={tone} icon={<Icon />}>
              {label}
            </Badge>
          </li>
        )
      })}
    </ul>
  )
}

function ServerFacts({ overview: { version, startedAt, publicUrl, endpoint, tenant } }: { readonly overview: Overview }) {
  return (
    <Facts
      facts={[
        ['Version', inertLine(version)],
        ['Up since', <TimeAgo key="up" at={startedAt} />],
        ['Public URL', <Address key="url" text={publicUrl} label="Copy the public URL" />],
        ['MCP endpoint', <Address key="mcp" text={endpoint} label="Copy the endpoint" />],
        ['Tenant', inertLine(tenant)],
      ]}
    />
  )
}

const Address = ({ text, label }: { readonly text: string; readonly label: string }) => (
  <span className="inline-flex items-center gap-1">
    <code className="font-mono text-xs break-all">{inertLine(text)}</code>
    <CopyButton text={text} label={label} />
  </span>
)
