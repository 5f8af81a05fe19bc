import { useQueries } from '@tanstack/react-query'
import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Field, Input } from '@/components/ui/field.tsx'
import { endpointViewQuery } from '@/features/connect/endpoint-view.ts'
import { inertLine } from '@/lib/inert.ts'

interface ToolChoiceProps {
  readonly endpoints: readonly string[]
  readonly value: readonly string[]
  readonly onChange: (patterns: readonly string[]) => void
}

/** Each endpoint asks its servers; so many are asked for suggestions. */
const ASKED_MAX = 8
const SUGGESTED_MAX = 40
const PATTERN_LENGTH_MAX = 190

/** Which tools a key may use: names, or beginnings with `*`. */
export function ToolChoice({ endpoints, value, onChange }: ToolChoiceProps) {
  const [typed, setTyped] = useState('')
  const offered = useOfferedTools(endpoints)
  const pattern = typed.trim()
  const suggestions = offered.filter(
    (name) => !value.includes(name) && name.toLowerCase().includes(pattern.replace(/\*$/, '').toLowerCase()),
  )
  const add = (name: string): void => {
    if (name !== '' && !value.includes(name)) onChange([...value, name])
    setTyped('')
  }
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <Field
        label="Tools"
        isOptional
        hint={
          endpoints.length === 0
            ? 'None: all that its endpoints offer. Choose endpoints to be suggested their tools; * at the end stands for any rest.'
            : 'None: all that its endpoints offer. * at the end stands for any rest.'
        }
      >
        <div className="flex gap-2">
          <Input
            value={typed}
            maxLength={PATTERN_LENGTH_MAX}
            placeholder="docs__search or docs__*"
            className="font-mono text-xs"
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || pattern === '') return
              event.preventDefault()
              add(pattern)
            }}
          />
          <Button disabled={pattern === ''} onClick={() => add(pattern)}>
            <Plus /> Add tool
          </Button>
        </div>
      </Field>
      <Chosen value={value} onChange={onChange} />
      <Suggestions names={suggestions} onAdd={add} />
    </div>
  )
}

function Chosen({ value, onChange }: Pick<ToolChoiceProps, 'value' | 'onChange'>) {
  if (value.length === 0) return null
  return (
    <ul aria-label="Chosen tools" className="flex flex-wrap gap-1.5">
      {value.map((name) => (
        <li key={name} className="inline-flex min-w-0 items-center gap-1 rounded-sm bg-accent-soft pl-2 font-mono text-xs text-accent-text">
          <span className="break-all">{inertLine(name, PATTERN_LENGTH_MAX)}</span>
          <Button
            variant="ghost"
            size="icon"
            className="size-6 text-accent-text"
            aria-label={`Remove ${inertLine(name, PATTERN_LENGTH_MAX)}`}
            onClick={() => onChange(value.filter((each) => each !== name))}
          >
            <X />
          </Button>
        </li>
      ))}
    </ul>
  )
}

function Suggestions({ names, onAdd }: { readonly names: readonly string[]; readonly onAdd: (name: string) => void }) {
  if (names.length === 0) return null
  return (
    <div role="group" aria-label="Tools of the chosen endpoints" className="flex max-h-32 flex-wrap gap-1.5 overflow-y-auto">
      {names.slice(0, SUGGESTED_MAX).map((name) => (
        <Button key={name} size="sm" className="h-6 font-mono font-normal text-soft [&_svg]:size-3" onClick={() => onAdd(name)}>
          <Plus /> {inertLine(name, 60)}
        </Button>
      ))}
      {names.length > SUGGESTED_MAX && (
        <span className="self-center text-xs text-faint">and {names.length - SUGGESTED_MAX} more: type to narrow them</span>
      )}
    </div>
  )
}

/** The names of tools as the endpoints list them. One that does not answer suggests nothing. */
function useOfferedTools(endpoints: readonly string[]): readonly string[] {
  const views = useQueries({ queries: endpoints.slice(0, ASKED_MAX).map((name) => ({ ...endpointViewQuery(name), retry: false })) })
  return [...new Set(views.flatMap(({ data }) => data?.tools.map(({ name }) => name) ?? []))].toSorted()
}
