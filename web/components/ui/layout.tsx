import type { ReactNode } from 'react'
import { cn } from '@/lib/cn.ts'

interface PageProps {
  readonly title: ReactNode
  readonly description?: ReactNode
  /** Buttons on the right; the main one last. */
  readonly actions?: ReactNode
  /** Where this page hangs: a link back to the list. */
  readonly back?: ReactNode
  readonly children: ReactNode
}

/** The frame of every page of the console: one `h1`, one row of actions, one width, so that nothing moves between pages. */
export function Page({ title, description, actions, back, children }: PageProps) {
  return (
    <div className="mx-auto flex w-full max-w-[96rem] flex-col gap-6 px-4 pt-5 pb-16 sm:px-8 sm:pt-7">
      <header className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="min-w-0 grow basis-64">
          {back}
          <h1 className="text-xl font-semibold tracking-tight break-words">{title}</h1>
          {description !== undefined && <div className="mt-0.5 max-w-prose text-soft">{description}</div>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

interface SectionProps {
  readonly title?: ReactNode
  readonly description?: ReactNode
  readonly actions?: ReactNode
  /** False when the content draws its own edges, as a table does. */
  readonly isPadded?: boolean
  readonly className?: string
  readonly children: ReactNode
}

/** A framed part of a page with its own heading. */
export function Section({ title, description, actions, isPadded = true, className, children }: SectionProps) {
  return (
    <section className={cn('min-w-0 rounded-lg border bg-surface', !isPadded && 'overflow-clip', className)}>
      {title !== undefined && (
        <header className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 border-b px-4 py-2">
          <div className="min-w-0 grow">
            <h2 className="font-semibold">{title}</h2>
            {description !== undefined && <div className="text-sm text-soft">{description}</div>}
          </div>
          {actions}
        </header>
      )}
      <div className={isPadded ? 'p-4' : undefined}>{children}</div>
    </section>
  )
}

interface EmptyProps {
  readonly icon?: ReactNode
  /** A verb first: “Add a server”. */
  readonly title: string
  readonly children?: ReactNode
  readonly action?: ReactNode
}

/** Nothing here yet: what this place is for, and the way to fill it. */
export function Empty({ icon, title, children, action }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-3 px-6 py-14 text-center">
      {icon !== undefined && <div className="text-faint [&_svg]:size-7 [&_svg]:stroke-[1.5]">{icon}</div>}
      <div className="max-w-md">
        <p className="font-semibold">{title}</p>
        {children !== undefined && <div className="mt-1 text-soft">{children}</div>}
      </div>
      {action}
    </div>
  )
}

/** Holds the place of something that is loading; give it the size of what will come. */
export function Skeleton({ className }: { readonly className?: string }) {
  return <div aria-hidden className={cn('animate-pulse-soft rounded-sm bg-hover', className)} />
}

/** Rows of the same height as those that will come. */
export function SkeletonRows({ rows = 6, className }: { readonly rows?: number; readonly className?: string }) {
  return (
    <div role="status" aria-label="Loading" className={className}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="flex h-10 items-center gap-4 border-b px-4 last:border-b-0">
          <Skeleton className="h-3.5 w-1/4" />
          <Skeleton className="h-3.5 w-1/3" />
          <Skeleton className="ml-auto h-3.5 w-16" />
        </div>
      ))}
    </div>
  )
}

/** Names and values, one pair a line. */
export function Facts({
  facts,
  className,
}: {
  readonly facts: readonly (readonly [label: ReactNode, value: ReactNode])[]
  readonly className?: string
}) {
  return (
    <dl className={cn('grid grid-cols-[minmax(6.5rem,max-content)_1fr] gap-x-5 gap-y-2 text-sm', className)}>
      {facts.map(([label, value], index) => (
        <div key={index} className="contents">
          <dt className="text-faint">{label}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

export function Kbd({ children }: { readonly children: ReactNode }) {
  return (
    <kbd className="inline-flex h-5 min-w-5 items-center justify-center rounded-sm border bg-sunken px-1 font-mono text-xs text-soft">
      {children}
    </kbd>
  )
}
