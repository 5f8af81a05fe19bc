import { Link } from '@tanstack/react-router'
import { Activity, FunnelX } from 'lucide-react'
import { Button, buttonClass } from '@/components/ui/button.tsx'
import { Empty } from '@/components/ui/layout.tsx'

export function NoActivity() {
  return (
    <Empty
      icon={<Activity />}
      title="Make the first call"
      action={
        <div className="flex flex-wrap justify-center gap-2">
          <Link to="/app/playground" className={buttonClass()}>
            Open the Playground
          </Link>
          <Link to="/app/first-run" className={buttonClass({ variant: 'primary' })}>
            Connect a client
          </Link>
        </div>
      }
    >
      Every call and every change stands here the moment it happens: who asked, which rule decided, how long it took.
    </Empty>
  )
}

export function NothingMatches({ onClear }: { readonly onClear: () => void }) {
  return (
    <Empty
      icon={<FunnelX />}
      title="Nothing matches these filters"
      action={
        <Button variant="primary" onClick={onClear}>
          Clear filters
        </Button>
      }
    >
      Names are compared whole and letter by letter. A wider time or one filter less may find it.
    </Empty>
  )
}
