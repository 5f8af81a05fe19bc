import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Layers, Plus } from 'lucide-react'
import { type ColumnDef, DataTable } from '@/components/data-table.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Empty, Page, Section } from '@/components/ui/layout.tsx'
import { ProblemView } from '@/components/ui/problem.tsx'
import { type EndpointView, endpointViewKey } from '@/features/connect/endpoint-view.ts'
import { inertLine } from '@/lib/inert.ts'
import { useApi } from '@/lib/queries.ts'
import { useTitle } from '@/lib/use-title.ts'
import { CreateProfileDialog } from './create-profile-dialog.tsx'
import { AccessBadge, Origin } from './access-badge.tsx'
import type { Profile } from './profile-model.ts'

type Row = Profile & { readonly toolCount: number | null }

/** All profiles: what each offers, from which servers, to whom. */
export function ProfilesPage() {
  useTitle('Profiles')
  const navigate = useNavigate()
  const { create, from } = useSearch({ from: '/app/profiles' })
  const profiles = useApi('listProfiles', { query: { limit: 500 } })
  const rows = useToolCounts(profiles.data?.items ?? [])
  const openDialog = (): void => void navigate({ to: '/app/profiles', search: { create: 1 } })
  return (
    <Page
      title="Profiles"
      description="A profile puts chosen tools of several servers behind one address."
      actions={
        <Button variant="primary" onClick={openDialog}>
          <Plus /> Create profile
        </Button>
      }
    >
      {profiles.error !== null && profiles.data === undefined ? (
        <ProblemView error={profiles.error} onRetry={() => void profiles.refetch()} />
      ) : (
        <Section isPadded={false}>
          <DataTable
            label="Profiles"
            columns={COLUMNS}
            rows={rows}
            rowKey={({ name }) => name}
            isLoading={profiles.isPending}
            initialSort={{ id: 'name', desc: false }}
            onOpen={({ name }) => void navigate({ to: '/app/profiles/$name', params: { name } })}
            empty={
              <Empty
                icon={<Layers />}
                title="Create a profile"
                action={
                  <Button variant="primary" onClick={openDialog}>
                    <Plus /> Create profile
                  </Button>
                }
              >
                One address for the tools that belong together, such as those of a team or a project.
              </Empty>
            }
          />
        </Section>
      )}
      <CreateProfileDialog isOpen={create === 1} from={from ?? null} onClose={() => void navigate({ to: '/app/profiles', search: {} })} />
    </Page>
  )
}

/**
 * How many tools each offers, where that is known without asking: an endpoint that is asked asks its servers, and leaves
 * a record. A profile without exclusions offers what its servers have.
 */
function useToolCounts(profiles: readonly Profile[]): readonly Row[] {
  const queries = useQueryClient()
  const { data } = useApi('listDeployments', { query: { limit: 500 } })
  const counts = new Map(data?.items.map(({ name, status }) => [name, status?.toolCount ?? null]))
  return profiles.map((profile) => {
    const { name, servers, tools } = profile
    const seen = queries.getQueryData<EndpointView>(endpointViewKey(name))?.tools.length
    const each = servers.map((server) => counts.get(server) ?? null)
    const isWhole = tools.include.length === 0 && tools.exclude.length === 0 && !each.includes(null)
    return { ...profile, toolCount: seen ?? (isWhole ? each.reduce<number>((sum, known) => sum + (known ?? 0), 0) : null) }
  })
}

const COLUMNS: readonly ColumnDef<Row>[] = [
  {
    id: 'name',
    header: 'Name',
    sortBy: ({ name }) => name,
    cell: ({ name, title }) => (
      <span className="flex min-w-0 flex-col">
        <Link to="/app/profiles/$name" params={{ name }} tabIndex={-1} className="truncate font-mono text-sm font-medium hover:underline">
          {name}
        </Link>
        {title !== name && <span className="max-w-56 truncate text-xs text-faint">{inertLine(title, 80)}</span>}
      </span>
    ),
  },
  {
    id: 'servers',
    header: 'Servers',
    sortBy: ({ servers }) => servers.length,
    isHiddenNarrow: true,
    cell: ({ servers }) =>
      servers.length === 0 ? (
        <span className="text-faint">none</span>
      ) : (
        <span className="font-mono text-xs">
          {servers.slice(0, 4).join(', ')}
          {servers.length > 4 && <span className="text-faint"> +{servers.length - 4}</span>}
        </span>
      ),
  },
  {
    id: 'tools',
    header: 'Tools',
    align: 'right',
    width: '5rem',
    sortBy: ({ toolCount }) => toolCount,
    cell: ({ toolCount }) => toolCount ?? <span className="text-faint">–</span>,
  },
  {
    id: 'access',
    header: 'Access',
    width: '9rem',
    sortBy: ({ access }) => access,
    cell: ({ access }) => <AccessBadge access={access} />,
  },
  {
    id: 'origin',
    header: 'Origin',
    width: '8rem',
    isHiddenNarrow: true,
    sortBy: ({ origin }) => origin.kind,
    cell: ({ origin }) => <Origin origin={origin} />,
  },
]
