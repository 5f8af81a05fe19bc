import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Skeleton, Page } from '@/components/ui/layout.tsx'
import { ProblemView } from '@/components/ui/problem.tsx'
import { fetchEndpoints, fetchTools, type Endpoint } from '@/lib/mcp.ts'
import { useTitle } from '@/lib/use-title.ts'
import { EndpointSelect } from './endpoint-select.tsx'
import { EVERYTHING } from './hand-over.ts'
import { NoEndpoints, NoTools, Troubles, UnknownEndpoint } from './nothing-to-call.tsx'
import { ToolList } from './tool-list.tsx'
import { Workbench } from './workbench.tsx'

const route = getRouteApi('/app/playground')
const DESCRIPTION = 'Call any tool by hand, through the same doors as every client.'

/** Calls tools by hand: choose an endpoint and a tool, fill in its arguments, see what comes back and how it went. */
export function PlaygroundPage() {
  useTitle('Playground')
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const endpoints = useQuery({ queryKey: ['mcp-endpoints'], queryFn: ({ signal }) => fetchEndpoints(signal), structuralSharing: false })
  const place = search.endpoint ?? preferred(endpoints.data)
  const endpoint = place === EVERYTHING ? null : place
  const known = endpoints.data?.find(({ name }) => name === endpoint)
  const isReady = endpoints.data !== undefined && endpoints.data.length > 0 && (endpoint === null || known !== undefined)
  const tools = useQuery({
    queryKey: ['mcp-tools', endpoint],
    queryFn: ({ signal }) => fetchTools(endpoint, signal),
    enabled: isReady,
    structuralSharing: false,
    staleTime: 30_000,
  })
  if (endpoints.isError)
    return (
      <Frame>
        <ProblemView error={endpoints.error} onRetry={() => void endpoints.refetch()} />
      </Frame>
    )
  if (endpoints.data?.length === 0)
    return (
      <Frame>
        <NoEndpoints />
      </Frame>
    )
  const choose = (next: string | null): void => void navigate({ search: { endpoint: next ?? EVERYTHING } })
  return (
    <Frame>
      <div className="grid min-w-0 items-start gap-4 lg:grid-cols-[16rem_minmax(0,1fr)] xl:grid-cols-[17rem_minmax(0,1fr)]">
        <aside aria-label="Endpoint and tools" className="flex min-w-0 flex-col gap-3 lg:sticky lg:top-4">
          {endpoints.data === undefined ? (
            <Skeleton className="h-8" />
          ) : (
            <EndpointSelect endpoints={endpoints.data} value={endpoint} onChange={choose} />
          )}
          {tools.data !== undefined && tools.data.tools.length > 0 && (
            <ToolList key={endpoint} tools={tools.data.tools} place={place} chosen={search.tool} />
          )}
          {tools.data === undefined && !tools.isError && (endpoints.data === undefined || isReady) && <ListSkeleton />}
          {tools.data !== undefined && tools.data.tools.length > 0 && <Troubles trouble={tools.data.trouble} />}
        </aside>
        <div className="min-w-0">
          {endpoints.data !== undefined && !isReady && <UnknownEndpoint name={endpoint ?? ''} />}
          {tools.isError && <ProblemView error={tools.error} onRetry={() => void tools.refetch()} />}
          {tools.data !== undefined && tools.data.tools.length === 0 && (
            <NoTools trouble={tools.data.trouble} onRetry={() => void tools.refetch()} />
          )}
          {tools.data !== undefined && tools.data.tools.length > 0 && (
            <Workbench place={place} endpoint={endpoint} kind={known?.kind ?? null} tools={tools.data.tools} search={search} />
          )}
          {tools.data === undefined && !tools.isError && (endpoints.data === undefined || isReady) && (
            <Skeleton className="h-96 rounded-lg" />
          )}
        </div>
      </div>
    </Frame>
  )
}

/** Profiles are what clients connect to; without one, everything. */
const preferred = (endpoints: readonly Endpoint[] = []): string => endpoints.find(({ kind }) => kind === 'profile')?.name ?? EVERYTHING

function Frame({ children }: { readonly children: ReactNode }) {
  return (
    <Page title="Playground" description={DESCRIPTION}>
      {children}
    </Page>
  )
}

function ListSkeleton() {
  return (
    <div role="status" aria-label="Loading the tools" className="flex flex-col gap-3">
      <Skeleton className="h-8" />
      {Array.from({ length: 5 }, (_, index) => (
        <Skeleton key={index} className="h-12" />
      ))}
    </div>
  )
}
