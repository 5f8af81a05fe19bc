import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import { useState } from 'react'
import { Button, buttonClass } from '@/components/ui/button.tsx'
import { Skeleton } from '@/components/ui/layout.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { Select } from '@/components/ui/select.tsx'
import { Untrusted } from '@/components/ui/untrusted.tsx'
import { useEndpointView } from '@/features/connect/endpoint-view.ts'
import { inertLine } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'
import { callTool, trialTextKey } from './call-tool.ts'
import { harmlessTools } from './harmless-tools.ts'
import type { ChosenEndpoint } from './use-chosen-endpoint.ts'

/** Calls a harmless tool from this page, through the same door as a client. */
export function Trial({ endpoint }: { readonly endpoint: ChosenEndpoint }) {
  const [chosen, setChosen] = useState('')
  const { data, error } = useEndpointView(endpoint.name)
  const call = useTrialCall(endpoint.name)
  if (error !== null) return <ProblemNote problem={asProblem(error)} />
  if (endpoint.name !== null && data === undefined) return <Skeleton className="h-36" />
  const tools = harmlessTools(data?.tools ?? [])
  const tool = tools.find(({ name }) => name === chosen) ?? tools[0]
  if (tool === undefined) return <NoTrial endpoint={endpoint.name} hasTools={(data?.tools.length ?? 0) > 0} />
  return (
    <div className="flex flex-col items-start gap-3 text-sm">
      {tools.length === 1 ? (
        <code className="font-mono text-sm font-medium break-all">{inertLine(tool.name, 130)}</code>
      ) : (
        <Select
          aria-label="Tool to call"
          value={tool.name}
          onChange={setChosen}
          options={tools.map(({ name }) => ({ value: name, label: inertLine(name, 130) }))}
          className="font-mono text-xs"
        />
      )}
      <p className="text-soft">
        <Untrusted text={tool.description ?? ''} lengthMax={200} />
      </p>
      {call.error !== null && <ProblemNote problem={asProblem(call.error)} className="self-stretch" />}
      <Button variant="primary" size="lg" isBusy={call.isPending} onClick={() => call.mutate(tool.name)}>
        <Play /> Call this tool
      </Button>
      <p className="text-faint">It only reads, and needs no arguments.</p>
    </div>
  )
}

function useTrialCall(endpoint: string | null) {
  const queries = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: (tool: string) => callTool(endpoint ?? '', tool),
    onSuccess: ({ id, text }) => {
      queries.setQueryData(trialTextKey(id), text)
      void navigate({ to: '/app/first-run', search: { step: 3, endpoint: endpoint ?? undefined, call: id } })
    },
  })
}

function NoTrial({ endpoint, hasTools }: { readonly endpoint: string | null; readonly hasTools: boolean }) {
  return (
    <div className="flex flex-col items-start gap-3 text-sm">
      <p className="text-soft">
        {hasTools
          ? 'Its tools need arguments or may change something: the Playground asks before it calls.'
          : 'No tool can be called yet. A server that starts may need a moment.'}
      </p>
      <Link to="/app/playground" search={endpoint === null ? {} : { endpoint }} className={buttonClass({ variant: 'primary', size: 'lg' })}>
        Open the Playground
      </Link>
    </div>
  )
}
