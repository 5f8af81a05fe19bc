import { ChevronRight } from 'lucide-react'
import { Field, Input, Textarea } from '@/components/ui/field.tsx'
import { Select } from '@/components/ui/select.tsx'
import { ISOLATION_LOOKS } from './state-badge.tsx'
import type { Isolation } from './deployment-model.ts'
import { EgressList, FileList } from './grant-lists.tsx'
import type { Faults, LaunchDraft } from './launch-draft.ts'
import { PairList } from './pair-list.tsx'

interface LaunchFieldsProps {
  readonly launch: LaunchDraft
  readonly faults: Faults
  readonly onChange: (launch: LaunchDraft) => void
}

/** Everything of a launch that can be typed. */
export function LaunchFields({ launch, faults, onChange }: LaunchFieldsProps) {
  const set = (part: Partial<LaunchDraft>): void => onChange({ ...launch, ...part })
  return (
    <div className="flex flex-col gap-4">
      {launch.kind === 'remote' ? (
        <Field label="Address" error={faults['url']}>
          <Input type="url" value={launch.url} onChange={(event) => set({ url: event.target.value })} className="font-mono text-xs" />
        </Field>
      ) : (
        <CommandFields launch={launch} faults={faults} onChange={onChange} />
      )}
      <PairList
        label={launch.kind === 'remote' ? 'Headers' : 'Variables'}
        noun={launch.kind === 'remote' ? 'header' : 'variable'}
        pairs={launch.pairs}
        faults={faults}
        onChange={(pairs) => set({ pairs })}
      />
      {launch.kind === 'process' && (
        <>
          <EgressList egress={launch.egress} onChange={(egress) => set({ egress })} />
          <FileList files={launch.files} onChange={(files) => set({ files })} />
          <FurtherFields launch={launch} faults={faults} onChange={onChange} />
        </>
      )}
    </div>
  )
}

function CommandFields({ launch, faults, onChange }: LaunchFieldsProps) {
  const hasLineBreak = launch.args.some((text) => text.includes('\n'))
  return (
    <>
      <Field label="Program" error={faults['command']}>
        <Input
          value={launch.command}
          onChange={(event) => onChange({ ...launch, command: event.target.value })}
          className="font-mono text-xs"
        />
      </Field>
      <Field
        label="Arguments"
        error={faults['args']}
        hint={
          hasLineBreak
            ? 'An argument holds a line break, which this field cannot show apart.'
            : 'One a line, taken as they are: no shell reads them.'
        }
      >
        <Textarea
          value={launch.args.join('\n')}
          readOnly={hasLineBreak}
          rows={Math.min(8, Math.max(2, launch.args.length + 1))}
          onChange={(event) => onChange({ ...launch, args: event.target.value === '' ? [] : event.target.value.split('\n') })}
          className="min-h-0 font-mono text-xs"
        />
      </Field>
    </>
  )
}

const LEVELS: readonly Isolation[] = ['strong', 'medium', 'none']
const HINTS: Readonly<Record<Isolation, string>> = {
  strong: 'Refuse to start with less than a full sandbox',
  medium: 'Refuse to start without a sandbox',
  none: 'Start even where no sandbox can be made',
}

function FurtherFields({ launch, faults, onChange }: LaunchFieldsProps) {
  return (
    <details className="group" open={faults['cwd'] !== undefined || undefined}>
      <summary className="inline-flex cursor-pointer list-none items-center gap-1 rounded-sm text-sm text-soft hover:text-text [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden className="size-4 group-open:rotate-90" /> Isolation and folder
      </summary>
      <div className="mt-3 grid gap-4 sm:grid-cols-2">
        <Field label="Least isolation">
          <Select
            value={launch.isolation}
            onChange={(isolation) => onChange({ ...launch, isolation })}
            options={LEVELS.map((level) => ({ value: level, label: ISOLATION_LOOKS[level].label, hint: HINTS[level] }))}
          />
        </Field>
        <Field label="Working folder" isOptional error={faults['cwd']} hint="/tmp of the sandbox when empty.">
          <Input value={launch.cwd} onChange={(event) => onChange({ ...launch, cwd: event.target.value })} className="font-mono text-xs" />
        </Field>
      </div>
    </details>
  )
}
