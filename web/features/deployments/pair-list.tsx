import { Eye, EyeOff, Plus, X } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { controlClass, Input } from '@/components/ui/field.tsx'
import { cn } from '@/lib/cn.ts'
import { type Faults, looksSecret, type Pair } from './launch-draft.ts'

interface PairListProps {
  readonly label: string
  readonly noun: 'header' | 'variable'
  readonly pairs: readonly Pair[]
  readonly faults: Faults
  readonly onChange: (pairs: readonly Pair[]) => void
}

/** Headers or variables: names, and values that go into the vault. */
export function PairList({ label, noun, pairs, faults, onChange }: PairListProps) {
  const change = (id: number, part: Partial<Pair>): void => onChange(pairs.map((pair) => (pair.id === id ? { ...pair, ...part } : pair)))
  const add = (): void => onChange([...pairs, { id: Math.max(-1, ...pairs.map((pair) => pair.id)) + 1, name: '', value: '', kept: null }])
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1.5 text-sm font-medium">{label}</legend>
      {pairs.map((pair) => (
        <div key={pair.id}>
          <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto] gap-2">
            <Input
              aria-label={`Name of the ${noun}`}
              value={pair.name}
              placeholder={noun === 'header' ? 'Authorization' : 'API_KEY'}
              className="font-mono text-xs"
              onChange={(event) => change(pair.id, { name: event.target.value })}
            />
            <SecretInput
              label={`Value of ${pair.name === '' ? `the ${noun}` : pair.name}`}
              value={pair.value}
              // A placeholder is no secret, and has to be seen to be understood.
              isSecret={looksSecret(pair.name) && !pair.value.includes('${input:')}
              placeholder={pair.kept === null ? 'value' : 'kept; type to replace'}
              isInvalid={faults[`pair:${pair.id}`] !== undefined}
              onChange={(value) => change(pair.id, { value })}
            />
            <Button
              variant="ghost"
              size="icon"
              aria-label={`Remove ${pair.name === '' ? `this ${noun}` : pair.name}`}
              onClick={() => onChange(pairs.filter(({ id }) => id !== pair.id))}
            >
              <X />
            </Button>
          </div>
          {faults[`pair:${pair.id}`] !== undefined && <p className="mt-1 text-xs text-bad">{faults[`pair:${pair.id}`]}</p>}
        </div>
      ))}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Button size="sm" onClick={add}>
          <Plus /> Add {noun}
        </Button>
        <span className="text-xs text-faint">Values are sealed in the vault and never shown again.</span>
      </div>
    </fieldset>
  )
}

interface SecretInputProps {
  readonly label: string
  readonly value: string
  /** Dots instead of characters until it is asked otherwise. */
  readonly isSecret: boolean
  readonly placeholder?: string
  readonly isInvalid?: boolean
  readonly onChange: (value: string) => void
}

/** A value that may be secret: hidden as it is typed, and no browser keeps it. */
export function SecretInput({ label, value, isSecret, placeholder = '', isInvalid = false, onChange }: SecretInputProps) {
  const [isShown, setIsShown] = useState(false)
  return (
    <div className="relative">
      <input
        aria-label={label}
        aria-invalid={isInvalid || undefined}
        type={isSecret && !isShown ? 'password' : 'text'}
        value={value}
        placeholder={placeholder}
        autoComplete="new-password"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
        className={cn(controlClass, 'h-8 font-mono text-xs', isSecret && 'pr-9')}
      />
      {isSecret && (
        <Button
          variant="ghost"
          size="icon"
          className="absolute top-0.5 right-0.5 size-7"
          aria-label={isShown ? 'Hide the value' : 'Show the value'}
          onClick={() => setIsShown(!isShown)}
        >
          {isShown ? <EyeOff /> : <Eye />}
        </Button>
      )}
    </div>
  )
}
