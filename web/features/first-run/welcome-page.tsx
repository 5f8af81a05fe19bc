import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { Button, buttonClass } from '@/components/ui/button.tsx'
import { CodeBlock } from '@/components/ui/copy.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { Entrance } from '@/features/sign-in/entrance.tsx'
import { api } from '@/lib/api.ts'
import { asProblem, ProblemError } from '@/lib/problem.ts'
import { queries } from '@/lib/queries.ts'
import { session } from '@/lib/session.ts'
import { useTitle } from '@/lib/use-title.ts'
import { OwnerKey } from './owner-key.tsx'

/** What the server found out about the link while it sent this page. */
const isKnownBroken = (): boolean => document.querySelector<HTMLMetaElement>('meta[name="sallyport-link"]')?.content === 'broken'

/** Behind the one-time link: makes the owner, shows the key once, and goes on to the first run. */
export function WelcomePage() {
  useTitle('Welcome')
  const token = useTokenOnce()
  const redeem = useMutation({
    mutationFn: (text: string) => api('createSession', { body: { token: text } }, { keepsSession: true }),
    onSuccess: ({ proof }) => {
      queries.clear()
      session.begin(proof)
    },
  })
  const ownerKey = redeem.data?.ownerKey ?? null
  if (ownerKey !== null) return <OwnerKey value={ownerKey} />
  if (token === undefined && !isKnownBroken()) return <NoToken />
  if (token === undefined || isKnownBroken() || isRefused(redeem.error)) return <BrokenLink />
  return (
    <Entrance title="Welcome to Sallyport" description="This link makes you an owner of this server. It works once.">
      <ol className="flex list-decimal flex-col gap-1.5 pl-5 text-soft">
        <li>You get an owner key, which is shown a single time.</li>
        <li>You see what runs here already, or add a server of your own.</li>
        <li>You connect a client and watch its first call.</li>
      </ol>
      {redeem.error !== null && <ProblemNote problem={asProblem(redeem.error)} />}
      <Button variant="primary" size="lg" isBusy={redeem.isPending} onClick={() => redeem.mutate(token)}>
        Create the owner
      </Button>
    </Entrance>
  )
}

/** The token of the address, which it leaves at once: addresses end up in histories and on shared screens. */
function useTokenOnce(): string | undefined {
  const search = useSearch({ from: '/welcome' })
  const navigate = useNavigate()
  const [token] = useState(search.token === '' ? undefined : search.token)
  useEffect(() => {
    if (search.token !== undefined) void navigate({ to: '/welcome', search: {}, replace: true })
  }, [search.token, navigate])
  return token
}

const isRefused = (error: unknown): boolean => error instanceof ProblemError && error.problem.status === 401

function BrokenLink() {
  return (
    <Entrance title="This link no longer works" description="It was used, it is older than 30 minutes, or a newer one has taken its place.">
      <Remake />
    </Entrance>
  )
}

function NoToken() {
  return (
    <Entrance
      title="Open the link again"
      description="The one-time token is taken out of the address as soon as this page opens, and this page was loaded without it. The link is good until it is used or 30 minutes old."
    >
      <Remake />
    </Entrance>
  )
}

function Remake() {
  return (
    <>
      <div>
        <p className="mb-2.5 text-soft">A fresh one is made on the machine of the server:</p>
        <CodeBlock text="sallyport owner link" label="Command that makes an owner link" />
      </div>
      <p className="text-soft">Somebody who has a key signs in with it.</p>
      <Link to="/app" className={buttonClass({ size: 'lg' })}>
        {session.proof() === null ? 'Sign in with a key' : 'Go to Overview'}
      </Link>
    </>
  )
}
