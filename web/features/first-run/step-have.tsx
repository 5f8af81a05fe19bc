import { Link } from '@tanstack/react-router'
import { ArrowRight, TriangleAlert } from 'lucide-react'
import { Badge } from '@/components/ui/badge.tsx'
import { buttonClass } from '@/components/ui/button.tsx'
import { Section, Skeleton } from '@/components/ui/layout.tsx'
import { ProblemNote, Remedy } from '@/components/ui/problem.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { type EndpointView, useEndpointView } from '@/features/connect/endpoint-view.ts'
import { inertLine } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'
import { AddServer } from './add-server.tsx'
import type { ChosenEndpoint } from './use-chosen-endpoint.ts'

const SHOWN_MAX = 8

/** What is there already, read from the servers themselves, and the way to add one's own. */
export function StepHave({ endpoint }: { readonly endpoint: ChosenEndpoint }) {
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <Section
        title={inertLine(endpoint.title, 80)}
        description={
          endpoint.isStarter ? 'Two small servers that come with the program and need no key.' : 'What its servers offer right now.'
        }
        isPadded={false}
      >
        <Offer name={endpoint.name} />
        <div className="flex justify-end border-t px-4 py-3">
          <Link
            to="/app/first-run"
            search={{ step: 2, ...(endpoint.name === null ? {} : { endpoint: endpoint.name }) }}
            className={buttonClass({ variant: 'primary', size: 'lg' })}
          >
            Connect a client <ArrowRight />
          </Link>
        </div>
      </Section>
      <Section title="Add a server of your own" description="Or later, from Deployments.">
        <AddServer />
      </Section>
    </div>
  )
}

function Offer({ name }: { readonly name: string | null }) {
  const { data, error } = useEndpointView(name)
  if (name === null) {
    return <p className="px-4 py-10 text-center text-soft">No profile and no server is here yet. Add a server to have something to call.</p>
  }
  if (error !== null) return <ProblemNote problem={asProblem(error)} className="m-4" />
  if (data === undefined) return <Skeleton className="m-4 h-48" />
  return (
    <>
      <Troubles view={data} />
      {data.tools.length === 0 && data.unavailable.length === 0 && (
        <p className="px-4 py-10 text-center text-soft">It offers no tools yet. A server that starts may need a moment.</p>
      )}
      <ul className="divide-y" aria-label="Tools">
        {data.tools.slice(0, SHOWN_MAX).map((tool) => (
          <li key={tool.name} className="flex flex-col gap-0.5 px-4 py-2.5 sm:flex-row sm:gap-4">
            <code className="shrink-0 font-mono text-xs leading-5 break-all sm:w-44">{inertLine(tool.name, 130)}</code>
            <span className="min-w-0 grow text-sm text-soft">{inertLine(tool.description ?? tool.title ?? '', 140)}</span>
            {tool.annotations?.readOnlyHint === true && <Badge className="self-start">Read-only</Badge>}
          </li>
        ))}
      </ul>
      {data.tools.length > SHOWN_MAX && <p className="border-t px-4 py-2 text-sm text-faint">and {data.tools.length - SHOWN_MAX} more</p>}
    </>
  )
}

function Troubles({ view }: { readonly view: EndpointView }) {
  return view.unavailable.map(({ server, cause, remedy }) => (
    <div key={server} className="flex gap-2.5 border-b bg-warn-soft px-4 py-2.5 text-sm">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
      <div className="min-w-0">
        <p className="break-words">
          <strong className="font-semibold">{inertLine(server, 80)}</strong> <Untrusted text={cause} lengthMax={300} />
        </p>
        <Remedy text={remedy} />
      </div>
    </div>
  ))
}
