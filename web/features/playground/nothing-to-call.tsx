import { Link } from '@tanstack/react-router'
import { Layers, TriangleAlert, Unplug, Wrench } from 'lucide-react'
import { Button, buttonClass } from '@/components/ui/button.tsx'
import { Empty, Section } from '@/components/ui/layout.tsx'
import { Remedy } from '@/components/ui/problem.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { inertLine } from '@/lib/inert.ts'
import type { ServerTrouble } from '@/lib/mcp-answer.ts'

/** Nothing was added yet, or nothing is granted to this person. */
export function NoEndpoints() {
  return (
    <Section>
      <Empty
        icon={<Unplug />}
        title="Add a server"
        action={
          <Link to="/app/deployments" className={buttonClass({ variant: 'primary' })}>
            Go to Deployments
          </Link>
        }
      >
        Tools come from deployments. There is none that you may use yet.
      </Empty>
    </Section>
  )
}

export function UnknownEndpoint({ name }: { readonly name: string }) {
  return (
    <Section>
      <Empty
        icon={<Layers />}
        title="Choose another endpoint"
        action={
          <Link to="/app/playground" className={buttonClass()}>
            Go to the first profile
          </Link>
        }
      >
        There is no profile and no deployment named “{inertLine(name, 60)}” that you may use. It may have been removed.
      </Empty>
    </Section>
  )
}

interface NoToolsProps {
  readonly trouble: readonly ServerTrouble[]
  readonly onRetry: () => void
}

/** An endpoint without tools, and why. */
export function NoTools({ trouble, onRetry }: NoToolsProps) {
  return (
    <Section>
      <Empty
        icon={<Wrench />}
        title={trouble.length === 0 ? 'Add tools to this endpoint' : 'No server of this endpoint answers'}
        action={<Button onClick={onRetry}>Try again</Button>}
      >
        {trouble.length === 0
          ? 'Its servers offer no tools, or its rules leave all of them out.'
          : 'Its tools appear here as soon as one does.'}
      </Empty>
      <Troubles trouble={trouble} />
    </Section>
  )
}

/** Servers whose tools are missing or old: which, why, and what mends it. */
export function Troubles({ trouble }: { readonly trouble: readonly ServerTrouble[] }) {
  if (trouble.length === 0) return null
  return (
    <ul aria-label="Servers in trouble" className="flex flex-col gap-2">
      {trouble.map(({ server, state, cause, remedy }) => (
        <li key={server} className="flex gap-2 rounded-md border border-warn/30 bg-warn-soft px-3 py-2 text-sm">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
          <div className="min-w-0">
            <p className="font-medium break-words">
              {inertLine(server, 60)}: {state === 'stale' ? 'an old list of tools' : 'its tools are missing'}
            </p>
            <p className="text-soft">
              <Untrusted text={cause} lengthMax={300} />
            </p>
            {remedy !== undefined && remedy !== '' && <Remedy text={remedy} className="text-soft" />}
          </div>
        </li>
      ))}
    </ul>
  )
}

export function NoTool({ name }: { readonly name: string | undefined }) {
  return (
    <Section>
      <Empty icon={<Wrench />} title={name === undefined ? 'Choose a tool' : 'Choose another tool'}>
        {name === undefined
          ? 'Its arguments become a form; nothing runs before you say so.'
          : `This endpoint has no tool named “${inertLine(name, 80)}”. It may have been renamed, left out by a rule, or its server is down.`}
      </Empty>
    </Section>
  )
}
