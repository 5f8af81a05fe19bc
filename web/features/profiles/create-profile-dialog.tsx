import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState, type SubmitEvent } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Dialog } from '@/components/ui/dialog.tsx'
import { Field, Input } from '@/components/ui/field.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { toastDone } from '@/components/ui/toast.tsx'
import { asProblem } from '@/lib/problem.ts'
import { useAct, useApi } from '@/lib/queries.ts'
import { nameFault, normalisedName } from './profile-model.ts'
import { ServerChoice } from './server-choice.tsx'

interface CreateProfileDialogProps {
  readonly isOpen: boolean
  /** The profile whose servers and rules it starts from. */
  readonly from: string | null
  readonly onClose: () => void
}

/** Name, title and servers of a new profile; everything else is set on its page. */
export function CreateProfileDialog({ isOpen, from, onClose }: CreateProfileDialogProps) {
  const draft = useDraft(isOpen, from)
  const navigate = useNavigate()
  const create = useAct('createProfile', ['listProfiles', 'getOverview'])
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    draft.setIsTouched(true)
    if (draft.fault !== null || create.isPending) return
    const title = draft.title.trim()
    create.mutate(
      {
        body: {
          name: normalisedName(draft.name),
          title: title === '' ? draft.name.trim() : title,
          servers: [...draft.servers],
          ...(draft.source === undefined ? {} : { tools: draft.source.tools, description: draft.source.description }),
        },
      },
      {
        onSuccess: ({ name }) => {
          toastDone(`Created ${name}`)
          void navigate({ to: '/app/profiles/$name', params: { name }, replace: true })
        },
      },
    )
  }
  const name = normalisedName(draft.name)
  const isChanged = draft.name.trim() !== '' && name !== draft.name.trim()
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={from === null ? 'Create profile' : `Copy ${from}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="create-profile" variant="primary" isBusy={create.isPending}>
            Create profile
          </Button>
        </>
      }
    >
      <form id="create-profile" onSubmit={submit} noValidate className="flex flex-col gap-4">
        <Field
          label="Name"
          error={draft.isTouched ? draft.fault : null}
          hint={isChanged ? `The address will be /mcp/${name}` : 'Part of its address: lower-case letters, digits and hyphens.'}
        >
          <Input
            value={draft.name}
            autoFocus
            maxLength={200}
            className="font-mono"
            onChange={(event) => {
              draft.setName(event.target.value)
              draft.setIsTouched(event.target.value !== '')
            }}
          />
        </Field>
        <Field label="Title" isOptional hint="What clients and people are shown.">
          <Input value={draft.title} maxLength={200} onChange={(event) => draft.setTitle(event.target.value)} />
        </Field>
        <ServerChoice deployments={draft.deployments} isLoading={draft.isLoading} value={draft.servers} onChange={draft.setServers} />
        {create.error !== null && <ProblemNote problem={asProblem(create.error)} />}
      </form>
    </Dialog>
  )
}

/** What was typed; begins anew each time the dialog opens. */
function useDraft(isOpen: boolean, from: string | null) {
  const [name, setName] = useState('')
  const [title, setTitle] = useState('')
  const [chosen, setServers] = useState<readonly string[] | null>(null)
  const [isTouched, setIsTouched] = useState(false)
  const deployments = useApi('listDeployments', { query: { limit: 500 } }, { enabled: isOpen })
  const profiles = useApi('listProfiles', { query: { limit: 500 } }, { enabled: isOpen })
  useEffect(() => {
    if (!isOpen) return
    setName(from === null ? '' : `${from}-copy`)
    setTitle('')
    setServers(null)
    setIsTouched(false)
  }, [isOpen, from])
  const all = [...(profiles.data?.items ?? []), ...(deployments.data?.items ?? [])]
  const source = profiles.data?.items.find((profile) => profile.name === from)
  return {
    name,
    setName,
    title,
    setTitle,
    servers: chosen ?? source?.servers ?? [],
    setServers,
    isTouched,
    setIsTouched,
    deployments: deployments.data?.items ?? [],
    isLoading: deployments.isPending,
    source,
    fault: nameFault(
      name,
      all.map((each) => each.name),
    ),
  }
}
