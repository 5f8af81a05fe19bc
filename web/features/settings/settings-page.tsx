import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Page } from '@/components/ui/layout.tsx'
import { TabPanel, Tabs } from '@/components/ui/tabs.tsx'
import { useTitle } from '@/lib/use-title.ts'
import { DeclaredTab } from './declared-tab.tsx'
import { HealthTab } from './health-tab.tsx'
import { OwnersTab } from './owners-tab.tsx'
import { SecretsTab } from './secrets-tab.tsx'
import type { SettingsSearch, SettingsTab } from './settings-search.ts'
import { SettingsList } from './settings-list.tsx'

const route = getRouteApi('/app/settings')

const TABS: readonly { readonly value: SettingsTab; readonly label: string }[] = [
  { value: 'settings', label: 'Settings' },
  { value: 'health', label: 'Health' },
  { value: 'secrets', label: 'Secrets' },
  { value: 'file', label: 'Declared file' },
  { value: 'owners', label: 'Owners' },
]

/** How this server is set up and how it is. */
export function SettingsPage() {
  const search = route.useSearch()
  const navigate = useNavigate()
  const tab = search.tab ?? 'settings'
  useTitle(TABS.find(({ value }) => value === tab)!.label)
  const go = (next: SettingsSearch, replace = false): void =>
    void navigate({ to: '/app/settings', search: { tab: search.tab, ...next }, replace })
  return (
    <Page title="Settings" description="How this server is set up, how it is, and what it keeps.">
      <Tabs<SettingsTab>
        aria-label="Parts of the settings"
        value={tab}
        onChange={(next) => go({ tab: next === 'settings' ? undefined : next })}
        tabs={TABS}
      >
        <TabPanel value="settings">
          <SettingsList q={search.q ?? ''} onSearch={(q) => go({ q: q === '' ? undefined : q }, true)} />
        </TabPanel>
        <TabPanel value="health">
          <HealthTab />
        </TabPanel>
        <TabPanel value="secrets">
          <SecretsTab search={search} onGo={go} />
        </TabPanel>
        <TabPanel value="file">
          <DeclaredTab />
        </TabPanel>
        <TabPanel value="owners">
          <OwnersTab />
        </TabPanel>
      </Tabs>
    </Page>
  )
}
