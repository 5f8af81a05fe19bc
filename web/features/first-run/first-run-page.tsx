import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useRef, useSyncExternalStore, type ReactNode } from 'react'
import { Connection } from '@/components/shell/connection.tsx'
import { Wordmark } from '@/components/shell/mark.tsx'
import { buttonClass } from '@/components/ui/button.tsx'
import { Skeleton } from '@/components/ui/layout.tsx'
import { ProblemView } from '@/components/ui/problem.tsx'
import { session } from '@/lib/session.ts'
import { useTitle } from '@/lib/use-title.ts'
import { StepConnect } from './step-connect.tsx'
import { StepFlight } from './step-flight.tsx'
import { StepHave } from './step-have.tsx'
import { Stepper } from './stepper.tsx'
import { useChosenEndpoint } from './use-chosen-endpoint.ts'

const TITLES = { 1: 'What you have', 2: 'Connect a client', 3: 'The first call' } as const
const LEADS = {
  1: 'Tools come from servers; a profile puts some of them behind one address.',
  2: 'Give this address to the AI application you work with, or try a tool right here.',
  3: 'Every call leaves a record: who asked, which rule decided, where the time went.',
} as const

/** From an empty console to the first call that worked, in three steps. Each has its address; all can be skipped. */
export function FirstRunPage() {
  useSignOutWithSession()
  const { step = 1, endpoint, call } = useSearch({ from: '/app/first-run' })
  useTitle(`${TITLES[step]} · First run`)
  const chosen = useChosenEndpoint(endpoint)
  return (
    <Frame step={step}>
      <div className="mb-6">
        <StepTitle step={step} />
        <p className="mt-1 text-soft">{LEADS[step]}</p>
      </div>
      {chosen.error !== null ? (
        <ProblemView error={chosen.error} onRetry={chosen.retry} />
      ) : chosen.endpoint === null ? (
        <Skeleton className="h-96" />
      ) : step === 1 ? (
        <StepHave endpoint={chosen.endpoint} />
      ) : step === 2 ? (
        <StepConnect endpoint={chosen.endpoint} />
      ) : (
        <StepFlight endpoint={chosen.endpoint} call={call ?? null} />
      )}
    </Frame>
  )
}

/** Takes the focus when the step changes, so that it is read out and the keyboard goes on from there. */
function StepTitle({ step }: { readonly step: 1 | 2 | 3 }) {
  const heading = useRef<HTMLHeadingElement>(null)
  const shown = useRef(step)
  useEffect(() => {
    if (shown.current !== step) heading.current?.focus()
    shown.current = step
  }, [step])
  return (
    <h1 ref={heading} tabIndex={-1} className="text-2xl font-semibold tracking-tight outline-none">
      {TITLES[step]}
    </h1>
  )
}

function Frame({ step, children }: { readonly step: 1 | 2 | 3; readonly children: ReactNode }) {
  return (
    <div className="min-h-dvh">
      <header className="border-b bg-surface">
        <div className="mx-auto flex h-14 max-w-6xl items-center justify-between gap-4 px-4 sm:px-8">
          <Link to="/app" aria-label="Sallyport, overview" className="flex">
            <Wordmark />
          </Link>
          <Link to="/app" className={buttonClass({ variant: 'ghost' })}>
            {step === 3 ? 'Finish setup' : 'Skip setup'}
          </Link>
        </div>
      </header>
      <Connection />
      <main className="mx-auto flex max-w-6xl flex-col px-4 pt-6 pb-20 sm:px-8 sm:pt-8">
        <Stepper step={step} titles={TITLES} />
        {children}
      </main>
    </div>
  )
}

function useSignOutWithSession(): void {
  const navigate = useNavigate()
  const isSignedIn = useSyncExternalStore(session.subscribe, () => session.proof() !== null)
  useEffect(() => {
    if (!isSignedIn) void navigate({ to: '/app/sign-in', search: { next: '/app/first-run', reason: 'ended' }, replace: true })
  }, [isSignedIn, navigate])
}
