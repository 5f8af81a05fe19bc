import { LoaderCircle } from 'lucide-react'
import { cn } from '@/lib/cn.ts'

/** Appears only after 300 ms: shorter waits need no sign. */
export function Spinner({ className }: { readonly className?: string }) {
  return <LoaderCircle aria-hidden className={cn('size-4 animate-[spin_1s_linear_infinite,appear_120ms_300ms_backwards]', className)} />
}
