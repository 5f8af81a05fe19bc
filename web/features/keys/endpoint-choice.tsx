import { Layers, Server } from 'lucide-react'
import { useState } from 'react'
import { Badge } from '@/components/ui/badge.tsx'
import { Input } from '@/components/ui/field.tsx'
import { Skeleton } from '@/components/ui/layout.tsx'
import { Checkbox, Segmented } from '@/components/ui/toggle.tsx'
import { inertLine } from '@/lib/inert.ts'
import { useApi } from '@/lib/queries.ts'

interface EndpointChoiceProps {
  readonly isEverywhere: boolean
  readonly value: readonly string[]
  readonly onChange: (change: { readonly isEverywhere?: boolean; readonly endpoints?: readonly string[] }) => void
  readonly fault: string | undefined
}

/** From so many on the list has a filter of its own. */
const FILTERED_FROM = 9

/** Where a key may be used: everywhere, or at chosen profiles and deployments. */
export function EndpointChoice({ isEverywhere, value, onChange, fault }: EndpointChoiceProps) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1.5 text-sm font-medium">Where it may be used</legend>
      <Segmented
        aria-label="Where it may be used"
        className="self-start"
        value={isEverywhere ? 'all' : 'chosen'}
        onChange={(next) => onChange({ isEverywhere: next === 'all' })}
        options={[
          { value: 'all', label: 'All endpoints' },
          { value: 'chosen', label: 'Chosen ones' },
        ]}
      />
      {isEverywhere ? (
        <p className="text-xs text-soft">Also those that are made later. Least is best: choose the one that the client needs.</p>
      ) : (
        <Endpoints value={value} onChange={(endpoints) => onChange({ endpoints })} />
      )}
      {fault !== undefined && <p className="text-xs text-bad">{fault}</p>}
    </fieldset>
  )
}

function Endpoints({ value, onChange }: { readonly value: readonly string[]; readonly onChange: (names: readonly string[]) => void }) {
  const [words, setWords] = useState('')
  const { rows, isPending } = useEndpoints()
  const shown = rows.filter(({ name, title }) => `${name} ${title}`.toLowerCase().includes(words.trim().toLowerCase()))
  if (isPending) return <Skeleton className="h-24" />
  return (
    <div className="rounded-md border">
      {rows.length >= FILTERED_FROM && (
        <div className="border-b p-1.5">
          <Input aria-label="Filter endpoints" placeholder="Filter" value={words} onChange={(event) => setWords(event.target.value)} />
        </div>
      )}
      <ul className="max-h-56 divide-y overflow-y-auto">
        {shown.map(({ name, title, isProfile }) => (
          <li key={name} className="flex items-center gap-2 px-3 py-1.5">
            <Checkbox
              className="min-w-0 grow"
              isChecked={value.includes(name)}
              onChange={(isChosen) => onChange(isChosen ? [...value, name] : value.filter((each) => each !== name))}
              label={
                <span className="break-all">
                  <span className="font-mono text-xs">{name}</span>
                  {title !== name && <span className="ml-2 text-faint">{inertLine(title, 60)}</span>}
                </span>
              }
            />
            <Badge icon={isProfile ? <Layers /> : <Server />}>{isProfile ? 'Profile' : 'Deployment'}</Badge>
          </li>
        ))}
        {shown.length === 0 && (
          <li className="px-3 py-3 text-sm text-soft">{rows.length === 0 ? 'There is no endpoint yet.' : 'None matches.'}</li>
        )}
      </ul>
    </div>
  )
}

function useEndpoints() {
  const profiles = useApi('listProfiles', { query: { limit: 500 } })
  const deployments = useApi('listDeployments', { query: { limit: 500 } })
  const rows = [
    ...(profiles.data?.items ?? []).map(({ name, title }) => ({ name, title, isProfile: true })),
    ...(deployments.data?.items ?? []).map(({ name, title }) => ({ name, title, isProfile: false })),
  ]
  return { rows, isPending: profiles.isPending || deployments.isPending }
}
