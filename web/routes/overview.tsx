import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { type OverviewSearch, readOverviewSearch } from '@/features/overview/overview-search.ts'
import { shellRoute } from './root.tsx'

export const overviewRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  validateSearch: (search: Record<string, unknown>): OverviewSearch => readOverviewSearch(search),
  component: lazyRouteComponent(() => import('@/features/overview/overview-page.tsx'), 'OverviewPage'),
})
