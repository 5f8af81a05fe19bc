import type { UseQueryResult } from '@tanstack/react-query'
import { Cable } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { CopyButton } from '@/components/ui/copy.tsx'
import { Sheet } from '@/components/ui/dialog.tsx'
import { Skeleton } from '@/components/ui/layout.tsx'
import type { ResponseOf } from '@/lib/api.ts'
import { inertLine } from '@/lib/inert.ts'
import { patiently } from '@/lib/patiently.ts'

type Overview = ResponseOf<'getOverview'>

// The table of clients is only needed by who connects one.
const ConnectPanel = lazy(patiently(async () => ({ default: (await import('@/features/connect/connect-panel.tsx')).ConnectPanel })))

interface EndpointLineProps {
  readonly overview: UseQueryResult<Overview>
  readonly onConnect: () => void
}

/** The one address that leads to everything, and the way to make a client use it. */
export function EndpointLine({ overview: { data }, onConnect }: EndpointLineProps) {
  return (
    <section
      aria-label="Endpoint"
      className="-mt-2 flex min-w-0 flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border bg-surface py-2 pr-2 pl-4"
    >
      <span className="text-sm font-medium">MCP endpoint</span>
      <span className="flex h-8 min-w-0 grow items-center gap-1">
        {data === undefined ? (
          <Skeleton className="h-4 w-56" />
        ) : (
          <>
            <code className="min-w-0 truncate font-mono text-xs text-soft">{inertLine(data.endpoint)}</code>
            <CopyButton text={data.endpoint} label="Copy the endpoint" />
          </>
        )}
      </span>
      <Button disabled={data === undefined} onClick={onConnect}>
        <Cable /> Connect a client
      </Button>
    </section>
  )
}

interface ConnectSheetProps {
  readonly isOpen: boolean
  readonly overview: UseQueryResult<Overview>
  readonly onClose: () => void
}

export function ConnectSheet({ isOpen, overview: { data }, onClose }: ConnectSheetProps) {
  return (
    <Sheet
      isOpen={isOpen}
      onClose={onClose}
      title="Connect a client"
      description="To everything the key may use. A profile has an endpoint of its own that offers less."
    >
      <Suspense fallback={<Skeleton className="h-96 w-full" />}>
        {data !== undefined && <ConnectPanel endpoint={{ name: '*', url: data.endpoint, title: 'Everything' }} />}
      </Suspense>
    </Sheet>
  )
}
