import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Plus, Search, Server } from 'lucide-react'
import { DataTable } from '@/components/data-table.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Empty, Page, Section } from '@/components/ui/layout.tsx'
import { ProblemView } from '@/components/ui/problem.tsx'
import { SearchField } from '@/components/ui/search-field.tsx'
import { Select } from '@/components/ui/select.tsx'
import { exact } from '@/lib/format.ts'
import { useTitle } from '@/lib/use-title.ts'
import { AddSheet } from './add-sheet.tsx'
import { DeclaredBanner } from './declared-banner.tsx'
import { DEPLOYMENT_COLUMNS } from './deployment-columns.tsx'
import { type Deployment, needsSomebody, STATES } from './deployment-model.ts'
import { filterDeployments, type StateFilter } from './filter-deployments.ts'
import { STATE_LOOKS } from './state-badge.tsx'
import { useDeployments } from './use-deployments.ts'

const route = getRouteApi('/app/deployments')

/** Every server behind the door, and the way to add one. */
export function DeploymentsPage() {
  useTitle('Deployments')
  const { state, q = '', add } = route.useSearch()
  const navigate = useNavigate()
  const { data, error, isPending, refetch } = useDeployments()
  const openAdd = (): void => void navigate({ to: '/app/deployments', search: (before) => ({ ...before, add: 1 }) })
  const shown = filterDeployments(data ?? [], q, state)
  return (
    <Page
      title="Deployments"
      description="The MCP servers behind this door: remote ones it calls, and processes it runs."
      actions={
        <Button variant="primary" onClick={openAdd}>
          <Plus /> Add server
        </Button>
      }
    >
      <DeclaredBanner />
      {error !== null && data === undefined ? (
        <ProblemView error={error} onRetry={() => void refetch()} />
      ) : (
        <div className="flex flex-col gap-3">
          <Filters deployments={data ?? []} shownCount={shown.length} />
          <Section isPadded={false}>
            <DataTable
              label="Deployments"
              columns={DEPLOYMENT_COLUMNS}
              rows={shown}
              rowKey={({ name }) => name}
              isLoading={isPending}
              initialSort={{ id: 'name', desc: false }}
              onOpen={({ name }) => void navigate({ to: '/app/deployments/$name', params: { name } })}
              empty={<NoRows isFiltered={(data?.length ?? 0) > 0} onAdd={openAdd} />}
            />
          </Section>
        </div>
      )}
      <AddSheet isOpen={add === 1} taken={(data ?? []).map(({ name }) => name)} />
    </Page>
  )
}

function NoRows({ isFiltered, onAdd }: { readonly isFiltered: boolean; readonly onAdd: () => void }) {
  const navigate = useNavigate()
  if (isFiltered)
    return (
      <Empty
        icon={<Search />}
        title="Change the filter"
        action={<Button onClick={() => void navigate({ to: '/app/deployments', search: {} })}>Clear filters</Button>}
      >
        No server matches it.
      </Empty>
    )
  return (
    <Empty
      icon={<Server />}
      title="Add a server"
      action={
        <Button variant="primary" onClick={onAdd}>
          <Plus /> Add server
        </Button>
      }
    >
      Paste an address, a command such as <code className="font-mono text-xs">npx -y …</code>, or the JSON of your client.
    </Empty>
  )
}

function Filters({ deployments, shownCount }: { readonly deployments: readonly Deployment[]; readonly shownCount: number }) {
  const { state, q = '' } = route.useSearch()
  const navigate = useNavigate()
  const set = (change: { state?: StateFilter | undefined; q?: string | undefined }): void =>
    void navigate({ to: '/app/deployments', search: (before) => ({ ...before, ...change }), replace: true })
  const attention = deployments.filter(({ status }) => needsSomebody(status)).length
  const counts = new Map(STATES.map((each) => [each, deployments.filter(({ status }) => status?.state === each).length]))
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchField
        label="Search deployments"
        placeholder="Search by name or command"
        value={q}
        onChange={(next) => set({ q: next === '' ? undefined : next })}
      />
      <Select
        aria-label="State"
        className="w-auto min-w-44"
        value={state ?? 'all'}
        onChange={(next) => set({ state: next === 'all' ? undefined : next })}
        options={[
          { value: 'all' as const, label: `All states (${deployments.length})` },
          ...(attention > 0 || state === 'attention' ? [{ value: 'attention' as const, label: `Needs attention (${attention})` }] : []),
          ...STATES.filter((each) => counts.get(each)! > 0 || each === state).map((each) => ({
            value: each,
            label: `${STATE_LOOKS[each].label} (${counts.get(each)!})`,
          })),
        ]}
      />
      {(q !== '' || state !== undefined) && (
        <p role="status" className="text-sm text-faint">
          {exact(shownCount)} of {exact(deployments.length)}
        </p>
      )}
    </div>
  )
}
