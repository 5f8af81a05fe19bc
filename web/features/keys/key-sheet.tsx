import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Ban } from 'lucide-react'
import { useEffect, type ReactNode } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { CopyButton } from '@/components/ui/copy.tsx'
import { Sheet } from '@/components/ui/dialog.tsx'
import { Facts, SkeletonRows } from '@/components/ui/layout.tsx'
import { TimeAgo } from '@/components/ui/time.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { inertLine } from '@/lib/inert.ts'
import { ExpiryCell, KindBadge, ScopeBadges, YouBadge } from './key-badges.tsx'
import { isUsable, type Key, stateOf, usableOwners } from './key-model.ts'
import { RevokeDialog } from './revoke-dialog.tsx'
import type { useKeys } from './use-keys.ts'

const route = getRouteApi('/app/keys')

interface KeySheetProps {
  readonly found: ReturnType<typeof useKeys>
  /** The key that is open; null: none. */
  readonly id: string | null
  readonly ownId: string | null
  readonly nowMs: number
}

/** All that is known of one key, and its end. */
export function KeySheet({ found, id, ownId, nowMs }: KeySheetProps) {
  const { revoke } = route.useSearch()
  const navigate = useNavigate()
  const { keys, hasNextPage, isFetching, fetchNextPage } = found
  const row = keys?.find((key) => key.id === id)
  // A link may lead to an old key on a later page.
  const isSearching = id !== null && row === undefined && (keys === undefined || hasNextPage)
  useEffect(() => {
    if (isSearching && hasNextPage && !isFetching) void fetchNextPage()
  }, [isSearching, hasNextPage, isFetching])
  const set = (change: { key?: string | undefined; revoke?: 1 | undefined }): void =>
    void navigate({ to: '/app/keys', search: (before) => ({ ...before, ...change }) })
  const isEnded = row !== undefined && !isUsable(stateOf(row, nowMs))
  return (
    <Sheet
      isOpen={id !== null}
      onClose={() => set({ key: undefined, revoke: undefined })}
      title={row === undefined ? 'Key' : inertLine(row.name, 120)}
      footer={
        row === undefined || isEnded ? undefined : (
          <Button variant="danger" onClick={() => set({ revoke: 1 })}>
            <Ban /> Revoke key
          </Button>
        )
      }
    >
      {row !== undefined ? (
        <Details row={row} isOwn={row.id === ownId} nowMs={nowMs} />
      ) : isSearching ? (
        <SkeletonRows rows={6} />
      ) : (
        <p className="text-soft">There is no key {inertLine(id ?? '', 80)}. It may belong to another server.</p>
      )}
      {row !== undefined && !isEnded && (
        <RevokeDialog
          key={row.id}
          row={row}
          isOwn={row.id === ownId}
          isLastOwner={row.kind === 'owner' && usableOwners(keys ?? [], nowMs).length === 1 && !hasNextPage}
          isOpen={revoke === 1}
          onClose={() => set({ revoke: undefined })}
        />
      )}
    </Sheet>
  )
}

function Details({ row, isOwn, nowMs }: { readonly row: Key; readonly isOwn: boolean; readonly nowMs: number }) {
  return (
    <div className="flex flex-col gap-5">
      <Facts
        facts={[
          [
            'Kind',
            <span key="kind" className="flex flex-wrap gap-1">
              <KindBadge kind={row.kind} />
              {isOwn && <YouBadge />}
            </span>,
          ],
          ['May', <ScopeBadges key="may" row={row} />],
          [
            'Scopes',
            <code key="scopes" className="font-mono text-xs">
              {row.scopes.join(' ')}
            </code>,
          ],
          ['Endpoints', <Names key="endpoints" names={row.endpoints} all="All, also those that are made later" />],
          ['Tools', <Names key="tools" names={row.tools} all="All that its endpoints offer" />],
          ['Last used', <TimeAgo key="used" at={row.lastUsedAt} />],
          ['Ends', <ExpiryCell key="ends" row={row} state={stateOf(row, nowMs)} />],
          ['Created', <TimeAgo key="created" at={row.createdAt} />],
          [
            'Identifier',
            <span key="id" className="flex items-center gap-1">
              <code className="font-mono text-xs break-all">{row.id}</code>
              <CopyButton text={row.id} label="Copy the identifier" />
            </span>,
          ],
        ]}
      />
      <Link
        to="/app/activity"
        search={{ actor: row.id }}
        className="self-start text-sm text-accent-text underline-offset-2 hover:underline"
      >
        Show what it did
      </Link>
    </div>
  )
}

function Names({ names, all }: { readonly names: readonly string[] | null; readonly all: string }): ReactNode {
  if (names === null) return <span className="text-soft">{all}</span>
  return (
    <ul className="flex flex-col font-mono text-xs leading-5">
      {names.map((name) => (
        <li key={name}>
          <Untrusted text={name} />
        </li>
      ))}
    </ul>
  )
}
