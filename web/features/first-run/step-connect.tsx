import { Link } from '@tanstack/react-router'
import { ArrowRight } from 'lucide-react'
import { buttonClass } from '@/components/ui/button.tsx'
import { Section } from '@/components/ui/layout.tsx'
import { ConnectPanel } from '@/features/connect/connect-panel.tsx'
import { CallSignal } from './call-signal.tsx'
import { Trial } from './trial.tsx'
import type { ChosenEndpoint } from './use-chosen-endpoint.ts'
import { useFirstCall } from './use-first-call.ts'

/** A client of one's own, or a tool right here; either way the first call ends this step. */
export function StepConnect({ endpoint }: { readonly endpoint: ChosenEndpoint }) {
  const first = useFirstCall(endpoint.name)
  const search = { step: 3 as const, ...(endpoint.name === null ? {} : { endpoint: endpoint.name }) }
  return (
    <div className="flex flex-col gap-6">
      <CallSignal first={first}>
        {first.call !== null && (
          <Link to="/app/first-run" search={{ ...search, call: first.call.id }} className={buttonClass({ variant: 'primary' })}>
            See its flight <ArrowRight />
          </Link>
        )}
      </CallSignal>
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <Section title="Connect your client" className="max-lg:order-2">
          <ConnectPanel endpoint={endpoint} />
        </Section>
        <Section title="Try it here" description="The same door, without a client.">
          <Trial endpoint={endpoint} />
        </Section>
      </div>
    </div>
  )
}
