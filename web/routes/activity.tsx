import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { readActivitySearch } from '@/features/activity/activity-search.ts'
import { patiently } from '@/lib/patiently.ts'
import { shellRoute } from './root.tsx'

export const activityRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/activity',
  validateSearch: readActivitySearch,
  component: lazyRouteComponent(
    patiently(() => import('@/features/activity/activity-page.tsx')),
    'ActivityPage',
  ),
})
