import { useNavigate } from '@tanstack/react-router'
import { FlaskConical, KeyRound, Keyboard, Layers, Monitor, Moon, Plus, Server, Sun } from 'lucide-react'
import { type ReactNode, useMemo } from 'react'
import { inertLine } from '@/lib/inert.ts'
import { useApi } from '@/lib/queries.ts'
import { chooseTheme } from '@/lib/theme.ts'
import { NAVIGATION } from './navigation.ts'
import { showOverlay } from './overlay.ts'
import type { Findable } from './palette-match.ts'

export interface PaletteItem extends Findable {
  readonly id: string
  readonly group: string
  readonly icon: ReactNode
  /** On the right: a second name or the shortcut. */
  readonly hint?: string
  readonly keys?: readonly string[]
  readonly run: () => void
}

const FRESH = { staleTime: 30_000 }
const LISTED_MAX = 200
const TOOLS_MAX = 20

/** Everything the palette can find: places, actions, and what exists here by name. */
export function usePaletteItems(): { readonly items: readonly PaletteItem[]; readonly isLoading: boolean } {
  const navigate = useNavigate()
  const query = { query: { limit: LISTED_MAX } }
  const deployments = useApi('listDeployments', query, FRESH)
  const profiles = useApi('listProfiles', query, FRESH)
  const keys = useApi('listKeys', query, FRESH)
  const calls = useApi('listActivity', { query: { kind: 'call', method: 'tools/call', limit: 100 } }, FRESH)
  const items = useMemo(() => {
    const go: Go = (href) => () => void navigate({ href })
    return [
      ...placesAndActions(go),
      ...(deployments.data?.items ?? []).map((deployment) =>
        named(go, 'Deployments', <Server />, `/app/deployments/${encodeURIComponent(deployment.name)}`, deployment.name, deployment.title),
      ),
      ...(profiles.data?.items ?? []).map((profile) =>
        named(go, 'Profiles', <Layers />, `/app/profiles/${encodeURIComponent(profile.name)}`, profile.name, profile.title),
      ),
      ...(keys.data?.items ?? [])
        .filter(({ revokedAt }) => revokedAt === null)
        .map((key) => named(go, 'Keys', <KeyRound />, `/app/keys?key=${encodeURIComponent(key.id)}`, key.name, '', key.id)),
      ...recentTools(calls.data?.items ?? [], go),
    ]
  }, [navigate, deployments.data, profiles.data, keys.data, calls.data])
  return { items, isLoading: deployments.isPending || profiles.isPending || keys.isPending }
}

type Go = (href: string) => () => void

function named(go: Go, group: string, icon: ReactNode, href: string, name: string, title: string, id = name): PaletteItem {
  const label = inertLine(name, 80)
  const hint = title === name ? '' : inertLine(title, 80)
  return { id: `${group} ${id}`, group, icon, label, words: `${hint} ${group}`, run: go(href), ...(hint === '' ? {} : { hint }) }
}

function placesAndActions(go: Go): readonly PaletteItem[] {
  const act = (label: string, icon: ReactNode, run: () => void, words = ''): PaletteItem => ({
    id: label,
    group: 'Actions',
    icon,
    label,
    words,
    run,
  })
  return [
    ...NAVIGATION.map(({ to, label, icon: Icon, key }): PaletteItem => ({
      id: to,
      group: 'Go to',
      icon: <Icon />,
      label,
      words: 'go page',
      keys: ['G', key.toUpperCase()],
      run: go(to),
    })),
    act('Add server', <Plus />, go('/app/deployments?add=1'), 'new deployment create'),
    act('Create profile', <Plus />, go('/app/profiles?create=1'), 'new add'),
    act('Create key', <Plus />, go('/app/keys?create=1'), 'new add credential token'),
    act('Use the light theme', <Sun />, () => chooseTheme('light'), 'switch appearance bright'),
    act('Use the dark theme', <Moon />, () => chooseTheme('dark'), 'switch appearance night'),
    act('Use the theme of the system', <Monitor />, () => chooseTheme('system'), 'switch appearance'),
    act('Show the shortcuts', <Keyboard />, () => showOverlay('shortcuts'), 'keyboard help'),
  ]
}

interface Call {
  readonly endpoint: string
  readonly target: string
}

/** The tools called last, each once. */
function recentTools(calls: readonly Call[], go: Go): readonly PaletteItem[] {
  const byName = new Map<string, Call>()
  for (const call of calls) {
    if (call.target !== '' && call.endpoint !== '') byName.set(`${call.endpoint} ${call.target}`, call)
    if (byName.size >= TOOLS_MAX) break
  }
  return [...byName].map(([id, { endpoint, target }]) => ({
    id: `tool ${id}`,
    group: 'Recent tools',
    icon: <FlaskConical />,
    label: inertLine(target, 80),
    hint: inertLine(endpoint, 60),
    words: `${endpoint} tool call try`,
    run: go(`/app/playground?${new URLSearchParams({ endpoint, tool: target }).toString()}`),
  }))
}
