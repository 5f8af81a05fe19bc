import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { session } from '@/lib/session.ts'
import { patiently } from '@/lib/patiently.ts'
import { rootRoute } from './root.tsx'

/** A name of digits comes out of the address as a number. */
const text = (value: unknown): string | undefined => (typeof value === 'string' || typeof value === 'number' ? String(value) : undefined)

/** Where the one-time link leads. */
export const welcomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/welcome',
  validateSearch: (search: Record<string, unknown>): { token?: string | undefined } => ({ token: text(search['token']) }),
  component: lazyRouteComponent(
    patiently(() => import('@/features/first-run/welcome-page.tsx')),
    'WelcomePage',
  ),
})

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/app/sign-in',
  validateSearch: (search: Record<string, unknown>): { next?: string | undefined; reason?: string | undefined } => ({
    next: text(search['next']),
    reason: text(search['reason']),
  }),
  component: lazyRouteComponent(
    patiently(() => import('@/features/sign-in/sign-in-page.tsx')),
    'SignInPage',
  ),
})

export interface FirstRunSearch {
  readonly step?: 1 | 2 | 3 | undefined
  /** The profile or deployment that is connected. */
  readonly endpoint?: string | undefined
  /** The event of the first call. */
  readonly call?: string | undefined
}

const STEPS = [1, 2, 3] as const

export const firstRunRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/app/first-run',
  validateSearch: (search: Record<string, unknown>): FirstRunSearch => ({
    step: STEPS.find((step) => step === Number(search['step'])),
    endpoint: text(search['endpoint']),
    call: text(search['call']),
  }),
  beforeLoad: ({ location }) => {
    if (session.proof() === null) throw redirect({ to: '/app/sign-in', search: { next: location.href } })
  },
  component: lazyRouteComponent(
    patiently(() => import('@/features/first-run/first-run-page.tsx')),
    'FirstRunPage',
  ),
})

/** Where the type of a problem leads, also for who is not signed in. */
export const problemRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/app/problems/$type',
  component: lazyRouteComponent(
    patiently(() => import('@/features/problems/problem-page.tsx')),
    'ProblemPage',
  ),
})

export const problemsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/app/problems',
  component: lazyRouteComponent(
    patiently(() => import('@/features/problems/problem-page.tsx')),
    'ProblemsPage',
  ),
})
