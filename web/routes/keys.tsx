import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { readKeysSearch } from '@/features/keys/keys-search.ts'
import { patiently } from '@/lib/patiently.ts'
import { shellRoute } from './root.tsx'

export const keysRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/keys',
  validateSearch: readKeysSearch,
  component: lazyRouteComponent(
    patiently(() => import('@/features/keys/keys-page.tsx')),
    'KeysPage',
  ),
})
