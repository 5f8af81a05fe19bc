import { useNow } from '@/lib/use-now.ts'
import { ago, dateTime } from '@/lib/format.ts'

/** How long ago; the date on hover. Null: the fallback. */
export function TimeAgo({ at, fallback = 'never' }: { readonly at: string | null; readonly fallback?: string }) {
  const nowMs = useNow(10_000)
  if (at === null) return <span className="text-faint">{fallback}</span>
  return (
    <time dateTime={at} title={dateTime(at)} className="whitespace-nowrap">
      {ago(at, nowMs)}
    </time>
  )
}
