import { cn } from '@/lib/cn.ts'

/** Our mark: a gate in a wall, one of its two leaves open. */
export function Mark({ className }: { readonly className?: string }) {
  return (
    <svg viewBox="0 0 36 36" fill="none" aria-hidden className={cn('size-6 text-accent', className)}>
      <path d="M6 31V15a12 12 0 0 1 24 0v16" stroke="currentColor" strokeWidth="2.6" strokeLinecap="round" />
      <path d="M2.5 31h31" stroke="currentColor" strokeWidth="2.6" strokeLinecap="round" />
      <path d="M18 31V9.5l-7 3.2a1.6 1.6 0 0 0-1 1.5V31z" fill="currentColor" />
    </svg>
  )
}

export function Wordmark({ className }: { readonly className?: string }) {
  return (
    <span className={cn('inline-flex items-center gap-2 text-lg font-semibold tracking-tight', className)}>
      <Mark /> Sallyport
    </span>
  )
}
