import { Checkbox, Segmented } from '@/components/ui/toggle.tsx'
import { type Preset, PRESETS, presetOf, type Scope, SCOPES, withScope } from './key-model.ts'

interface ScopeChoiceProps {
  readonly value: readonly Scope[]
  readonly onChange: (scopes: readonly Scope[]) => void
  readonly fault: string | undefined
}

/** What a key may do: a usual set first, then each scope with what it allows. */
export function ScopeChoice({ value, onChange, fault }: ScopeChoiceProps) {
  const preset = presetOf(value)
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1.5 text-sm font-medium">What it may do</legend>
      <Segmented<Preset | 'custom'>
        aria-label="Usual sets of scopes"
        className="self-start"
        value={preset ?? 'custom'}
        onChange={(next) => next !== 'custom' && onChange(PRESETS[next].scopes)}
        options={(Object.keys(PRESETS) as Preset[]).map((each) => ({ value: each, label: PRESETS[each].label }))}
      />
      <ul className="flex flex-col divide-y rounded-md border">
        {SCOPES.map(({ scope, label, hint }) => (
          <li key={scope} className="px-3 py-1.5">
            <Checkbox
              className="w-full items-start [&>:first-child]:mt-0.5"
              isChecked={value.includes(scope)}
              onChange={(isChosen) => onChange(withScope(value, scope, isChosen))}
              label={
                <span className="flex min-w-0 flex-col">
                  <span>
                    {label} <code className="ml-1 font-mono text-xs text-faint">{scope}</code>
                  </span>
                  <span className="text-xs text-soft">{hint}</span>
                </span>
              }
            />
          </li>
        ))}
      </ul>
      {fault !== undefined && <p className="text-xs text-bad">{fault}</p>}
    </fieldset>
  )
}
