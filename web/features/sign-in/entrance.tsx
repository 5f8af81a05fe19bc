import type { ReactNode } from 'react'
import { Wordmark } from '@/components/shell/mark.tsx'
import { cn } from '@/lib/cn.ts'

interface EntranceProps {
  readonly title: string
  readonly description?: ReactNode
  readonly isWide?: boolean
  readonly children: ReactNode
}

/** The frame of the pages before the console: our mark, one heading, one thing to do. */
export function Entrance({ title, description, isWide = false, children }: EntranceProps) {
  return (
    <div className="flex min-h-dvh flex-col items-center px-4 pt-[10vh] pb-16">
      <main className={cn('flex w-full flex-col gap-6', isWide ? 'max-w-3xl' : 'max-w-md')}>
        <Wordmark />
        <header>
          <h1 className="text-2xl font-semibold tracking-tight text-balance">{title}</h1>
          {description !== undefined && <div className="mt-1.5 text-soft">{description}</div>}
        </header>
        {children}
      </main>
    </div>
  )
}
