import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { ChevronLeft, Copy, FileLock2 } from 'lucide-react'
import { buttonClass } from '@/components/ui/button.tsx'
import { CopyButton } from '@/components/ui/copy.tsx'
import { Page, Section, Skeleton } from '@/components/ui/layout.tsx'
import { ProblemView } from '@/components/ui/problem.tsx'
import { TabPanel, Tabs } from '@/components/ui/tabs.tsx'
import { ConnectPanel } from '@/features/connect/connect-panel.tsx'
import { inertLine } from '@/lib/inert.ts'
import { useApi } from '@/lib/queries.ts'
import { useTitle } from '@/lib/use-title.ts'
import type { ProfileTab } from '@/routes/profiles.tsx'
import { AccessBadge } from './access-badge.tsx'
import { type Profile, readOnlyReason } from './profile-model.ts'
import { ServersTab } from './servers-tab.tsx'
import { SettingsTab } from './settings-tab.tsx'
import { ToolsTab } from './tools-tab.tsx'

/** One profile: what it offers, from where, how it is reached, and who may use it. */
export function ProfilePage() {
  const { name } = useParams({ from: '/app/profiles/$name' })
  useTitle(name)
  const { data, error, refetch } = useApi('getProfile', { params: { name } })
  if (data !== undefined) return <Loaded profile={data} />
  return (
    <Page title={inertLine(name, 80)} back={<Back />}>
      {error === null ? <Skeleton className="h-96" /> : <ProblemView error={error} onRetry={() => void refetch()} />}
    </Page>
  )
}

const Back = () => (
  <Link to="/app/profiles" className="mb-1 inline-flex items-center gap-0.5 text-sm text-soft hover:text-text">
    <ChevronLeft aria-hidden className="size-4" /> Profiles
  </Link>
)

function Loaded({ profile }: { readonly profile: Profile }) {
  const { name, title, description, access, endpoint, servers } = profile
  const { tab = 'tools' } = useSearch({ from: '/app/profiles/$name' })
  const navigate = useNavigate()
  const choose = (next: ProfileTab): void =>
    void navigate({ to: '/app/profiles/$name', params: { name }, search: next === 'tools' ? {} : { tab: next } })
  return (
    <Page
      back={<Back />}
      title={inertLine(title, 200)}
      description={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
          <span className="flex min-w-0 items-center gap-1">
            <code className="min-w-0 font-mono text-xs break-all">{endpoint}</code>
            <CopyButton text={endpoint} label="Copy the endpoint" />
          </span>
          <AccessBadge access={access} />
          {description !== '' && <span className="basis-full">{inertLine(description, 400)}</span>}
        </span>
      }
      actions={
        <Link to="/app/profiles" search={{ create: 1, from: name }} className={buttonClass()}>
          <Copy /> Copy profile
        </Link>
      }
    >
      <ReadOnlyNote profile={profile} />
      <Tabs
        aria-label="Parts of the profile"
        value={tab}
        onChange={choose}
        tabs={[
          { value: 'tools', label: 'Tools' },
          { value: 'servers', label: 'Servers', count: servers.length },
          { value: 'connect', label: 'Connect' },
          { value: 'settings', label: 'Settings' },
        ]}
      >
        <TabPanel value="tools">
          <ToolsTab profile={profile} />
        </TabPanel>
        <TabPanel value="servers">
          <ServersTab profile={profile} />
        </TabPanel>
        <TabPanel value="connect">
          <Section title="Connect a client">
            <ConnectPanel endpoint={{ name, url: endpoint, title }} />
          </Section>
        </TabPanel>
        <TabPanel value="settings">
          <SettingsTab key={name} profile={profile} />
        </TabPanel>
      </Tabs>
    </Page>
  )
}

function ReadOnlyNote({ profile }: { readonly profile: Profile }) {
  const reason = readOnlyReason(profile)
  if (reason === null) return null
  return (
    <div className="flex gap-2.5 rounded-md border bg-surface px-3 py-2.5 text-sm">
      <FileLock2 aria-hidden className="mt-0.5 size-4 shrink-0 text-faint" />
      <p className="min-w-0">
        <strong className="font-semibold">Read-only.</strong> <span className="text-soft">{reason.text}</span>
        {reason.place !== null && (
          <span className="mt-0.5 flex items-center gap-1">
            <code className="font-mono text-xs break-all">{inertLine(reason.place, 400)}</code>
            <CopyButton text={reason.place} label="Copy the place" />
          </span>
        )}
      </p>
    </div>
  )
}
