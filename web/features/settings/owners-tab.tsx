import { Link } from '@tanstack/react-router'
import { Link2, UserPlus } from 'lucide-react'
import { Button } from '@/components/ui/button.tsx'
import { CodeBlock } from '@/components/ui/copy.tsx'
import { Section, Skeleton } from '@/components/ui/layout.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { TimeAgo } from '@/components/ui/time.tsx'
import { asProblem } from '@/lib/problem.ts'
import { useAct, useApi } from '@/lib/queries.ts'

/** Makes further owners: a link that gives out an owner key, once. */
export function OwnersTab() {
  const { data: who, isPending } = useApi('whoami', {}, { staleTime: 60_000 })
  return (
    <div className="flex max-w-3xl flex-col gap-6">
      <Section title="Add an owner" description="An owner may do everything, and may make further owners.">
        {isPending ? <Skeleton className="h-8 w-48" /> : who?.kind === 'owner' ? <OwnerLink /> : <NotAnOwner />}
      </Section>
      <p className="text-sm text-soft">
        The keys of owners stand among the others:{' '}
        <Link to="/app/keys" search={{ q: 'owner' }} className="text-accent-text underline underline-offset-2">
          Show owner keys
        </Link>
      </p>
    </div>
  )
}

function OwnerLink() {
  const { mutate, data, error, isPending } = useAct('createOwnerLink')
  return (
    <div className="flex flex-col gap-4 text-sm">
      <p className="text-soft">
        Whoever opens the link first gets an owner key. It works once and not for long, and a new link ends every older one. Send it over a
        channel you trust.
      </p>
      {data !== undefined && (
        <div role="status" className="flex flex-col gap-1.5">
          <CodeBlock text={data.url} label="One-time owner link" />
          <p className="text-soft">
            Shown this once. It ends <TimeAgo at={data.expiresAt} />.
          </p>
        </div>
      )}
      {error !== null && <ProblemNote problem={asProblem(error)} />}
      <div>
        <Button isBusy={isPending} onClick={() => mutate({})}>
          {!isPending && (data === undefined ? <UserPlus /> : <Link2 />)} {data === undefined ? 'Create owner link' : 'Create another link'}
        </Button>
      </div>
    </div>
  )
}

function NotAnOwner() {
  return (
    <div className="flex flex-col gap-3 text-sm">
      <p className="text-soft">
        Only an owner can create the link, and you are signed in with a key. On the machine of the server this prints one:
      </p>
      <CodeBlock text="sallyport owner link" label="Command for an owner link" />
    </div>
  )
}
