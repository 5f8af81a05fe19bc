import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { ChevronLeft } from 'lucide-react'
import { Page, Skeleton } from '@/components/ui/layout.tsx'
import { ProblemView } from '@/components/ui/problem.tsx'
import { TabPanel, Tabs } from '@/components/ui/tabs.tsx'
import { ConnectPanel } from '@/features/connect/connect-panel.tsx'
import { buttonClass } from '@/components/ui/button.tsx'
import { Section } from '@/components/ui/layout.tsx'
import { ProblemError } from '@/lib/problem.ts'
import { inertLine } from '@/lib/inert.ts'
import { useApi } from '@/lib/queries.ts'
import { useTitle } from '@/lib/use-title.ts'
import { AccessTab } from './access-tab.tsx'
import { ActionsMenu } from './actions-menu.tsx'
import { DeploymentAsks } from './deployment-asks.tsx'
import { type Deployment, refreshMs } from './deployment-model.ts'
import { LogsTab } from './logs-tab.tsx'
import { OverviewTab } from './overview-tab.tsx'
import { SettingsTab } from './settings-tab.tsx'
import { StateBadge } from './state-badge.tsx'
import { ToolsTab } from './tools-tab.tsx'

const route = getRouteApi('/app/deployments/$name')

const BACK = (
  <Link to="/app/deployments" className="mb-1 inline-flex items-center gap-0.5 rounded-sm text-sm text-soft hover:text-text">
    <ChevronLeft aria-hidden className="size-4" /> Deployments
  </Link>
)

/** One server: how it is, what it offers, what it may reach, what it writes. */
export function DeploymentPage() {
  const { name } = route.useParams()
  useTitle(name)
  const { data, error, refetch } = useApi(
    'getDeployment',
    { params: { name } },
    { refetchInterval: ({ state }) => (state.data === undefined ? false : refreshMs([state.data])) },
  )
  const isGone = error instanceof ProblemError && error.problem.status === 404
  if (isGone || (error !== null && data === undefined))
    return (
      <Page title={inertLine(name, 80)} back={BACK}>
        <div className="flex flex-col items-center gap-4">
          <ProblemView error={error} onRetry={() => void refetch()} />
          <Link to="/app/deployments" className={buttonClass()}>
            Show all deployments
          </Link>
        </div>
      </Page>
    )
  if (data === undefined)
    return (
      <Page title={inertLine(name, 80)} back={BACK} description={<Skeleton className="my-1 h-4 w-64" />}>
        <div role="status" aria-label="Loading" className="flex flex-col gap-4">
          <Skeleton className="h-9" />
          <Skeleton className="h-40" />
          <Skeleton className="h-56" />
        </div>
      </Page>
    )
  return <LoadedPage deployment={data} />
}

function LoadedPage({ deployment }: { readonly deployment: Deployment }) {
  const { tab = 'overview' } = route.useSearch()
  const navigate = useNavigate()
  const { name, title, description, status, endpoint } = deployment
  return (
    <Page
      title={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="font-mono">{name}</span>
          <StateBadge state={status?.state ?? null} />
        </span>
      }
      back={BACK}
      description={
        title === name && description === '' ? undefined : (
          <>
            {title !== name && <span className="text-text">{inertLine(title, 200)}</span>}
            {title !== name && description !== '' && ' · '}
            {inertLine(description, 600)}
          </>
        )
      }
      actions={<ActionsMenu deployment={deployment} />}
    >
      <Tabs
        aria-label={`Parts of ${name}`}
        value={tab}
        onChange={(next) =>
          void navigate({ to: '/app/deployments/$name', params: { name }, search: next === 'overview' ? {} : { tab: next } })
        }
        tabs={[
          { value: 'overview', label: 'Overview' },
          { value: 'tools', label: 'Tools', count: status?.toolCount ?? null },
          { value: 'access', label: 'Access' },
          { value: 'logs', label: 'Logs' },
          { value: 'connect', label: 'Connect' },
          { value: 'settings', label: 'Settings' },
        ]}
      >
        <TabPanel value="overview">
          <OverviewTab deployment={deployment} />
        </TabPanel>
        <TabPanel value="tools">
          <ToolsTab deployment={deployment} />
        </TabPanel>
        <TabPanel value="access">
          <AccessTab deployment={deployment} />
        </TabPanel>
        <TabPanel value="logs">
          <LogsTab deployment={deployment} />
        </TabPanel>
        <TabPanel value="connect">
          <Section title="Connect a client" description="Straight to this server. A profile offers several behind one address.">
            <ConnectPanel endpoint={{ name, url: endpoint, title }} />
          </Section>
        </TabPanel>
        <TabPanel value="settings">
          <SettingsTab deployment={deployment} />
        </TabPanel>
      </Tabs>
      <DeploymentAsks deployment={deployment} />
    </Page>
  )
}
