import { Link } from '@tanstack/react-router'
import { Ellipsis, FlaskConical, Layers, RotateCw, ShieldCheck, Trash2 } from 'lucide-react'
import { Button, buttonClass } from '@/components/ui/button.tsx'
import { Menu, MenuItem } from '@/components/ui/menu.tsx'
import { toastDone, toastProblem } from '@/components/ui/toast.tsx'
import { type Deployment, isWritable } from './deployment-model.ts'
import { useAsk } from './use-ask.ts'
import { useRestart } from './use-changes.ts'

/** What can be done with a deployment as a whole. */
export function ActionsMenu({ deployment }: { readonly deployment: Deployment }) {
  const { name, isApproved, spec, status } = deployment
  const ask = useAsk()
  const { mutate, isPending } = useRestart()
  const isRemote = spec.kind !== 'process'
  const restart = (): void =>
    mutate(name, { onSuccess: () => toastDone(isRemote ? `${name} is asked again` : `${name} starts again`), onError: toastProblem })
  return (
    <>
      {status?.state === 'ready' && (
        <Link to="/app/playground" search={{ endpoint: name }} className={buttonClass()}>
          <FlaskConical /> Try a tool
        </Link>
      )}
      {!isApproved && isWritable(deployment) && (
        <Button variant="primary" onClick={() => ask('approve')}>
          <ShieldCheck /> Approve
        </Button>
      )}
      <Menu
        trigger={
          <Button size="icon" aria-label="More actions" isBusy={isPending}>
            {!isPending && <Ellipsis />}
          </Button>
        }
      >
        <MenuItem icon={<RotateCw />} isDisabled={!isApproved} onSelect={restart}>
          {isRemote ? 'Check again' : 'Restart'}
        </MenuItem>
        <MenuItem icon={<ShieldCheck />} isDisabled={isApproved || !isWritable(deployment)} onSelect={() => ask('approve')}>
          Approve
        </MenuItem>
        <MenuItem icon={<Layers />} onSelect={() => ask('profile')}>
          Add to profile
        </MenuItem>
        <MenuItem icon={<Trash2 />} isDangerous isDisabled={!isWritable(deployment)} onSelect={() => ask('remove')}>
          Remove
        </MenuItem>
      </Menu>
    </>
  )
}
