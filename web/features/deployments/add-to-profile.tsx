import { Layers } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Dialog } from '@/components/ui/dialog.tsx'
import { Field, Input } from '@/components/ui/field.tsx'
import { Skeleton } from '@/components/ui/layout.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { Checkbox } from '@/components/ui/toggle.tsx'
import { toastDone } from '@/components/ui/toast.tsx'
import type { ResponseOf } from '@/lib/api.ts'
import { inertLine } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'
import { useAct, useApi } from '@/lib/queries.ts'

type Profile = ResponseOf<'getProfile'>

interface AddToProfileProps {
  /** The deployment. */
  readonly name: string
  readonly isOpen: boolean
  readonly onClose: () => void
}

const PROFILES = ['listProfiles', 'getProfile', 'getOverview'] as const
export const PROFILE_QUERY = { query: { limit: 200 } }

/** Chooses the profiles that offer a deployment. */
export function AddToProfile({ name, isOpen, onClose }: AddToProfileProps) {
  const { data, error } = useApi('listProfiles', PROFILE_QUERY, { enabled: isOpen })
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title="Add to profile"
      description={`A profile offers the tools of ${name} together with those of other servers behind one address.`}
      footer={<Button onClick={onClose}>Done</Button>}
    >
      {error !== null && <ProblemNote problem={asProblem(error)} />}
      {data === undefined && error === null && <Skeleton className="h-24" />}
      {data !== undefined && <ProfileList name={name} profiles={data.items} />}
    </Dialog>
  )
}

function ProfileList({ name, profiles }: { readonly name: string; readonly profiles: readonly Profile[] }) {
  const { mutate, isPending, error } = useAct('updateProfile', PROFILES)
  const toggle = (profile: Profile, isIn: boolean): void =>
    mutate(
      {
        params: { name: profile.name },
        body: {
          servers: isIn ? [...profile.servers.filter((each) => each !== name), name] : profile.servers.filter((each) => each !== name),
        },
      },
      { onSuccess: () => toastDone(isIn ? `Added to ${profile.name}` : `Taken out of ${profile.name}`) },
    )
  return (
    <div className="flex flex-col gap-4">
      {profiles.length > 0 && (
        <ul className="divide-y rounded-md border">
          {profiles.map((profile) => (
            <li key={profile.name} className="flex items-center gap-3 px-3 py-2 text-sm">
              <Checkbox
                isChecked={profile.servers.includes(name)}
                isDisabled={isPending || profile.origin.kind !== 'api'}
                onChange={(isIn) => toggle(profile, isIn)}
                label={<span className="font-mono">{profile.name}</span>}
              />
              <span className="min-w-0 grow truncate text-faint">{profile.title === profile.name ? '' : inertLine(profile.title, 80)}</span>
              {profile.origin.kind !== 'api' && (
                <span className="shrink-0 text-xs text-faint">
                  {profile.origin.kind === 'declared' ? 'Declared in a file' : 'Starter, fixed'}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      <NewProfile name={name} hasOthers={profiles.length > 0} />
      {error !== null && <ProblemNote problem={asProblem(error)} />}
    </div>
  )
}

function NewProfile({ name, hasOthers }: { readonly name: string; readonly hasOthers: boolean }) {
  const [typed, setTyped] = useState('')
  const { mutate, isPending, error } = useAct('createProfile', PROFILES)
  const create = (): void => {
    if (typed.trim() === '' || isPending) return
    mutate(
      { body: { name: typed.trim(), servers: [name] } },
      {
        onSuccess: (profile) => {
          toastDone(`Profile ${profile.name} created`)
          setTyped('')
        },
      },
    )
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        create()
      }}
      className="flex flex-col gap-2"
    >
      <Field label={hasOthers ? 'Or create a profile' : 'Create a profile'} error={error === null ? null : asProblem(error).detail}>
        <div className="flex gap-2">
          <Input value={typed} placeholder="dev" onChange={(event) => setTyped(event.target.value)} className="font-mono text-xs" />
          <Button type="submit" isBusy={isPending} disabled={typed.trim() === ''}>
            <Layers /> Create
          </Button>
        </div>
      </Field>
    </form>
  )
}
