import { cva, type VariantProps } from 'class-variance-authority'
import type { ReactNode } from 'react'
import { cn } from '@/lib/cn.ts'

const badgeClass = cva(
  'inline-flex h-5 max-w-full items-center gap-1 rounded-sm px-1.5 text-xs font-medium whitespace-nowrap [&_svg]:size-3',
  {
    variants: {
      tone: {
        neutral: 'bg-hover text-soft',
        accent: 'bg-accent-soft text-accent-text',
        ok: 'bg-ok-soft text-ok',
        warn: 'bg-warn-soft text-warn',
        bad: 'bg-bad-soft text-bad',
      },
    },
    defaultVariants: { tone: 'neutral' },
  },
)

export type Tone = NonNullable<VariantProps<typeof badgeClass>['tone']>

interface BadgeProps {
  readonly tone?: Tone
  /** A state is never told by colour alone: give an icon with the word. */
  readonly icon?: ReactNode
  readonly className?: string
  readonly title?: string
  readonly children: ReactNode
}

export function Badge({ tone, icon, className, title, children }: BadgeProps) {
  return (
    <span className={cn(badgeClass({ tone }), className)} title={title}>
      {icon}
      <span className="truncate">{children}</span>
    </span>
  )
}
