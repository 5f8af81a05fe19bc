import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { KeyRound, Plus, Search } from 'lucide-react'
import { useMemo } from 'react'
import { DataTable } from '@/components/data-table.tsx'
import { Button } from '@/components/ui/button.tsx'
import { Empty, Page, Section } from '@/components/ui/layout.tsx'
import { ProblemView } from '@/components/ui/problem.tsx'
import { SearchField } from '@/components/ui/search-field.tsx'
import { Segmented } from '@/components/ui/toggle.tsx'
import type { ResponseOf } from '@/lib/api.ts'
import { exact } from '@/lib/format.ts'
import { inertLine } from '@/lib/inert.ts'
import { useApi } from '@/lib/queries.ts'
import { useNow } from '@/lib/use-now.ts'
import { useTitle } from '@/lib/use-title.ts'
import { CreateKeySheet } from './create-key-sheet.tsx'
import { keyColumns } from './key-columns.tsx'
import { filterKeys, type Key, type Shown } from './key-model.ts'
import { KeySheet } from './key-sheet.tsx'
import type { KeysSearch } from './keys-search.ts'
import { useKeys } from './use-keys.ts'

const route = getRouteApi('/app/keys')

/** Every credential that was given out: what it may do, when it was used, when it ends. */
export function KeysPage() {
  useTitle('Keys')
  const search = route.useSearch()
  const navigate = useNavigate()
  const nowMs = useNow(60_000)
  const { data: who } = useApi('whoami', {}, { staleTime: 60_000 })
  const found = useKeys()
  const ownId = who?.id ?? null
  const columns = useMemo(() => keyColumns(ownId, nowMs), [ownId, nowMs])
  const shown = filterKeys(found.keys ?? [], search.show ?? 'active', search.q ?? '', nowMs)
  const go = (change: KeysSearch, replace = false): void =>
    void navigate({ to: '/app/keys', search: (before) => ({ ...before, ...change }), replace })
  return (
    <Page
      title="Keys"
      description="Credentials of clients, scripts and people. A key itself is shown once, when it is made."
      actions={
        <Button variant="primary" onClick={() => go({ create: 1 })}>
          <Plus /> Create key
        </Button>
      }
    >
      {found.error !== null && found.keys === undefined ? (
        <ProblemView error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <div className="flex flex-col gap-3">
          <Filters
            keys={found.keys ?? []}
            shownCount={shown.length}
            hasMore={found.hasNextPage}
            search={search}
            onChange={(change) => go(change, true)}
          />
          <Section isPadded={false}>
            <DataTable
              label="Keys"
              columns={columns}
              rows={shown}
              rowKey={({ id }) => id}
              isLoading={found.isPending}
              onOpen={({ id }) => go({ key: id })}
              empty={
                <NoRows
                  isFiltered={(found.keys?.length ?? 0) > 0}
                  onShowAll={() => go({ q: undefined, show: 'all' })}
                  onCreate={() => go({ create: 1 })}
                />
              }
            />
          </Section>
          {found.hasNextPage && (
            <div>
              <Button isBusy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                Load older keys
              </Button>
            </div>
          )}
          {!found.isPending && !found.hasNextPage && <OwnElsewhere keys={found.keys ?? []} who={who} />}
        </div>
      )}
      <CreateKeySheet isOpen={search.create === 1} onClose={() => go({ create: undefined })} />
      <KeySheet found={found} id={search.key ?? null} ownId={ownId} nowMs={nowMs} />
    </Page>
  )
}

/** Keys of the data folder and of the settings are in no database, so nobody can revoke them here. */
function OwnElsewhere({ keys, who }: { readonly keys: readonly Key[]; readonly who: ResponseOf<'whoami'> | undefined }) {
  if (who === undefined || keys.some(({ id }) => id === who.id)) return null
  return (
    <p className="text-sm text-faint">
      You are signed in with “{inertLine(who.name, 60)}”. It comes from the server’s own settings or data folder, not from this list.
    </p>
  )
}

interface FiltersProps {
  readonly keys: readonly Key[]
  readonly shownCount: number
  readonly hasMore: boolean
  readonly search: KeysSearch
  readonly onChange: (change: KeysSearch) => void
}

function Filters({ keys, shownCount, hasMore, search: { q = '', show }, onChange }: FiltersProps) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchField
        label="Search keys"
        placeholder="Search by name or endpoint"
        value={q}
        onChange={(text) => onChange({ q: text === '' ? undefined : text })}
      />
      <Segmented<Shown>
        aria-label="Which keys"
        value={show ?? 'active'}
        onChange={(next) => onChange({ show: next === 'all' ? 'all' : undefined })}
        options={[
          { value: 'active', label: 'Active' },
          { value: 'all', label: 'All' },
        ]}
      />
      <p role="status" className="text-sm text-faint">
        {q !== '' && `${exact(shownCount)} of ${hasMore ? `the newest ${exact(keys.length)}` : exact(keys.length)}`}
      </p>
    </div>
  )
}

interface NoRowsProps {
  readonly isFiltered: boolean
  readonly onShowAll: () => void
  readonly onCreate: () => void
}

function NoRows({ isFiltered, onShowAll, onCreate }: NoRowsProps) {
  if (isFiltered)
    return (
      <Empty icon={<Search />} title="Change the filter" action={<Button onClick={onShowAll}>Show all keys</Button>}>
        No key matches it.
      </Empty>
    )
  return (
    <Empty
      icon={<KeyRound />}
      title="Create a key"
      action={
        <Button variant="primary" onClick={onCreate}>
          <Plus /> Create key
        </Button>
      }
    >
      Give each client and each script a key of its own: then each can be restricted and revoked alone.
    </Empty>
  )
}
