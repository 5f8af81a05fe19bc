import type { SubmitEvent } from 'react'
import { Field, Input } from '@/components/ui/field.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { Select } from '@/components/ui/select.tsx'
import { asProblem } from '@/lib/problem.ts'
import { useNow } from '@/lib/use-now.ts'
import { EndpointChoice } from './endpoint-choice.tsx'
import { dateText, EXPIRIES } from './expiry.ts'
import { ScopeChoice } from './scope-choice.tsx'
import { ToolChoice } from './tool-choice.tsx'
import { type Draft, type Faults, isRestricted } from './use-key-draft.ts'

interface KeyFormProps {
  readonly id: string
  readonly draft: Draft
  readonly faults: Faults
  readonly error: Error | null
  readonly onChange: (part: Partial<Draft>) => void
  readonly onSubmit: (event: SubmitEvent) => void
}

export function KeyForm({ id, draft, faults, error, onChange, onSubmit }: KeyFormProps) {
  const nowMs = useNow(60_000)
  return (
    <form id={id} onSubmit={onSubmit} noValidate className="flex flex-col gap-6">
      <Field label="Name" error={faults.name} hint="Shown here and in the activity.">
        <Input
          autoFocus
          value={draft.name}
          maxLength={200}
          placeholder="laptop"
          onChange={(event) => onChange({ name: event.target.value })}
        />
      </Field>
      <ScopeChoice value={draft.scopes} onChange={(scopes) => onChange({ scopes })} fault={faults.scopes} />
      {isRestricted(draft) ? (
        <>
          <EndpointChoice isEverywhere={draft.isEverywhere} value={draft.endpoints} onChange={onChange} fault={faults.endpoints} />
          <ToolChoice endpoints={draft.isEverywhere ? [] : draft.endpoints} value={draft.tools} onChange={(tools) => onChange({ tools })} />
        </>
      ) : (
        <p className="rounded-md border border-warn/30 bg-warn-soft px-3 py-2 text-sm">
          A key with the scope <code className="font-mono text-xs">admin</code> cannot be restricted to endpoints or tools: it could lift
          the restriction itself.
        </p>
      )}
      <div className="flex flex-wrap items-start gap-3">
        <Field label="Ends" className="w-44" hint={draft.expiry === 'never' ? 'Only when it is revoked.' : undefined}>
          <Select value={draft.expiry} onChange={(expiry) => onChange({ expiry })} options={EXPIRIES} />
        </Field>
        {draft.expiry === 'date' && (
          <Field label="Last day" className="w-44" error={faults.date}>
            <Input type="date" min={dateText(nowMs)} value={draft.date} onChange={(event) => onChange({ date: event.target.value })} />
          </Field>
        )}
      </div>
      {error !== null && <ProblemNote problem={asProblem(error)} />}
    </form>
  )
}
