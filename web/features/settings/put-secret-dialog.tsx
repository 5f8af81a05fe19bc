import { Eye, EyeOff } from 'lucide-react'
import { useEffect, useState, type SubmitEvent } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Dialog } from '@/components/ui/dialog.tsx'
import { Field, Input } from '@/components/ui/field.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { toastDone } from '@/components/ui/toast.tsx'
import { inertLine } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'
import { useAct } from '@/lib/queries.ts'
import { secretNameFault } from './secret-name.ts'
import type { Secret } from './use-secrets.ts'

interface PutSecretProps {
  readonly isOpen: boolean
  /** The entry that gets another value; null: a new one. */
  readonly replaced: Secret | null
  readonly taken: readonly string[]
  readonly onClose: () => void
}

const FORM = 'secret'
const VALUE_LENGTH_MAX = 65_536

/** Takes a name and a value, seals it. The value is never shown again. */
export function PutSecretDialog({ isOpen, replaced, taken, onClose }: PutSecretProps) {
  const [draft, setDraft] = useState({ name: '', value: '', isTouched: false })
  const { mutate, isPending, error, reset } = useAct('putSecret', ['listSecrets', 'listDeployments', 'getDeployment', 'getOverview'])
  useEffect(() => {
    setDraft({ name: '', value: '', isTouched: false })
    reset()
  }, [isOpen])
  const name = replaced?.name ?? draft.name.trim()
  const nameFault = replaced === null ? secretNameFault(name, taken) : null
  const valueFault = draft.value === '' ? 'A secret needs a value.' : null
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    setDraft({ ...draft, isTouched: true })
    if (nameFault !== null || valueFault !== null || isPending) return
    mutate(
      { params: { name }, body: { value: draft.value } },
      {
        onSuccess: () => {
          toastDone(replaced === null ? 'Secret added' : 'Secret replaced', name)
          onClose()
        },
      },
    )
  }
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={replaced === null ? 'Add secret' : 'Replace secret'}
      description={replaced === null ? undefined : <code className="font-mono text-xs break-all">{inertLine(replaced.name)}</code>}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={FORM} variant="primary" isBusy={isPending}>
            {replaced === null ? 'Add secret' : 'Replace secret'}
          </Button>
        </>
      }
    >
      <form id={FORM} onSubmit={submit} noValidate className="flex flex-col gap-4">
        {replaced === null && (
          <Field label="Name" error={draft.isTouched ? nameFault : null} hint="Deployments refer to it as vault:NAME.">
            <Input
              autoFocus
              maxLength={300}
              className="font-mono"
              value={draft.name}
              onChange={(event) => setDraft({ ...draft, name: event.target.value })}
            />
          </Field>
        )}
        <ValueField
          value={draft.value}
          error={draft.isTouched ? valueFault : null}
          isFirst={replaced !== null}
          onChange={(value) => setDraft({ ...draft, value })}
        />
        {replaced !== null && replaced.usedBy.length > 0 && (
          <p className="text-sm text-soft">
            Used by {replaced.usedBy.map((each) => inertLine(each, 60)).join(', ')}, from its next request or start on.
          </p>
        )}
        {error !== null && <ProblemNote problem={asProblem(error)} />}
      </form>
    </Dialog>
  )
}

interface ValueFieldProps {
  readonly value: string
  readonly error: string | null
  readonly isFirst: boolean
  readonly onChange: (value: string) => void
}

function ValueField({ value, error, isFirst, onChange }: ValueFieldProps) {
  const [isShown, setIsShown] = useState(false)
  return (
    <Field label="Value" error={error} hint="Sealed in the vault, and never shown again.">
      <div className="relative">
        <Input
          type={isShown ? 'text' : 'password'}
          autoComplete="new-password"
          autoFocus={isFirst}
          maxLength={VALUE_LENGTH_MAX}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className="pr-9 font-mono"
        />
        <Button
          variant="ghost"
          size="icon"
          className="absolute top-0.5 right-0.5 size-7"
          aria-label={isShown ? 'Hide the value' : 'Show the value'}
          aria-pressed={isShown}
          onClick={() => setIsShown(!isShown)}
        >
          {isShown ? <EyeOff /> : <Eye />}
        </Button>
      </div>
    </Field>
  )
}
