import { KeyRound } from 'lucide-react'
import { Button } from '@/components/ui/button.tsx'
import { CopyButton } from '@/components/ui/copy.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { asProblem } from '@/lib/problem.ts'
import { useAct, useApi } from '@/lib/queries.ts'
import type { ConnectEndpoint } from './snippets.ts'

interface ClientKeyProps {
  readonly client: { readonly id: string; readonly title: string }
  readonly endpoint: ConnectEndpoint
  /** The key made here, as long as this page shows it. */
  readonly value: string | null
  readonly onCreated: (key: string) => void
}

/** A key for one client: may list and call, at this endpoint only, named after the client. */
export function ClientKey({ client, endpoint, value, onCreated }: ClientKeyProps) {
  const { data: who } = useApi('whoami', {}, { staleTime: 60_000 })
  const create = useAct('createKey', ['listKeys', 'getOverview'])
  if (value !== null) return <ShownKey value={value} title={client.title} />
  if (who !== undefined && !who.scopes.includes('admin')) {
    return (
      <Frame>
        <p className="text-soft">
          Put your own key in place of <code className="font-mono text-xs">$SALLYPORT_KEY</code>. Only an admin can create keys.
        </p>
      </Frame>
    )
  }
  return (
    <Frame>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p className="min-w-0 grow basis-64 text-soft">
          Each client gets a key of its own, which works {endpoint.name === null ? 'wherever you grant it' : 'at this endpoint only'} and
          can be revoked alone. Until then <code className="font-mono text-xs">$SALLYPORT_KEY</code> stands in its place.
        </p>
        <Button
          isBusy={create.isPending}
          onClick={() =>
            create.mutate(
              {
                body: {
                  name: `client:${client.id}`,
                  scopes: ['mcp:list', 'mcp:call'],
                  ...(endpoint.name === null ? {} : { endpoints: [endpoint.name] }),
                },
              },
              { onSuccess: ({ key }) => onCreated(key) },
            )
          }
        >
          <KeyRound /> Create a key for this client
        </Button>
      </div>
      {create.error !== null && <ProblemNote problem={asProblem(create.error)} className="mt-3" />}
    </Frame>
  )
}

const Frame = ({ children }: { readonly children: React.ReactNode }) => (
  <div className="rounded-md border bg-ground px-3 py-2.5 text-sm">{children}</div>
)

function ShownKey({ value, title }: { readonly value: string; readonly title: string }) {
  return (
    <div role="status" className="rounded-md border border-ok/30 bg-ok-soft px-3 py-2.5 text-sm">
      <p>
        <strong className="font-semibold">The key for {title} is in the texts below.</strong>{' '}
        <span className="text-soft">It is shown this once: leave this page, and it is gone.</span>
      </p>
      <p className="mt-1.5 flex items-center gap-1.5">
        <code className="min-w-0 truncate font-mono text-xs">{value}</code>
        <CopyButton text={value} label="Copy the key" />
      </p>
    </div>
  )
}
