import { ExternalLink, Link2 } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { CLIENTS, type ClientRow } from '#cli/clients.ts'
import { buttonClass } from '@/components/ui/button.tsx'
import { CodeBlock, CopyButton } from '@/components/ui/copy.tsx'
import { TabPanel, Tabs } from '@/components/ui/tabs.tsx'
import { useApi } from '@/lib/queries.ts'
import { ClientKey } from './client-key.tsx'
import { type ConnectEndpoint, snippetsOf } from './snippets.ts'

const ROWS = Object.entries(CLIENTS)
const SHORT_TITLES: Readonly<Record<string, string>> = { raw: 'Any client' }

/** How each client reaches an endpoint: its link, then its command, then what is pasted. The key is made on the spot. */
export function ConnectPanel({ endpoint }: { readonly endpoint: ConnectEndpoint }) {
  const [chosen, setChosen] = useState(ROWS[0]![0])
  // A key made here lives as long as the panel: it cannot be read again from anywhere.
  const [keys, setKeys] = useState<Readonly<Record<string, string>>>({})
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <div className="flex min-w-0 items-center gap-1 rounded-md border bg-sunken py-1 pr-1.5 pl-3 text-sm">
        <Link2 aria-hidden className="size-4 shrink-0 text-faint" />
        <span className="sr-only">Endpoint</span>
        <code className="ml-1 min-w-0 grow truncate font-mono text-xs">{endpoint.url}</code>
        <CopyButton text={endpoint.url} label="Copy the endpoint" />
      </div>
      <Tabs
        aria-label="Clients"
        value={chosen}
        onChange={setChosen}
        tabs={ROWS.map(([id, row]) => ({ value: id, label: SHORT_TITLES[id] ?? row.title }))}
      >
        {ROWS.map(([id, row]) => (
          <TabPanel key={id} value={id} className="flex flex-col gap-4">
            <ClientKey
              client={{ id, title: SHORT_TITLES[id] ?? row.title }}
              endpoint={endpoint}
              value={keys[`${id} ${endpoint.url}`] ?? null}
              onCreated={(key) => setKeys((all) => ({ ...all, [`${id} ${endpoint.url}`]: key }))}
            />
            <Ways id={id} row={row} endpoint={endpoint} value={keys[`${id} ${endpoint.url}`] ?? null} />
          </TabPanel>
        ))}
      </Tabs>
    </div>
  )
}

interface WaysProps {
  readonly id: string
  readonly row: ClientRow
  readonly endpoint: ConnectEndpoint
  readonly value: string | null
}

function Ways({ id, row, endpoint, value }: WaysProps) {
  const { deepLink, command, paste } = snippetsOf(row, endpoint, value)
  return (
    <div className="flex flex-col gap-4 text-sm">
      {deepLink !== null && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <a href={deepLink} className={buttonClass({ variant: 'primary' })}>
            Open in {row.title}
          </a>
          <p className="text-soft">Installs the entry without a key; add the header below to it afterwards.</p>
        </div>
      )}
      {command !== null && (
        <Way
          title="Run in a terminal"
          note={command.holdsKey ? null : 'This command takes no key; add the header below to the entry afterwards.'}
        >
          <CodeBlock text={command.text} label={`Command for ${row.title}`} />
        </Way>
      )}
      <Way
        title={
          paste.file === null ? (
            'Paste into its configuration'
          ) : (
            <>
              Or edit <code className="font-mono text-xs break-all">{paste.file}</code>
            </>
          )
        }
      >
        <CodeBlock text={paste.text} label={`Configuration for ${row.title}`} />
      </Way>
      <CommandLine id={id} row={row} endpoint={endpoint} />
      <p className="text-soft">
        Then {row.next.replaceAll('`', '')}.{' '}
        <a
          href={row.docs}
          target="_blank"
          rel="noreferrer noopener"
          className="inline-flex items-center gap-1 text-accent-text underline-offset-2 hover:underline"
        >
          {SHORT_TITLES[id] === undefined ? `${row.title} documentation` : 'MCP documentation'}
          <ExternalLink aria-hidden className="size-3.5" />
          <span className="sr-only">(opens in a new tab)</span>
        </a>
      </p>
    </div>
  )
}

/** Our own command does all of it: makes the key, shows the change, keeps a backup. It knows profiles only. */
function CommandLine({ id, row, endpoint }: Omit<WaysProps, 'value'>) {
  const { data: who } = useApi('whoami', {}, { staleTime: 60_000 })
  const isAdmin = who?.scopes.includes('admin') === true
  const { data } = useApi('listProfiles', { query: { limit: 500 } }, { staleTime: 60_000, enabled: isAdmin && endpoint.name !== null })
  const isProfile = data?.items.some(({ name }) => name === endpoint.name) === true
  if (!isAdmin || (endpoint.name !== null && !isProfile)) return null
  const flag = endpoint.name === null ? '' : ` --profile ${endpoint.name}`
  return (
    <Way
      title="Or let the Sallyport command line do it"
      note={
        row.file === null ? 'Makes a key and prints the entry with it.' : 'Makes the key, shows the change, asks, keeps a backup, writes.'
      }
    >
      <CodeBlock text={`sallyport client connect ${id}${flag}`} label="Command of Sallyport" />
    </Way>
  )
}

interface WayProps {
  readonly title: ReactNode
  readonly note?: string | null
  readonly children: ReactNode
}

function Way({ title, note = null, children }: WayProps) {
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <p className="font-medium">
        {title}
        {note !== null && <span className="ml-2 font-normal text-faint">{note}</span>}
      </p>
      {children}
    </div>
  )
}
