import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { patiently } from '@/lib/patiently.ts'
import { shellRoute } from './root.tsx'

export const styleRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/style',
  component: lazyRouteComponent(
    patiently(() => import('@/features/style/style-page.tsx')),
    'StylePage',
  ),
})
