import { Link } from '@tanstack/react-router'
import { Skeleton } from '@/components/ui/layout.tsx'
import { Checkbox } from '@/components/ui/toggle.tsx'
import type { Deployment } from '@/features/deployments/deployment-model.ts'
import { StateBadge } from '@/features/deployments/state-badge.tsx'
import { inertLine } from '@/lib/inert.ts'

interface ServerChoiceProps {
  readonly deployments: readonly Deployment[]
  readonly isLoading: boolean
  readonly value: readonly string[]
  readonly onChange: (names: readonly string[]) => void
}

/** Which servers a profile draws from, in the order they were chosen. */
export function ServerChoice({ deployments, isLoading, value, onChange }: ServerChoiceProps) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-1.5">
      <legend className="mb-1.5 text-sm font-medium">
        Servers <span className="ml-1 font-normal text-faint">optional</span>
      </legend>
      {isLoading ? (
        <Skeleton className="h-20" />
      ) : deployments.length === 0 ? (
        <p className="text-sm text-soft">
          There are none yet.{' '}
          <Link to="/app/deployments" search={{ add: 1 }} className="text-accent-text underline-offset-2 hover:underline">
            Add server
          </Link>
        </p>
      ) : (
        <ul className="max-h-56 divide-y overflow-y-auto rounded-md border">
          {deployments.map(({ name, title, status }) => (
            <li key={name} className="flex items-center gap-2 px-3 py-1.5">
              <Checkbox
                className="min-w-0 grow"
                isChecked={value.includes(name)}
                onChange={(isChecked) => onChange(isChecked ? [...value, name] : value.filter((each) => each !== name))}
                label={
                  <span className="break-all">
                    <span className="font-mono text-xs">{name}</span>
                    {title !== name && <span className="ml-2 text-faint">{inertLine(title, 60)}</span>}
                  </span>
                }
              />
              <StateBadge state={status?.state ?? null} />
            </li>
          ))}
        </ul>
      )}
    </fieldset>
  )
}
