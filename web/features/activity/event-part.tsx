import type { ReactNode } from 'react'

interface EventPartProps {
  readonly title: string
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** A part of the details, below the title of the panel. */
export function EventPart({ title, actions, children }: EventPartProps) {
  return (
    <section className="flex min-w-0 flex-col gap-2">
      <header className="flex min-h-6 items-center gap-3">
        <h3 className="grow text-sm font-semibold">{title}</h3>
        {actions}
      </header>
      {children}
    </section>
  )
}
