import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { Button, buttonClass } from '@/components/ui/button.tsx'
import { Empty, Section, SkeletonRows } from '@/components/ui/layout.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { Select } from '@/components/ui/select.tsx'
import { inertLine } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'
import { useApi } from '@/lib/queries.ts'
import { type Profile, readOnlyReason } from './profile-model.ts'
import { ServerRow } from './server-row.tsx'
import { useProfileChange } from './use-profile-change.ts'

const REFRESH_MS = 10_000

/** The servers a profile draws from; of two tools with one name that of the first server stays. */
export function ServersTab({ profile }: { readonly profile: Profile }) {
  const { name, servers } = profile
  const isReadOnly = readOnlyReason(profile) !== null
  const { change } = useProfileChange(name)
  const deployments = useApi('listDeployments', { query: { limit: 500 } }, { refetchInterval: REFRESH_MS })
  const known = deployments.data?.items ?? []
  const free = known.filter((each) => !servers.includes(each.name))
  if (deployments.data === undefined) {
    return (
      <Section isPadded={false}>
        {deployments.error === null ? <SkeletonRows rows={3} /> : <ProblemNote problem={asProblem(deployments.error)} className="m-4" />}
      </Section>
    )
  }
  const remove = (server: string): void =>
    change({ make: (fresh) => ({ servers: fresh.servers.filter((each) => each !== server) }), done: `${server} is out of this profile` })
  const move = (server: string, by: -1 | 1): void => change({ make: (fresh) => ({ servers: moved(fresh.servers, server, by) }) })
  return (
    <div className="flex flex-col gap-4">
      <Section isPadded={false}>
        {servers.length === 0 ? (
          <Empty title="Add a server to this profile">Its tools then stand behind the address of the profile.</Empty>
        ) : (
          <ol className="divide-y" aria-label="Servers of this profile">
            {servers.map((server, index) => (
              <ServerRow
                key={server}
                server={server}
                deployment={known.find((each) => each.name === server) ?? null}
                isFirst={index === 0}
                isLast={index === servers.length - 1}
                isReadOnly={isReadOnly}
                onMove={(by) => move(server, by)}
                onRemove={() => remove(server)}
              />
            ))}
          </ol>
        )}
      </Section>
      {!isReadOnly && (
        <AddServer
          free={free.map((each) => ({
            value: each.name,
            label: each.name,
            ...(each.title === each.name ? {} : { hint: inertLine(each.title, 60) }),
          }))}
          onAdd={(server) =>
            change({
              make: (fresh) => ({ servers: fresh.servers.includes(server) ? fresh.servers : [...fresh.servers, server] }),
              done: `${server} is in this profile`,
            })
          }
        />
      )}
    </div>
  )
}

/** The list with one name a place up or down; unchanged when it has gone meanwhile. */
function moved(servers: readonly string[], server: string, by: -1 | 1): string[] {
  const from = servers.indexOf(server)
  const to = from + by
  if (from < 0 || to < 0 || to >= servers.length) return [...servers]
  const rest = servers.filter((each) => each !== server)
  return [...rest.slice(0, to), server, ...rest.slice(to)]
}

interface AddServerProps {
  readonly free: readonly { readonly value: string; readonly label: string; readonly hint?: string }[]
  readonly onAdd: (server: string) => void
}

function AddServer({ free, onAdd }: AddServerProps) {
  const [chosen, setChosen] = useState('')
  const value = free.some((each) => each.value === chosen) ? chosen : (free[0]?.value ?? '')
  return (
    <div className="flex flex-wrap items-center gap-2">
      {free.length === 0 ? (
        <p className="text-sm text-soft">Every server is in this profile.</p>
      ) : (
        <>
          <Select aria-label="Server to add" value={value} onChange={setChosen} options={free} className="w-64 max-w-full" />
          <Button onClick={() => onAdd(value)}>
            <Plus /> Add to profile
          </Button>
        </>
      )}
      <Link to="/app/deployments" search={{ add: 1 }} className={buttonClass({ variant: 'ghost', className: 'sm:ml-auto' })}>
        Add a new server
      </Link>
    </div>
  )
}
