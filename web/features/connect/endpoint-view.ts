import { queryOptions, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { refusalOf, send } from '@/lib/api.ts'

export interface ListedTool {
  readonly name: string
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly inputSchema?: unknown
  readonly annotations?: { readonly readOnlyHint?: boolean; readonly destructiveHint?: boolean } | undefined
}

/** What an endpoint really offers to this caller (`GET /mcp/{name}`). */
export interface EndpointView {
  readonly name: string
  readonly title: string
  readonly endpoint: string
  readonly status: string
  readonly tools: readonly ListedTool[]
  readonly unavailable: readonly {
    readonly server: string
    readonly state: 'unavailable' | 'stale'
    readonly cause: string
    readonly remedy: string
  }[]
  readonly leftOut: readonly { readonly server: string; readonly tool: string; readonly cause: string; readonly remedy: string }[]
}

// Each look at an endpoint is recorded like a call, so it is repeated only while its servers are on their way.
const STARTING_MS = 3_000
const STALE_MS = 30_000

const STARTING: ReadonlySet<string> = new Set(['starting', 'installing'])

export const endpointViewKey = (name: string): readonly unknown[] => ['endpointView', name]

export const endpointViewQuery = (name: string) =>
  queryOptions({
    queryKey: endpointViewKey(name),
    staleTime: STALE_MS,
    queryFn: async ({ signal }): Promise<EndpointView> => {
      const answer = await send(`/mcp/${encodeURIComponent(name)}`, { headers: { accept: 'application/json' }, signal })
      if (!answer.ok) throw await refusalOf(answer)
      return (await answer.json()) as EndpointView
    },
  })

export function useEndpointView(name: string | null): UseQueryResult<EndpointView> {
  return useQuery({
    ...endpointViewQuery(name ?? ''),
    enabled: name !== null,
    refetchInterval: ({ state }) => (STARTING.has(state.data?.status ?? '') ? STARTING_MS : false),
  })
}
