import { useState, type SubmitEvent } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Field, Input, Textarea } from '@/components/ui/field.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { Select } from '@/components/ui/select.tsx'
import { toastDone } from '@/components/ui/toast.tsx'
import { asProblem } from '@/lib/problem.ts'
import { useAct } from '@/lib/queries.ts'
import type { Deployment } from './deployment-model.ts'
import { changesOf, settingsFaults, settingsOf, type Settings } from './settings-draft.ts'
import { SHOWN } from './use-changes.ts'

/** Changes title, access and deadlines; its launch is edited apart, because that has to be approved. */
export function SettingsForm({ deployment }: { readonly deployment: Deployment }) {
  // Only what was typed is kept, so that what changes elsewhere is seen and never overwritten.
  const [typed, setTyped] = useState<Partial<Settings>>({})
  const { mutate, isPending, error } = useAct('updateDeployment', SHOWN)
  const settings: Settings = { ...settingsOf(deployment), ...typed }
  const faults = settingsFaults(settings)
  const changes = changesOf(deployment, settings)
  const maySave = Object.keys(changes).length > 0 && Object.keys(faults).length === 0
  const set = (part: Partial<Settings>): void => setTyped({ ...typed, ...part })
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (!maySave || isPending) return
    mutate(
      { params: { name: deployment.name }, body: changes },
      {
        onSuccess: () => {
          setTyped({})
          toastDone('Server saved')
        },
      },
    )
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <SettingsFields settings={settings} isProcess={deployment.spec.kind === 'process'} onChange={set} />
      {settings.access === 'public' && deployment.access !== 'public' && (
        <p className="text-sm text-warn">Anybody who reaches this address could then call its tools without a credential.</p>
      )}
      {error !== null && <ProblemNote problem={asProblem(error)} />}
      <div className="flex flex-wrap items-center justify-end gap-2 border-t pt-4">
        {Object.keys(changes).length > 0 && <Button onClick={() => setTyped({})}>Discard</Button>}
        <Button type="submit" variant="primary" isBusy={isPending} disabled={!maySave}>
          Save changes
        </Button>
      </div>
    </form>
  )
}

const ACCESS = [
  { value: 'granted', label: 'Granted keys', hint: 'Only keys that name it, or that name nothing' },
  { value: 'tenant', label: 'Every member', hint: 'Any key of this server' },
  { value: 'public', label: 'Public', hint: 'Anybody, without a credential' },
] as const

const HEADERS = [
  { value: 'strict', label: 'Strict', hint: 'Headers must agree with the body' },
  { value: 'lenient', label: 'Lenient', hint: 'Where they disagree, the body is believed' },
] as const

interface SettingsFieldsProps {
  readonly settings: Settings
  readonly isProcess: boolean
  readonly onChange: (part: Partial<Settings>) => void
}

function SettingsFields({ settings, isProcess, onChange }: SettingsFieldsProps) {
  const faults = settingsFaults(settings)
  return (
    <div className="flex flex-col gap-4">
      <Field label="Title" error={faults.title}>
        <Input value={settings.title} maxLength={200} onChange={(event) => onChange({ title: event.target.value })} />
      </Field>
      <Field label="Description" isOptional>
        <Textarea
          value={settings.description}
          rows={3}
          maxLength={2000}
          onChange={(event) => onChange({ description: event.target.value })}
        />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Access">
          <Select value={settings.access} onChange={(access) => onChange({ access })} options={ACCESS} />
        </Field>
        <Field label="Headers of calls">
          <Select value={settings.headersMode} onChange={(headersMode) => onChange({ headersMode })} options={HEADERS} />
        </Field>
        <Field label="Deadline of a call" hint="In seconds." error={faults.deadline}>
          <Input inputMode="decimal" value={settings.deadline} onChange={(event) => onChange({ deadline: event.target.value })} />
        </Field>
        {isProcess && (
          <Field label="Deadline of a start" hint="In seconds; installing counts apart." error={faults.startDeadline}>
            <Input
              inputMode="decimal"
              value={settings.startDeadline}
              onChange={(event) => onChange({ startDeadline: event.target.value })}
            />
          </Field>
        )}
      </div>
    </div>
  )
}
