import { useQueryClient } from '@tanstack/react-query'
import { CloudOff } from 'lucide-react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { silence } from '@/lib/silence.ts'

const CHECK_MS = 2_000

function subscribeOnline(changed: () => void): () => void {
  window.addEventListener('online', changed)
  window.addEventListener('offline', changed)
  return () => {
    window.removeEventListener('online', changed)
    window.removeEventListener('offline', changed)
  }
}

/** A line above the page while the server cannot be reached; what is shown below is then old. Goes on by itself. */
export function Connection() {
  const isOnline = useSyncExternalStore(subscribeOnline, () => navigator.onLine)
  const isSilent = useIsSilent()
  if (isOnline && !isSilent) return null
  return (
    <div
      role="status"
      className="sticky top-12 z-20 flex items-center gap-2 border-b border-warn/30 bg-warn-soft px-4 py-2 text-sm lg:top-0 lg:px-8"
    >
      <CloudOff aria-hidden className="size-4 shrink-0 text-warn" />
      <p>
        <strong className="font-semibold">{isOnline ? 'The server does not answer.' : 'You are offline.'}</strong> What you see may be old;
        this page goes on by itself.
      </p>
    </div>
  )
}

/** Whether the last request found nobody; asks until somebody answers, then everything anew. */
function useIsSilent(): boolean {
  const queries = useQueryClient()
  const [isSilent, setIsSilent] = useState(false)
  useEffect(() => silence.subscribe(() => setIsSilent(true)), [])
  useEffect(() => {
    if (!isSilent) return undefined
    const timer = window.setInterval(() => {
      void fetch('/healthz', { cache: 'no-store' }).then(
        ({ ok }) => {
          if (!ok) return
          setIsSilent(false)
          void queries.invalidateQueries()
        },
        () => {},
      )
    }, CHECK_MS)
    return () => window.clearInterval(timer)
  }, [isSilent, queries])
  return isSilent
}
