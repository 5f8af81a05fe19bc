import { useNavigate } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { ConfirmDialog } from '@/components/ui/dialog.tsx'
import { TimeAgo } from '@/components/ui/time.tsx'
import { toastDone } from '@/components/ui/toast.tsx'
import { hasHidden, inertLine } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'
import { useAct } from '@/lib/queries.ts'
import { session } from '@/lib/session.ts'
import type { Key } from './key-model.ts'

interface RevokeDialogProps {
  readonly row: Key
  /** This page is signed in with it. */
  readonly isOwn: boolean
  readonly isLastOwner: boolean
  readonly isOpen: boolean
  readonly onClose: () => void
}

const TYPED_LENGTH_MAX = 60

/** What is to be typed: the name, or the identifier when nobody can type the name. */
const typedName = ({ name, id }: Key): string => (hasHidden(name) || name !== name.trim() || name.length > TYPED_LENGTH_MAX ? id : name)

export function RevokeDialog({ row, isOwn, isLastOwner, isOpen, onClose }: RevokeDialogProps) {
  const navigate = useNavigate()
  const { mutate, isPending, error, reset } = useAct('deleteKey', isOwn ? [] : ['listKeys', 'getOverview', 'listAttention'])
  const revoke = (): void =>
    mutate(
      { params: { id: row.id } },
      {
        onSuccess: () => {
          toastDone('Key revoked', inertLine(row.name, 80))
          if (isOwn) session.end()
          else void navigate({ to: '/app/keys', search: (before) => ({ ...before, key: undefined, revoke: undefined }), replace: true })
        },
      },
    )
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={() => {
        reset()
        onClose()
      }}
      title="Revoke key"
      action="Revoke key"
      name={typedName(row)}
      isBusy={isPending}
      problem={error === null ? null : asProblem(error)}
      onConfirm={revoke}
    >
      <p>
        Whoever uses <strong className="font-semibold break-words">{inertLine(row.name, 80)}</strong> is refused within a second, also in
        sessions that are open. This cannot be undone.
      </p>
      <p className="mt-2 text-soft">
        {row.lastUsedAt === null ? (
          'It was never used.'
        ) : (
          <>
            It was last used <TimeAgo at={row.lastUsedAt} />.
          </>
        )}
      </p>
      {isOwn && <Warning title="This is the key you are signed in with">You are signed out at once, in every tab.</Warning>}
      {isLastOwner && (
        <Warning title="This is the last owner key">
          Afterwards a new one is made with <code className="font-mono text-xs">sallyport owner link</code>, on the machine of the server.
        </Warning>
      )}
    </ConfirmDialog>
  )
}

function Warning({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="mt-3 flex gap-2.5 rounded-md border border-warn/30 bg-warn-soft px-3 py-2">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
      <div>
        <p className="font-medium">{title}</p>
        <p className="text-soft">{children}</p>
      </div>
    </div>
  )
}
