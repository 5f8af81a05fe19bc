import { Select } from '@/components/ui/select.tsx'
import { inertLine } from '@/lib/inert.ts'
import type { Endpoint } from '@/lib/mcp.ts'

const EVERYTHING = ''

interface EndpointSelectProps {
  readonly endpoints: readonly Endpoint[]
  readonly value: string | null
  readonly onChange: (endpoint: string | null) => void
}

/** Where tools are called: profiles first, for they are what clients connect to. */
export function EndpointSelect({ endpoints, value, onChange }: EndpointSelectProps) {
  const sorted = endpoints.toSorted((one, other) => Number(one.kind === 'deployment') - Number(other.kind === 'deployment'))
  const isKnown = value === null || endpoints.some(({ name }) => name === value)
  const options = [
    ...sorted.map(({ name, kind, status }) => ({
      value: name,
      label: name,
      hint: `${kind === 'profile' ? 'Profile' : 'Deployment'}${status === 'ready' ? '' : ` · ${inertLine(status, 40).replaceAll('-', ' ')}`}`,
    })),
    { value: EVERYTHING, label: 'Everything', hint: 'All that you may use, federated' },
    ...(isKnown ? [] : [{ value, label: inertLine(value, 60), hint: 'Unknown' }]),
  ]
  return (
    <Select
      aria-label="Endpoint"
      value={value ?? EVERYTHING}
      options={options}
      onChange={(next) => onChange(next === EVERYTHING ? null : next)}
    />
  )
}
