import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { readSettingsSearch } from '@/features/settings/settings-search.ts'
import { patiently } from '@/lib/patiently.ts'
import { shellRoute } from './root.tsx'

export const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/settings',
  validateSearch: readSettingsSearch,
  component: lazyRouteComponent(
    patiently(() => import('@/features/settings/settings-page.tsx')),
    'SettingsPage',
  ),
})
