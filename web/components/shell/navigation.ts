import { Activity, FlaskConical, Gauge, KeyRound, Layers, Server, Settings, type LucideIcon } from 'lucide-react'

export interface NavigationItem {
  readonly to: '/app' | '/app/profiles' | '/app/deployments' | '/app/playground' | '/app/activity' | '/app/keys' | '/app/settings'
  readonly label: string
  readonly icon: LucideIcon
  /** Pressed after `g`. */
  readonly key: string
}

/** The places of the console, in the order of the sidebar, the palette and the shortcuts. */
export const NAVIGATION: readonly NavigationItem[] = [
  { to: '/app', label: 'Overview', icon: Gauge, key: 'o' },
  { to: '/app/profiles', label: 'Profiles', icon: Layers, key: 'p' },
  { to: '/app/deployments', label: 'Deployments', icon: Server, key: 'd' },
  { to: '/app/playground', label: 'Playground', icon: FlaskConical, key: 't' },
  { to: '/app/activity', label: 'Activity', icon: Activity, key: 'a' },
  { to: '/app/keys', label: 'Keys', icon: KeyRound, key: 'k' },
  { to: '/app/settings', label: 'Settings', icon: Settings, key: 's' },
]
