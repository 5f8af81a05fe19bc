import { getRouteApi } from '@tanstack/react-router'
import type { DeploymentSearch } from '@/routes/deployments.tsx'

const route = getRouteApi('/app/deployments/$name')

/** Opens what asks for a decision, in the URL: the back button closes it. `undefined` closes. */
export function useAsk() {
  const navigate = route.useNavigate()
  return (ask: DeploymentSearch['ask'], what?: string): void => void navigate({ search: (before) => ({ ...before, ask, what }) })
}
