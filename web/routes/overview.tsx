import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { type OverviewSearch, readOverviewSearch } from '@/features/overview/overview-search.ts'
import { patiently } from '@/lib/patiently.ts'
import { shellRoute } from './root.tsx'

export const overviewRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  validateSearch: (search: Record<string, unknown>): OverviewSearch => readOverviewSearch(search),
  component: lazyRouteComponent(
    patiently(() => import('@/features/overview/overview-page.tsx')),
    'OverviewPage',
  ),
})
