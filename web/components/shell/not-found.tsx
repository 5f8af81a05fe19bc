import { Link, useRouter } from '@tanstack/react-router'
import { DoorClosed } from 'lucide-react'
import { buttonClass } from '@/components/ui/button.tsx'
import { Empty } from '@/components/ui/layout.tsx'
import { ProblemView } from '@/components/ui/problem.tsx'

export function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center">
      <h1 className="sr-only">Page not found</h1>
      <Empty
        icon={<DoorClosed />}
        title="There is no page at this address"
        action={
          <Link to="/app" className={buttonClass({ variant: 'primary' })}>
            Go to Overview
          </Link>
        }
      >
        It may have been removed, or the link was cut off.
      </Empty>
    </main>
  )
}

/** A page that threw. The rest of the console goes on. */
export function PageFailed({ error }: { readonly error: unknown }) {
  const router = useRouter()
  return (
    <div className="px-4 py-16">
      <ProblemView error={error} onRetry={() => void router.invalidate()} />
    </div>
  )
}
