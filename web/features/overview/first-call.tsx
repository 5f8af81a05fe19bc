import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { ArrowRight, Cable, FlaskConical } from 'lucide-react'
import { Button, buttonClass } from '@/components/ui/button.tsx'
import { Attention } from './attention.tsx'

interface FirstCallProps {
  readonly onConnect: () => void
}

/** Before anything was called: the way to the first call, not empty charts. */
export function FirstCall({ onConnect }: FirstCallProps) {
  return (
    <>
      <section aria-labelledby="first-call" className="flex flex-col gap-5 rounded-lg border bg-surface px-6 py-8 sm:px-8">
        <div className="max-w-prose">
          <h2 id="first-call" className="text-lg font-semibold">
            Make the first call
          </h2>
          <p className="mt-1 text-soft">
            The door is open and nobody has come through yet. Connect the AI application that you use, or try a tool right here. The figures
            appear with the first call, on their own.
          </p>
        </div>
        <ol className="grid gap-3 sm:grid-cols-2">
          <Way title="Connect a client" detail="Claude Code, VS Code, Cursor and others: a link, a command or a file.">
            <Button variant="primary" onClick={onConnect}>
              <Cable /> Connect a client
            </Button>
            <Link to="/app/first-run" className={buttonClass({ variant: 'ghost' })}>
              Show me step by step <ArrowRight aria-hidden />
            </Link>
          </Way>
          <Way title="Call a tool from here" detail="Choose one, fill in its form, and see where its time went.">
            <Link to="/app/playground" className={buttonClass()}>
              <FlaskConical aria-hidden /> Open the Playground
            </Link>
          </Way>
        </ol>
      </section>
      <Attention />
    </>
  )
}

interface WayProps {
  readonly title: string
  readonly detail: string
  readonly children: ReactNode
}

function Way({ title, detail, children }: WayProps) {
  return (
    <li className="flex flex-col gap-3 rounded-md border p-4">
      <div className="grow">
        <h3 className="font-medium">{title}</h3>
        <p className="text-sm text-soft">{detail}</p>
      </div>
      <div className="flex flex-wrap gap-2">{children}</div>
    </li>
  )
}
