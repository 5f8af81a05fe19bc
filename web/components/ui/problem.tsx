import { CircleAlert, ExternalLink, RotateCw } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { aboutProblem, asProblem, type ProblemDocument } from '@/lib/problem.ts'
import { inert, inertLine } from '@/lib/inert.ts'
import { cn } from '@/lib/cn.ts'
import { Button } from './button.tsx'
import { CopyButton } from './copy.tsx'

/** A problem inside a form or a panel: what, why, what mends it. */
export function ProblemNote({ problem, className }: { readonly problem: ProblemDocument; readonly className?: string }) {
  const note = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // A long form in a sheet may end below the fold, while its buttons stay in sight.
    if (note.current?.closest('[role="dialog"]') !== null) note.current?.scrollIntoView({ block: 'nearest' })
  }, [problem])
  return (
    <div ref={note} role="alert" className={cn('flex gap-2.5 rounded-md border border-bad/30 bg-bad-soft px-3 py-2.5 text-sm', className)}>
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      <ProblemText problem={problem} />
    </div>
  )
}

/** A whole view that could not be shown. */
export function ProblemView({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const problem = asProblem(error)
  return (
    <div role="alert" className="mx-auto flex max-w-xl flex-col items-start gap-4 rounded-lg border bg-surface p-6">
      <CircleAlert aria-hidden className="size-6 text-bad" />
      <ProblemText problem={problem} isLarge />
      {onRetry !== undefined && (
        <Button onClick={onRetry}>
          <RotateCw /> Try again
        </Button>
      )}
    </div>
  )
}

function ProblemText({ problem, isLarge = false }: { readonly problem: ProblemDocument; readonly isLarge?: boolean }) {
  const about = aboutProblem(problem)
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <p className={cn('font-semibold break-words', isLarge && 'text-lg')}>{inertLine(problem.title)}</p>
      <p className="break-words whitespace-pre-line text-soft">{inert(problem.detail)}</p>
      {problem.errors?.map(({ path, detail }) => (
        <p key={path + detail} className="break-words text-soft">
          <code className="font-mono text-xs">{inert(path)}</code> {inert(detail)}
        </p>
      ))}
      {problem.remedy !== undefined && <Remedy text={problem.remedy} />}
      {problem.incident !== undefined && (
        <p className="flex items-center gap-1 text-xs text-soft">
          Incident <code className="font-mono">{inertLine(problem.incident)}</code>
          <CopyButton text={inertLine(problem.incident)} label="Copy the incident" />
        </p>
      )}
      {about !== null && (
        // A tab of its own, so that a form beside it keeps what was typed.
        <a
          href={about}
          target="_blank"
          rel="noreferrer noopener"
          className="inline-flex items-center gap-1 self-start text-xs text-accent-text underline-offset-2 hover:underline"
        >
          About this problem
          <ExternalLink aria-hidden className="size-3" />
          <span className="sr-only">(opens in a new tab)</span>
        </a>
      )}
    </div>
  )
}

/** Without line breaks: what is pasted into a terminal must not run before it was read. */
const oneLine = (command: string): string => command.replaceAll(/\s+/g, ' ').trim()

/** A program with what it is given, or a setting; headers and names are no commands. */
const COMMAND = /^(?:[a-z][\w./-]* |SALLYPORT_\w)/

/** What mends it: commands stand out and can be copied. */
export function Remedy({ text, className }: { readonly text: string; readonly className?: string }) {
  const shown = inert(text)
  const quoted = shown.split('`').filter((_, index) => index % 2 === 1)
  const command = quoted.find((part) => COMMAND.test(part)) ?? (/^(sallyport|npm) /.test(shown) ? shown : null)
  return (
    <p className={cn('break-words', className)}>
      <span aria-hidden className="mr-1 text-accent-text">
        →
      </span>
      <span className="sr-only">What to do:</span>
      <span>
        {shown.split('`').map((part, index) =>
          index % 2 === 1 || part === command ? (
            <code key={index} className="rounded-sm bg-hover px-1 py-0.5 font-mono text-xs">
              {part}
            </code>
          ) : (
            part
          ),
        )}
      </span>
      {command !== null && <CopyButton text={oneLine(command)} label="Copy the command" className="ml-1 align-middle" />}
    </p>
  )
}
