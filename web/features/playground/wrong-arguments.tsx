import { CircleAlert } from 'lucide-react'
import type { FieldError } from '@/components/schema-form/readable-errors.ts'
import { Button } from '@/components/ui/button.tsx'
import { inertLine } from '@/lib/inert.ts'

const SHOWN_MAX = 5

interface WrongArgumentsProps {
  readonly errors: readonly FieldError[]
  readonly isRunning: boolean
  readonly onRunAnyway: () => void
}

/** What does not fit the schema, also where no field shows it. Sending it all the same shows what the server says. */
export function WrongArguments({ errors, isRunning, onRunAnyway }: WrongArgumentsProps) {
  return (
    <div role="alert" className="flex gap-2.5 rounded-md border border-bad/30 bg-bad-soft px-3 py-2.5 text-sm">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      <div className="flex min-w-0 grow flex-col gap-1">
        <p className="font-semibold">
          {errors.length === 1 ? 'One argument does not fit the schema' : `${errors.length} arguments do not fit the schema`}
        </p>
        <ul className="flex flex-col gap-0.5">
          {errors.slice(0, SHOWN_MAX).map(({ path, message }) => (
            <li key={path + message} className="break-words text-soft">
              <code className="font-mono text-xs text-text">{path === '' ? 'arguments' : inertLine(path.slice(1), 80)}</code> {message}
            </li>
          ))}
          {errors.length > SHOWN_MAX && <li className="text-soft">and {errors.length - SHOWN_MAX} more</li>}
        </ul>
        <div className="mt-1">
          <Button size="sm" disabled={isRunning} onClick={onRunAnyway}>
            Run anyway
          </Button>
        </div>
      </div>
    </div>
  )
}
