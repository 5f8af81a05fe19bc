import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { isState, type State } from '@/features/deployments/deployment-model.ts'
import { patiently } from '@/lib/patiently.ts'
import { shellRoute } from './root.tsx'

/** A name of digits comes out of the address as a number. */
const text = (value: unknown): string | undefined =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined
const flag = (value: unknown): 1 | undefined => (value === 1 || value === '1' || value === true ? 1 : undefined)

export interface DeploymentsSearch {
  /** The sheet that adds a server is open. */
  readonly add?: 1 | undefined
  /** Servers that were just added, their names parted by commas: the sheet shows how they start. */
  readonly made?: string | undefined
  readonly state?: State | 'attention' | undefined
  readonly q?: string | undefined
}

export const deploymentsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/deployments',
  validateSearch: (search: Record<string, unknown>): DeploymentsSearch => ({
    add: flag(search['add']),
    made: text(search['made']),
    state: isState(search['state']) || search['state'] === 'attention' ? search['state'] : undefined,
    q: search['q'] === undefined ? undefined : text(String(search['q'] as unknown)),
  }),
  component: lazyRouteComponent(
    patiently(() => import('@/features/deployments/deployments-page.tsx')),
    'DeploymentsPage',
  ),
})

const TABS = ['overview', 'tools', 'access', 'logs', 'connect', 'settings'] as const
export type DeploymentTab = (typeof TABS)[number]

export interface DeploymentSearch {
  readonly tab?: DeploymentTab | undefined
  /** The tool that is open. */
  readonly tool?: string | undefined
  /** Filters tools or log lines. */
  readonly q?: string | undefined
  readonly ask?: 'approve' | 'grant' | 'edit' | 'remove' | 'profile' | undefined
  /** What the grant is prefilled with. */
  readonly what?: string | undefined
}

const ASKS = ['approve', 'grant', 'edit', 'remove', 'profile'] as const

export const deploymentRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/deployments/$name',
  validateSearch: (search: Record<string, unknown>): DeploymentSearch => ({
    tab: TABS.find((tab) => tab === search['tab']),
    tool: text(search['tool']),
    q: search['q'] === undefined ? undefined : text(String(search['q'] as unknown)),
    ask: ASKS.find((ask) => ask === search['ask']),
    what: text(search['what']),
  }),
  component: lazyRouteComponent(
    patiently(() => import('@/features/deployments/deployment-page.tsx')),
    'DeploymentPage',
  ),
})
