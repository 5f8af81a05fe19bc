import { FolderPlus, Pencil, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Field, Input } from '@/components/ui/field.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { Checkbox } from '@/components/ui/toggle.tsx'
import { inert, inertLine } from '@/lib/inert.ts'
import type { ProblemDocument } from '@/lib/problem.ts'
import { LaunchCard } from './launch-card.tsx'
import { specOfInput } from './launch-diff.ts'
import { type Faults, type InputDraft, looksSecret, type ServerDraft, specInputOf, unseenPaths } from './launch-draft.ts'
import { LaunchFields } from './launch-fields.tsx'
import { SecretInput } from './pair-list.tsx'

interface ServerReviewProps {
  readonly draft: ServerDraft
  readonly isOnly: boolean
  readonly faults: Faults
  readonly problem: ProblemDocument | null
  readonly onChange: (draft: ServerDraft) => void
}

/** One server that may be added: its name, what is still to be answered, and its launch. */
export function ServerReview({ draft, isOnly, faults, problem, onChange }: ServerReviewProps) {
  const set = (part: Partial<ServerDraft>): void => onChange({ ...draft, ...part })
  return (
    <section aria-label={draft.name} className={isOnly ? 'flex flex-col gap-4' : 'flex flex-col gap-4 rounded-lg border p-4'}>
      {!isOnly && (
        <Checkbox
          isChecked={draft.isChosen}
          onChange={(isChosen) => set({ isChosen })}
          label={<span className="font-mono font-medium">{draft.name}</span>}
        />
      )}
      {draft.isChosen && (
        <>
          {draft.warnings.length > 0 && <Warnings warnings={draft.warnings} />}
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Name" error={faults['name']} hint="Part of its address; it cannot be changed later.">
              <Input value={draft.name} onChange={(event) => set({ name: event.target.value })} className="font-mono text-xs" />
            </Field>
            <Field label="Title" isOptional>
              <Input value={draft.title} maxLength={200} onChange={(event) => set({ title: event.target.value })} />
            </Field>
          </div>
          {draft.inputs.length > 0 && <Questions draft={draft} faults={faults} onChange={(inputs) => set({ inputs })} />}
          <UnseenPaths draft={draft} onChange={onChange} />
          <Launch draft={draft} faults={faults} onChange={onChange} />
          {problem !== null && <ProblemNote problem={problem} />}
        </>
      )}
    </section>
  )
}

function Warnings({ warnings }: { readonly warnings: readonly string[] }) {
  return (
    <ul className="flex flex-col gap-1 rounded-md border border-warn/30 bg-warn-soft px-3 py-2 text-sm">
      {warnings.map((warning) => (
        <li key={warning} className="flex gap-2">
          <TriangleAlert aria-label="Warning:" className="mt-0.5 size-4 shrink-0 text-warn" />
          <span className="min-w-0 break-words">{inert(warning)}</span>
        </li>
      ))}
    </ul>
  )
}

interface QuestionsProps {
  readonly draft: ServerDraft
  readonly faults: Faults
  readonly onChange: (inputs: readonly InputDraft[]) => void
}

function Questions({ draft, faults, onChange }: QuestionsProps) {
  return (
    <fieldset className="flex flex-col gap-3 rounded-md border border-accent/40 p-3">
      <legend className="px-1 text-sm font-medium">Values it needs</legend>
      {draft.inputs.map(({ id, description, isSecret, value }) => {
        const fault = faults[`input:${id}`]
        return (
          <div key={id} className="flex flex-col gap-1">
            <p className="text-sm">
              {inertLine(description, 200)} <code className="font-mono text-xs text-faint">{inertLine(id, 80)}</code>
            </p>
            <SecretInput
              label={inertLine(description, 200)}
              value={value}
              isSecret={isSecret}
              isInvalid={fault !== undefined}
              onChange={(next) => onChange(draft.inputs.map((input) => (input.id === id ? { ...input, value: next } : input)))}
            />
            {fault !== undefined && <p className="text-xs text-bad">{fault}</p>}
          </div>
        )
      })}
    </fieldset>
  )
}

/** A path on the command line is of no use to a program that cannot see it: better said now than after it failed. */
function UnseenPaths({ draft, onChange }: Pick<ServerReviewProps, 'draft' | 'onChange'>) {
  const { launch } = draft
  const paths = unseenPaths(launch)
  if (paths.length === 0) return null
  const grant = (path: string): void => onChange({ ...draft, launch: { ...launch, files: [...launch.files, { path, mode: 'ro' }] } })
  return (
    <ul className="flex flex-col gap-2 rounded-md border border-warn/30 bg-warn-soft px-3 py-2 text-sm">
      {paths.map((path) => (
        <li key={path} className="flex flex-wrap items-center gap-2">
          <TriangleAlert aria-label="Warning:" className="size-4 shrink-0 text-warn" />
          <span className="min-w-0 grow basis-48 break-words">
            It names <code className="font-mono text-xs break-all">{inertLine(path, 200)}</code>, which it cannot see.
          </span>
          <Button size="sm" onClick={() => grant(path)} aria-label={`Let it read ${inertLine(path, 120)}`}>
            <FolderPlus /> Let it read this
          </Button>
        </li>
      ))}
    </ul>
  )
}

function Launch({ draft, faults, onChange }: Pick<ServerReviewProps, 'draft' | 'faults' | 'onChange'>) {
  const { launch } = draft
  const hasFault = Object.keys(faults).some((field) => field !== 'name' && !field.startsWith('input:'))
  // What has to be typed before it can start is open from the beginning, and so is a remote: its form says it all.
  const [isEditing, setIsEditing] = useState(
    launch.kind === 'remote' || launch.pairs.some(({ name, value }) => value === '' && looksSecret(name)),
  )
  if (isEditing || hasFault)
    return <LaunchFields launch={launch} faults={faults} onChange={(next) => onChange({ ...draft, launch: next })} />
  // Secret answers stay out of sight: their places are shown as they were pasted.
  const open = draft.inputs.filter(({ isSecret }) => !isSecret)
  return (
    <div className="flex flex-col gap-2">
      <LaunchCard spec={specOfInput(draft.name, specInputOf(launch, open))} />
      <Button size="sm" className="self-start" onClick={() => setIsEditing(true)}>
        <Pencil /> Edit launch
      </Button>
    </div>
  )
}
