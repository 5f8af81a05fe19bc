import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { patiently } from '@/lib/patiently.ts'
import { shellRoute } from './root.tsx'

/** A name of digits comes out of the address as a number. */
const text = (value: unknown): string | undefined =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined

export interface ProfilesSearch {
  /** The dialog that creates a profile is open. */
  readonly create?: 1 | undefined
  /** The profile it copies. */
  readonly from?: string | undefined
}

export const profilesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/profiles',
  validateSearch: (search: Record<string, unknown>): ProfilesSearch => ({
    create: Number(search['create']) === 1 ? 1 : undefined,
    from: text(search['from']),
  }),
  component: lazyRouteComponent(
    patiently(() => import('@/features/profiles/profiles-page.tsx')),
    'ProfilesPage',
  ),
})

const TABS = ['tools', 'servers', 'connect', 'settings'] as const
export type ProfileTab = (typeof TABS)[number]

export interface ProfileSearch {
  readonly tab?: ProfileTab | undefined
  /** The tool that is open, as `server__tool`. */
  readonly tool?: string | undefined
  /** Filters the tools. */
  readonly q?: string | undefined
}

export const profileRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/profiles/$name',
  validateSearch: (search: Record<string, unknown>): ProfileSearch => ({
    tab: TABS.find((tab) => tab === search['tab']),
    tool: text(search['tool']),
    q: search['q'] === undefined ? undefined : text(String(search['q'] as unknown)),
  }),
  component: lazyRouteComponent(
    patiently(() => import('@/features/profiles/profile-page.tsx')),
    'ProfilePage',
  ),
})
