import { Link, useSearch } from '@tanstack/react-router'
import { Check } from 'lucide-react'
import { cn } from '@/lib/cn.ts'

interface StepperProps {
  readonly step: 1 | 2 | 3
  readonly titles: Readonly<Record<1 | 2 | 3, string>>
}

/** The three steps; each is a link, so that none is a dead end. */
export function Stepper({ step, titles }: StepperProps) {
  const search = useSearch({ from: '/app/first-run' })
  return (
    <nav aria-label="Steps" className="mb-8">
      <ol className="grid grid-cols-3 gap-2">
        {([1, 2, 3] as const).map((each) => (
          <li key={each}>
            <Link
              to="/app/first-run"
              search={{ ...search, step: each }}
              aria-current={each === step ? 'step' : undefined}
              className={cn(
                'flex items-center gap-2 border-t-2 pt-2 text-sm font-medium',
                each <= step ? 'border-accent text-text' : 'border-line text-faint hover:text-soft',
              )}
            >
              <span
                aria-hidden
                className={cn(
                  'grid size-5 shrink-0 place-items-center rounded-full text-xs',
                  each < step ? 'bg-accent text-on-accent' : each === step ? 'bg-accent-soft text-accent-text' : 'bg-hover text-faint',
                )}
              >
                {each < step ? <Check className="size-3" strokeWidth={3} /> : each}
              </span>
              <span className="truncate max-sm:sr-only">{titles[each]}</span>
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  )
}
