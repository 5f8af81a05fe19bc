import { useQuery } from '@tanstack/react-query'
import { api } from '@/lib/api.ts'
import { type Deployment, refreshMs } from './deployment-model.ts'

const PAGE_SIZE = 200

/** Every deployment, read page by page; asked again sooner while one is on its way. */
export function useDeployments() {
  return useQuery({
    queryKey: ['listDeployments', 'all'],
    queryFn: async ({ signal }) => {
      const all: Deployment[] = []
      let cursor: string | null = null
      do {
        const query: Record<string, unknown> = cursor === null ? { limit: PAGE_SIZE } : { limit: PAGE_SIZE, cursor }
        const page: { items: Deployment[]; nextCursor: string | null } = await api('listDeployments', { query }, { signal })
        all.push(...page.items)
        cursor = page.nextCursor
      } while (cursor !== null)
      return all
    },
    refetchInterval: ({ state }) => refreshMs(state.data ?? []),
  })
}
