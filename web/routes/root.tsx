import { createRootRoute, createRoute, Outlet, redirect } from '@tanstack/react-router'
import { NotFound, PageFailed } from '@/components/shell/not-found.tsx'
import { Shell } from '@/components/shell/shell.tsx'
import { session } from '@/lib/session.ts'

export const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: PageFailed })

/** Everything behind the sign-in. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/app',
  component: Shell,
  beforeLoad: ({ location }) => {
    if (session.proof() === null) throw redirect({ to: '/app/sign-in', search: { next: location.href } })
  },
})
