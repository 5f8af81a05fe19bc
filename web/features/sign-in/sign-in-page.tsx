import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { useSyncExternalStore } from 'react'
import { CodeBlock } from '@/components/ui/copy.tsx'
import { useApi } from '@/lib/queries.ts'
import { session } from '@/lib/session.ts'
import { useTitle } from '@/lib/use-title.ts'
import { Entrance } from './entrance.tsx'
import { safeNext } from './safe-next.ts'
import { SignInForm } from './sign-in-form.tsx'
import { SignedIn } from './signed-in.tsx'

const REASONS: Readonly<Record<string, { readonly title: string; readonly text: string }>> = {
  ended: {
    title: 'Your session has ended',
    text: 'It was revoked, it expired, or you signed out elsewhere. Sign in and you are back where you were.',
  },
  'signed-out': { title: 'You are signed out', text: 'The session is over, here and on the server.' },
}
const SIGN_IN = { title: 'Sign in', text: 'Paste an API key or your owner key.' }

/** The way in: a key is exchanged for a session. Who is in already is told so. */
export function SignInPage() {
  useTitle('Sign in')
  const { next, reason } = useSearch({ from: '/app/sign-in' })
  const navigate = useNavigate()
  const { history } = useRouter()
  const isSignedIn = useSyncExternalStore(session.subscribe, () => session.proof() !== null)
  const who = useApi('whoami', {}, { enabled: isSignedIn })
  const goOn = (): void => history.replace(safeNext(next, window.location.origin))
  if (isSignedIn && who.data !== undefined) return <SignedIn who={who.data} onContinue={goOn} />
  const { title, text } = (reason === undefined ? undefined : REASONS[reason]) ?? SIGN_IN
  return (
    <Entrance title={title} description={text}>
      <SignInForm
        onSignedIn={({ scopes }) => {
          if (scopes.includes('admin')) goOn()
          else void navigate({ to: '/app/sign-in', search: { next }, replace: true })
        }}
      />
      <section className="border-t pt-5">
        <h2 className="font-semibold">No key?</h2>
        <p className="mt-0.5 mb-2.5 text-soft">On the machine of the server, make a one-time link that lets you in as an owner:</p>
        <CodeBlock text="sallyport owner link" label="Command that makes an owner link" />
      </section>
    </Entrance>
  )
}
