import { Globe, SquareTerminal } from 'lucide-react'
import { inertLine } from '@/lib/inert.ts'
import { type Spec, whatRuns } from './deployment-model.ts'

/** The command line or address on one line, with a sign for its kind. */
export function WhatRuns({ spec }: { readonly spec: Spec }) {
  const Icon = spec.kind === 'process' ? SquareTerminal : Globe
  const line = inertLine(whatRuns(spec), 400)
  return (
    <span className="flex min-w-0 items-center gap-1.5 text-soft" title={line}>
      <Icon
        role="img"
        aria-label={spec.kind === 'process' ? 'Process' : spec.kind === 'remote' ? 'Remote' : 'API'}
        className="size-3.5 shrink-0 text-faint"
      />
      <code className="truncate font-mono text-xs">{line}</code>
    </span>
  )
}
