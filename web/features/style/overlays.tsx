import { MoreHorizontal, Pencil, RotateCw, Trash } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { ConfirmDialog, Dialog, Sheet } from '@/components/ui/dialog.tsx'
import { Field, Input } from '@/components/ui/field.tsx'
import { Facts } from '@/components/ui/layout.tsx'
import { Menu, MenuItem } from '@/components/ui/menu.tsx'
import { toastDone, toastProblem } from '@/components/ui/toast.tsx'
import { Tooltip } from '@/components/ui/tooltip.tsx'
import { ProblemError } from '@/lib/problem.ts'
import { SAMPLE_PROBLEM } from './samples.ts'
import { Chapter, rowClass } from './specimen.tsx'

type Shown = 'dialog' | 'sheet' | 'confirm' | null

export function Overlays() {
  const [shown, setShown] = useState<Shown>(null)
  return (
    <Chapter
      id="overlays"
      title="What floats"
      rule="A dialog asks something short. A sheet shows details beside the list they belong to, and its address can be shared. Toasts tell what happened elsewhere; problems stay until they are closed."
    >
      <div className={rowClass}>
        <Button onClick={() => setShown('dialog')}>Open dialog</Button>
        <Button onClick={() => setShown('sheet')}>Open sheet</Button>
        <Button onClick={() => setShown('confirm')}>Remove something</Button>
        <Button onClick={() => toastDone('Key created', 'laptop can reach 2 profiles.')}>Show success</Button>
        <Button onClick={() => toastProblem(new ProblemError(SAMPLE_PROBLEM))}>Show problem</Button>
        <Menu
          trigger={
            <Button size="icon" aria-label="More actions">
              <MoreHorizontal />
            </Button>
          }
        >
          <MenuItem icon={<Pencil />} onSelect={() => toastDone('Renamed')}>
            Rename profile
          </MenuItem>
          <MenuItem icon={<RotateCw />} isDisabled onSelect={() => {}}>
            Restart deployment
          </MenuItem>
          <MenuItem icon={<Trash />} isDangerous onSelect={() => setShown('confirm')}>
            Remove profile
          </MenuItem>
        </Menu>
        <Tooltip text="A few words, never the only place of something that must be known">
          <Button variant="ghost">Point here</Button>
        </Tooltip>
      </div>
      <Floating shown={shown} onClose={() => setShown(null)} />
    </Chapter>
  )
}

function Floating({ shown, onClose }: { readonly shown: Shown; readonly onClose: () => void }) {
  return (
    <>
      <Dialog
        isOpen={shown === 'dialog'}
        onClose={onClose}
        title="Create key"
        description="It is shown once."
        footer={
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button variant="primary" onClick={onClose}>
              Create key
            </Button>
          </>
        }
      >
        <Field label="Name">
          <Input placeholder="laptop" />
        </Field>
      </Dialog>
      <Sheet isOpen={shown === 'sheet'} onClose={onClose} title="notes__search" description="Read-only tool of notes">
        <Facts
          facts={[
            ['Calls', '1,204'],
            ['95th percentile', '84 ms'],
          ]}
        />
      </Sheet>
      <ConfirmDialog
        isOpen={shown === 'confirm'}
        onClose={onClose}
        title="Remove profile"
        action="Remove profile"
        name="starter"
        onConfirm={onClose}
      >
        Clients that use it get “not found” from now on. Two keys are restricted to it and are revoked.
      </ConfirmDialog>
    </>
  )
}
