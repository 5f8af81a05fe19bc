import { Plus, X } from 'lucide-react'
import { useId, useState, type KeyboardEvent, type ReactNode } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Field, Input } from '@/components/ui/field.tsx'
import { Segmented } from '@/components/ui/toggle.tsx'
import { inert } from '@/lib/inert.ts'
import { destinationFault, type FileGrant, pathFault, readDestination } from './deployment-model.ts'

interface EgressListProps {
  readonly egress: readonly string[]
  readonly onChange: (egress: readonly string[]) => void
}

/** The destinations a process may reach, one `host:port` each. */
export function EgressList({ egress, onChange }: EgressListProps) {
  const add = (typed: string): string | null => {
    const destination = typed.includes('${') ? typed.trim() : readDestination(typed)
    const fault = typed.includes('${') ? null : destinationFault(destination)
    if (fault === null && !egress.includes(destination)) onChange([...egress, destination])
    return fault
  }
  return (
    <GrantList
      label="Network"
      hint="Only these destinations; each connection is checked. With none, it has no network."
      placeholder="api.github.com:443"
      entries={egress.map((destination) => ({ key: destination }))}
      onAdd={add}
      onRemove={(gone) => onChange(egress.filter((destination) => destination !== gone))}
    />
  )
}

interface FileListProps {
  readonly files: readonly FileGrant[]
  readonly onChange: (files: readonly FileGrant[]) => void
}

/** The files and folders of the server’s machine that a process may see. */
export function FileList({ files, onChange }: FileListProps) {
  const add = (typed: string): string | null => {
    const path = typed.trim()
    const fault = path.startsWith('${') ? null : pathFault(path)
    if (fault === null && files.every((file) => file.path !== path)) onChange([...files, { path, mode: 'ro' }])
    return fault
  }
  const setMode = (path: string, mode: FileGrant['mode']): void =>
    onChange(files.map((file) => (file.path === path ? { path, mode } : file)))
  return (
    <GrantList
      label="Files"
      hint="Absolute paths on the machine that Sallyport runs on. Nothing else of it can be seen."
      placeholder="/srv/notes"
      entries={files.map(({ path, mode }) => ({
        key: path,
        control: (
          <Segmented
            aria-label={`Access to ${inert(path)}`}
            value={mode}
            onChange={(next) => setMode(path, next)}
            className="h-7"
            options={[
              { value: 'ro', label: 'Read' },
              { value: 'rw', label: 'Write', ariaLabel: 'Read and write' },
            ]}
          />
        ),
      }))}
      onAdd={add}
      onRemove={(gone) => onChange(files.filter(({ path }) => path !== gone))}
    />
  )
}

interface GrantListProps {
  readonly label: string
  readonly hint: string
  readonly placeholder: string
  readonly entries: readonly { readonly key: string; readonly control?: ReactNode }[]
  /** Says what is wrong, or takes it. */
  readonly onAdd: (typed: string) => string | null
  readonly onRemove: (key: string) => void
}

function GrantList({ label, hint, placeholder, entries, onAdd, onRemove }: GrantListProps) {
  const [typed, setTyped] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const listId = useId()
  const add = (): void => {
    if (typed.trim() === '') return
    const found = onAdd(typed)
    setFault(found)
    if (found === null) setTyped('')
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    add()
  }
  return (
    <div className="flex flex-col gap-1.5">
      <Field label={label} hint={hint} error={fault}>
        <div className="flex gap-2">
          {/* What was typed and not added would be lost without a word: it is taken when the field is left. */}
          <Input
            value={typed}
            placeholder={placeholder}
            className="font-mono text-xs"
            onChange={(event) => (setTyped(event.target.value), setFault(null))}
            onKeyDown={onKeyDown}
            onBlur={add}
          />
          <Button onClick={add} aria-label={`Add to ${label.toLowerCase()}`}>
            <Plus /> Add
          </Button>
        </div>
      </Field>
      {entries.length > 0 && (
        <ul id={listId} aria-label={label} className="divide-y rounded-md border">
          {entries.map(({ key, control }) => (
            <li key={key} className="flex min-h-9 items-center gap-2 py-0.5 pr-1 pl-2.5">
              <code className="min-w-0 grow font-mono text-xs break-all">{inert(key)}</code>
              {control}
              <Button variant="ghost" size="icon" className="size-7" aria-label={`Remove ${inert(key)}`} onClick={() => onRemove(key)}>
                <X />
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
