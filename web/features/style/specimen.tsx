import type { ReactNode } from 'react'
import { cn } from '@/lib/cn.ts'

interface ChapterProps {
  readonly id: string
  readonly title: string
  /** When to use what is shown. */
  readonly rule?: ReactNode
  readonly children: ReactNode
}

/** A part of the house style with its own address. */
export function Chapter({ id, title, rule, children }: ChapterProps) {
  return (
    <section id={id} aria-labelledby={`${id}-title`} className="flex scroll-mt-16 flex-col gap-4 border-t pt-6 lg:scroll-mt-6">
      <div>
        <h2 id={`${id}-title`} className="text-lg font-semibold">
          <a href={`#${id}`} className="hover:underline">
            {title}
          </a>
        </h2>
        {rule !== undefined && <p className="max-w-prose text-soft">{rule}</p>}
      </div>
      {children}
    </section>
  )
}

/** One thing with its name. */
export function Specimen({
  name,
  className,
  children,
}: {
  readonly name: string
  readonly className?: string
  readonly children: ReactNode
}) {
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <h3 className="text-xs font-medium text-faint">{name}</h3>
      <div className={cn('min-w-0', className)}>{children}</div>
    </div>
  )
}

export const rowClass = 'flex flex-wrap items-center gap-3'

/** The same in both themes, whichever the page has. */
export function BothThemes({ children }: { readonly children: ReactNode }) {
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      {['light', 'dark'].map((theme) => (
        <div key={theme} className={cn(theme, 'min-w-0 rounded-lg border bg-ground p-4 text-text')}>
          <p className="mb-3 text-xs text-faint">{theme === 'light' ? 'Light' : 'Dark'}</p>
          {children}
        </div>
      ))}
    </div>
  )
}
