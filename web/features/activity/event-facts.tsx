import type { ReactNode } from 'react'
import { CopyButton } from '@/components/ui/copy.tsx'
import { Facts } from '@/components/ui/layout.tsx'
import { TimeAgo } from '@/components/ui/time.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { bytes, dateTime, duration, exact } from '@/lib/format.ts'
import { type ActivityDetail, type Field, valueOf } from './activity-search.ts'
import { actorName, fieldText, kindName } from './activity-text.ts'
import { Verdict } from './columns.tsx'
import { FilterButton, type OnFilter } from './filter-value.tsx'
import { VerifyChain } from './verify-chain.tsx'

interface EventFactsProps {
  readonly event: ActivityDetail
  readonly onFilter: OnFilter
}

type Fact = readonly [label: ReactNode, value: ReactNode]

/** Everything that was written down about an event; most of it can be filtered by. */
export function EventFacts({ event, onFilter }: EventFactsProps) {
  const filtered = (label: string, field: Field, shown: ReactNode): readonly Fact[] => {
    const value = valueOf(event, field)
    if (value === '') return []
    return [[label, <Filterable key={field} field={field} value={value} onFilter={onFilter} shown={shown} />]]
  }
  const facts: readonly Fact[] = [
    ['When', <When key="when" at={event.at} />],
    ...filtered('Who', 'actor', <Who event={event} />),
    ...(event.actor.id === '' ? [['Who', actorName(event)] as const] : []),
    ...filtered('Kind', 'kind', kindName(event.kind)),
    ...filtered('Verdict', 'verdict', <Verdict verdict={event.verdict} />),
    ['Rule', event.rule === '' ? <None key="rule" text="no rule decided" /> : <Untrusted key="rule" text={event.rule} lengthMax={200} />],
    ...filtered('Outcome', 'outcome', `${fieldText('outcome', event.outcome)}${event.status === 0 ? '' : `, status ${event.status}`}`),
    ...filtered('Endpoint', 'endpoint', fieldText('endpoint', event.endpoint)),
    ...filtered('Deployment', 'deployment', fieldText('deployment', event.deployment)),
    ...filtered('Method', 'method', <Untrusted text={event.method} lengthMax={200} className="font-mono text-xs" />),
    ...filtered('Target', 'target', <Untrusted text={event.target} lengthMax={300} className="font-mono text-xs" />),
    ...(event.era === '' ? [] : [['Era', event.era === 'modern' ? 'modern (2026-07-28)' : event.era] as const]),
    ['Took', `${duration(event.us)} (${exact(event.us)} µs)`],
    ['Bytes', `${bytes(event.bytesIn)} in, ${bytes(event.bytesOut)} out`],
    [
      'Body SHA-256',
      event.bodySha256 === '' ? (
        <None key="sha" text="no body" />
      ) : (
        <Digest key="sha" label="Copy the digest of the body" value={event.bodySha256} />
      ),
    ],
    ['Identifier', <Digest key="id" label="Copy the identifier" value={event.id} />],
    ['Place in chain', <span key="place">{exact(event.sequence)}</span>],
    ['Block hash', <Digest key="hash" label="Copy the hash of the block" value={event.hash} />],
  ]
  return (
    <div className="flex flex-col gap-3">
      <Facts facts={facts} className="items-center gap-y-1.5" />
      <VerifyChain sequence={event.sequence} />
    </div>
  )
}

function When({ at }: { readonly at: string }) {
  return (
    <span>
      {dateTime(at)}
      <span className="ml-2 text-faint">
        <TimeAgo at={at} />
      </span>
    </span>
  )
}

function Who({ event: { actor } }: Pick<EventFactsProps, 'event'>) {
  return (
    <span>
      {actorName({ actor })} <span className="text-faint">({fieldText('actor', actor.kind)})</span>
    </span>
  )
}

interface FilterableProps {
  readonly field: Field
  readonly value: string
  readonly onFilter: OnFilter
  readonly shown: ReactNode
}

function Filterable({ field, value, onFilter, shown }: FilterableProps) {
  return (
    <span className="flex min-w-0 items-center gap-1">
      <span className="min-w-0">{shown}</span>
      <FilterButton field={field} value={value} onFilter={onFilter} />
    </span>
  )
}

function Digest({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <span className="flex min-w-0 items-center gap-1">
      <code className="min-w-0 truncate font-mono text-xs" title={value}>
        {value}
      </code>
      <CopyButton text={value} label={label} />
    </span>
  )
}

const None = ({ text }: { readonly text: string }) => <span className="text-faint">{text}</span>
