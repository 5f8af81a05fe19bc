import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { shellRoute } from './root.tsx'

export const styleRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/style',
  component: lazyRouteComponent(() => import('@/features/style/style-page.tsx'), 'StylePage'),
})
