import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type EndpointView, useEndpointView } from '@/features/connect/endpoint-view.ts'
import { api } from '@/lib/api.ts'
import type { Profile } from './profile-model.ts'
import { type ProfileTool, type RawTool, toolsOf } from './profile-tools.ts'

export interface ToolGroup {
  readonly server: string
  readonly tools: readonly ProfileTool[]
  readonly isLoading: boolean
  readonly error: unknown
}

export interface ProfileTools {
  readonly groups: readonly ToolGroup[]
  readonly view: EndpointView | undefined
  readonly viewError: unknown
}

const NO_TOOLS: readonly RawTool[] = []

/** Every tool of the servers of a profile, offered or not, under the rules as they are shown now. */
export function useProfileTools({ name, servers, tools: rules }: Profile): ProfileTools {
  const view = useEndpointView(name)
  const answers = useQueries({
    queries: servers.map((server) => ({
      queryKey: ['listDeploymentTools', { params: { name: server } }],
      queryFn: ({ signal }: { signal: AbortSignal }) => api('listDeploymentTools', { params: { name: server } }, { signal }),
      staleTime: 30_000,
      retry: false,
    })),
    combine: (results) => results.map(({ data, error, isPending }) => ({ items: data?.items ?? NO_TOOLS, error, isPending })),
  })
  const groups = useMemo(() => {
    const listed = view.data?.tools.map((tool) => tool.name) ?? []
    return servers.map((server, index) => {
      const { items, error, isPending } = answers[index] ?? { items: NO_TOOLS, error: null, isPending: true }
      const tools = toolsOf(server, items, rules, listed).toSorted((a, b) => (a.fullName < b.fullName ? -1 : 1))
      return { server, tools, isLoading: isPending, error }
    })
  }, [servers, rules, answers, view.data])
  return { groups, view: view.data, viewError: view.error }
}
