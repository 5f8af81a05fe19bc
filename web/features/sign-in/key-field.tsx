import { Eye, EyeOff } from 'lucide-react'
import { useState, type Ref } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Field, Input } from '@/components/ui/field.tsx'

interface KeyFieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly error: string | null
  readonly ref: Ref<HTMLInputElement>
}

/** A field for a key: dots, until its holder asks to see it. */
export function KeyField({ value, onChange, error, ref }: KeyFieldProps) {
  const [isShown, setIsShown] = useState(false)
  return (
    <Field label="Key" error={error} hint="Starts with sp_. The browser keeps no key: it is exchanged for a session.">
      <div className="relative">
        <Input
          ref={ref}
          type={isShown ? 'text' : 'password'}
          name="key"
          autoComplete="current-password"
          autoFocus
          maxLength={4096}
          placeholder="sp_…"
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className="h-10 pr-11 font-mono"
        />
        <Button
          variant="ghost"
          size="icon"
          aria-label={isShown ? 'Hide the key' : 'Show the key'}
          aria-pressed={isShown}
          className="absolute top-1 right-1"
          onClick={() => setIsShown(!isShown)}
        >
          {isShown ? <EyeOff /> : <Eye />}
        </Button>
      </div>
    </Field>
  )
}
