import { Plus, RefreshCw, Search, Trash2, Vault } from 'lucide-react'
import { type ColumnDef, DataTable } from '@/components/data-table.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Empty, Section } from '@/components/ui/layout.tsx'
import { ProblemView } from '@/components/ui/problem.tsx'
import { SearchField } from '@/components/ui/search-field.tsx'
import { TimeAgo } from '@/components/ui/time.tsx'
import { exact } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import { DeleteSecretDialog } from './delete-secret-dialog.tsx'
import { PutSecretDialog } from './put-secret-dialog.tsx'
import { SecretUsers } from './secret-users.tsx'
import type { SettingsSearch } from './settings-search.ts'
import { type Secret, useSecrets } from './use-secrets.ts'

interface SecretsTabProps {
  readonly search: SettingsSearch
  readonly onGo: (next: SettingsSearch, replace?: boolean) => void
}

/** What the vault holds, by name. Values go in and never come out. */
export function SecretsTab({ search: { q, add, secret, ask }, onGo }: SecretsTabProps) {
  const found = useSecrets()
  const words = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const shown = (found.secrets ?? []).filter(({ name, usedBy }) =>
    words.every((word) => [name, ...usedBy].join(' ').toLowerCase().includes(word)),
  )
  const chosen = found.secrets?.find(({ name }) => name === secret) ?? null
  const close = (): void => onGo({ q })
  if (found.error !== null && found.secrets === undefined) return <ProblemView error={found.error} onRetry={() => void found.refetch()} />
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <SearchField
          label="Search secrets"
          placeholder="Search by name or deployment"
          value={q ?? ''}
          onChange={(text) => onGo({ q: text === '' ? undefined : text }, true)}
        />
        <p role="status" className="text-sm text-faint">
          {q !== undefined && `${exact(shown.length)} of ${exact(found.secrets?.length ?? 0)}`}
        </p>
        <Button className="ml-auto" onClick={() => onGo({ q, add: 1 })}>
          <Plus /> Add secret
        </Button>
      </div>
      <Section isPadded={false}>
        <DataTable
          label="Secrets"
          columns={secretColumns((name, which) => onGo({ q, secret: name, ask: which }))}
          rows={shown}
          rowKey={({ name }) => name}
          isLoading={found.isPending}
          initialSort={{ id: 'name', desc: false }}
          empty={<NoSecrets isFiltered={(found.secrets?.length ?? 0) > 0} onClear={() => onGo({})} onAdd={() => onGo({ add: 1 })} />}
        />
      </Section>
      {found.hasNextPage && (
        <div>
          <Button isBusy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            Load more secrets
          </Button>
        </div>
      )}
      <PutSecretDialog
        isOpen={add === 1 || (chosen !== null && ask === 'replace')}
        replaced={add === 1 ? null : chosen}
        taken={(found.secrets ?? []).map(({ name }) => name)}
        onClose={close}
      />
      {chosen !== null && <DeleteSecretDialog key={chosen.name} secret={chosen} isOpen={ask === 'delete'} onClose={close} />}
    </div>
  )
}

interface NoSecretsProps {
  readonly isFiltered: boolean
  readonly onClear: () => void
  readonly onAdd: () => void
}

function NoSecrets({ isFiltered, onClear, onAdd }: NoSecretsProps) {
  if (isFiltered)
    return (
      <Empty icon={<Search />} title="Search for something else" action={<Button onClick={onClear}>Show all secrets</Button>}>
        No secret matches it.
      </Empty>
    )
  return (
    <Empty
      icon={<Vault />}
      title="Add a secret"
      action={
        <Button variant="primary" onClick={onAdd}>
          <Plus /> Add secret
        </Button>
      }
    >
      Tokens and passwords that servers need. A deployment refers to one as <code className="font-mono text-xs">vault:NAME</code>; those
      that are typed into a deployment come here by themselves.
    </Empty>
  )
}

function secretColumns(onAsk: (name: string, ask: 'replace' | 'delete') => void): readonly ColumnDef<Secret>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      sortBy: ({ name }) => name,
      cell: ({ name }) => <span className="font-mono text-xs font-medium break-all">{inertLine(name)}</span>,
    },
    {
      id: 'users',
      header: 'Used by',
      sortBy: ({ usedBy }) => usedBy.length,
      cell: ({ usedBy }) => <SecretUsers names={usedBy} />,
    },
    {
      id: 'updated',
      header: 'Updated',
      width: '8rem',
      isHiddenNarrow: true,
      sortBy: ({ updatedAt }) => updatedAt,
      cell: ({ updatedAt }) => <TimeAgo at={updatedAt} />,
    },
    {
      id: 'acts',
      header: <span className="sr-only">Actions</span>,
      align: 'right',
      width: '6rem',
      cell: ({ name }) => (
        <span className="inline-flex">
          <Button
            variant="ghost"
            size="icon"
            aria-label={`Replace ${inertLine(name)}`}
            title="Replace"
            onClick={() => onAsk(name, 'replace')}
          >
            <RefreshCw />
          </Button>
          <Button variant="ghost" size="icon" aria-label={`Delete ${inertLine(name)}`} title="Delete" onClick={() => onAsk(name, 'delete')}>
            <Trash2 />
          </Button>
        </span>
      ),
    },
  ]
}
