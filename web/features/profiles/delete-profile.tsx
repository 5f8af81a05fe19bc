import { useNavigate } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { ConfirmDialog } from '@/components/ui/dialog.tsx'
import { Section } from '@/components/ui/layout.tsx'
import { toastDone } from '@/components/ui/toast.tsx'
import { asProblem } from '@/lib/problem.ts'
import { useAct } from '@/lib/queries.ts'

/** The end of a profile: its servers stay, its address and the keys that were for it alone go. */
export function DeleteProfile({ name }: { readonly name: string }) {
  const [isOpen, setIsOpen] = useState(false)
  const navigate = useNavigate()
  const remove = useAct('deleteProfile', ['listProfiles', 'listKeys', 'getOverview'])
  const confirm = (): void =>
    remove.mutate(
      { params: { name } },
      {
        onSuccess: ({ keys }) => {
          const revoked = keys.filter(({ isRevoked }) => isRevoked).length
          toastDone(
            `Deleted ${name}`,
            keys.length === 0 ? undefined : `${keys.length} keys lost it; ${revoked} of them had nothing else and were revoked.`,
          )
          void navigate({ to: '/app/profiles', replace: true })
        },
      },
    )
  return (
    <Section isPadded={false}>
      <h2 className="sr-only">Deleting</h2>
      <div className="flex flex-wrap items-center gap-3 px-4 py-3">
        <div className="min-w-0 grow basis-60 text-sm">
          <p className="font-medium">Delete profile</p>
          <p className="text-soft">Its address stops working at once. The servers stay.</p>
        </div>
        <Button onClick={() => setIsOpen(true)} className="text-bad">
          <Trash2 /> Delete profile
        </Button>
      </div>
      <ConfirmDialog
        isOpen={isOpen}
        onClose={() => {
          setIsOpen(false)
          remove.reset()
        }}
        title={`Delete ${name}`}
        action="Delete profile"
        name={name}
        isBusy={remove.isPending}
        problem={remove.error === null ? null : asProblem(remove.error)}
        onConfirm={confirm}
      >
        Clients that use it can no longer connect. Keys that were restricted to it lose it; those that have nothing else are revoked. This
        cannot be undone.
      </ConfirmDialog>
    </Section>
  )
}
