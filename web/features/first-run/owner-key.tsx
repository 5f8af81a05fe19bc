import { Link } from '@tanstack/react-router'
import { KeyRound } from 'lucide-react'
import { buttonClass } from '@/components/ui/button.tsx'
import { CopyButton } from '@/components/ui/copy.tsx'
import { Entrance } from '@/features/sign-in/entrance.tsx'

/** The owner key, this once. Nobody is held up: the command line makes another. */
export function OwnerKey({ value }: { readonly value: string }) {
  return (
    <Entrance title="You are the owner" description="You are signed in here. For everywhere else there is this key, shown this once.">
      <div className="flex flex-col gap-3 rounded-lg border bg-surface p-4">
        <p className="flex items-center gap-2 font-semibold">
          <KeyRound aria-hidden className="size-4 text-accent" /> Your owner key
        </p>
        <code data-secret className="rounded-md border bg-sunken px-3 py-2.5 font-mono text-xs leading-5 break-all select-all">
          {value}
        </code>
        <CopyButton text={value} label="Copy the owner key" className="self-start">
          Copy key
        </CopyButton>
      </div>
      <p className="text-soft">
        Keep it where you keep passwords. If it is lost,{' '}
        <code className="rounded-sm bg-hover px-1 py-0.5 font-mono text-xs whitespace-nowrap">sallyport owner link</code> on the machine of
        the server makes a new one.
      </p>
      <Link to="/app/first-run" replace className={buttonClass({ variant: 'primary', size: 'lg' })}>
        Continue
      </Link>
    </Entrance>
  )
}
