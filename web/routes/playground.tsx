import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { readSearch } from '@/features/playground/hand-over.ts'
import { patiently } from '@/lib/patiently.ts'
import { shellRoute } from './root.tsx'

/** `?endpoint=…&tool=…&arguments={…}`; without an endpoint: everything the caller may use. */
export const playgroundRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/playground',
  validateSearch: readSearch,
  component: lazyRouteComponent(
    patiently(() => import('@/features/playground/playground-page.tsx')),
    'PlaygroundPage',
  ),
})
