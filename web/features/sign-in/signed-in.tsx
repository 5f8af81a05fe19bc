import { Link } from '@tanstack/react-router'
import { Check, Minus } from 'lucide-react'
import { Button, buttonClass } from '@/components/ui/button.tsx'
import { Section } from '@/components/ui/layout.tsx'
import { ConnectPanel } from '@/features/connect/connect-panel.tsx'
import type { ResponseOf } from '@/lib/api.ts'
import { inertLine } from '@/lib/inert.ts'
import { Entrance } from './entrance.tsx'

interface SignedInProps {
  readonly who: ResponseOf<'whoami'>
  readonly onContinue: () => void
}

/** Who is signed in, and what a key that is no admin's can do here. */
export function SignedIn({ who, onContinue }: SignedInProps) {
  const isAdmin = who.scopes.includes('admin')
  const name = inertLine(who.name, 80)
  if (isAdmin) {
    return (
      <Entrance title="You are signed in" description={`As ${name}.`}>
        <Button variant="primary" size="lg" onClick={onContinue}>
          Continue
        </Button>
      </Entrance>
    )
  }
  const mayCall = who.scopes.includes('mcp:call')
  return (
    <Entrance
      isWide
      title="You are signed in with a key for tools"
      description={`“${name}” works for clients; most pages of this console are for admins.`}
    >
      <ul className="grid gap-x-6 gap-y-2 sm:grid-cols-2">
        <Ability isGiven={who.scopes.includes('mcp:list')}>See the tools it was granted</Ability>
        <Ability isGiven={mayCall}>Call tools in the Playground</Ability>
        <Ability isGiven>Connect a client with it</Ability>
        <Ability isGiven={false}>Servers, profiles, activity, keys and settings: ask an admin for a key with the scope admin</Ability>
      </ul>
      <div className="flex flex-wrap gap-2">
        <Link to="/app/playground" className={buttonClass({ variant: 'primary', size: 'lg' })}>
          Open the Playground
        </Link>
        <Button size="lg" onClick={onContinue}>
          Continue to the console
        </Button>
      </div>
      <Section title="Connect a client" description="Everything this key may use, behind one address.">
        <ConnectPanel endpoint={{ name: null, url: `${window.location.origin}/mcp`, title: 'Everything' }} />
      </Section>
    </Entrance>
  )
}

function Ability({ isGiven, children }: { readonly isGiven: boolean; readonly children: React.ReactNode }) {
  const Icon = isGiven ? Check : Minus
  return (
    <li className="flex items-start gap-2">
      <Icon aria-hidden className={isGiven ? 'mt-0.5 size-4 shrink-0 text-ok' : 'mt-0.5 size-4 shrink-0 text-faint'} />
      <span className={isGiven ? undefined : 'text-soft'}>
        <span className="sr-only">{isGiven ? 'Can: ' : 'Cannot: '}</span>
        {children}
      </span>
    </li>
  )
}
