import { getRouteApi } from '@tanstack/react-router'
import { Wrench } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button.tsx'
import { Empty, Section, SkeletonRows } from '@/components/ui/layout.tsx'
import { ProblemView } from '@/components/ui/problem.tsx'
import { SearchField } from '@/components/ui/search-field.tsx'
import { exact } from '@/lib/format.ts'
import { useApi } from '@/lib/queries.ts'
import type { Deployment } from './deployment-model.ts'
import { StatePanel } from './state-panel.tsx'
import { ToolCard, type Tool } from './tool-card.tsx'
import { sizeOf } from './tool-definition.ts'

const route = getRouteApi('/app/deployments/$name')
const SHOWN_MAX = 100

/** What a server offers, as it describes it itself. */
export function ToolsTab({ deployment }: { readonly deployment: Deployment }) {
  const { name, status } = deployment
  const isReady = status?.state === 'ready'
  const { data, error, refetch } = useApi('listDeploymentTools', { params: { name } }, { enabled: isReady })
  if (!isReady && data === undefined)
    return (
      <Section title="Its tools are known once it is ready">
        <StatePanel deployment={deployment} />
      </Section>
    )
  if (error !== null && data === undefined) return <ProblemView error={error} onRetry={() => void refetch()} />
  if (data === undefined)
    return (
      <Section isPadded={false}>
        <SkeletonRows rows={8} />
      </Section>
    )
  return <ToolList name={name} tools={data.items} />
}

function ToolList({ name, tools }: { readonly name: string; readonly tools: readonly Tool[] }) {
  const { tool: openName, q = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const [shownMax, setShownMax] = useState(SHOWN_MAX)
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  const found = tools.filter((tool) => {
    const all = `${tool.name}\n${tool.title ?? ''}\n${tool.description ?? ''}`.toLowerCase()
    return words.every((word) => all.includes(word))
  })
  const set = (change: { tool?: string | undefined; q?: string | undefined }): void =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  if (tools.length === 0)
    return (
      <Section>
        <Empty icon={<Wrench />} title="Look for resources or prompts instead">
          {name} answers, and offers no tools.
        </Empty>
      </Section>
    )
  const { tokens } = sizeOf(tools)
  return (
    <Section isPadded={false}>
      <h2 className="sr-only">Tools</h2>
      <div className="flex flex-wrap items-center gap-3 border-b p-2">
        <SearchField
          label="Search tools"
          placeholder="Search tools"
          value={q}
          onChange={(next) => set({ q: next === '' ? undefined : next })}
        />
        <p data-tabular className="text-sm text-soft">
          {found.length === tools.length ? '' : `${exact(found.length)} of `}
          {exact(tools.length)} {tools.length === 1 ? 'tool' : 'tools'}, about {exact(tokens)} tokens of a model’s context
        </p>
      </div>
      {found.length === 0 && <Empty title="Search for something else">No tool matches “{q}”.</Empty>}
      <ul aria-label="Tools">
        {found.slice(0, shownMax).map((tool) => (
          <ToolCard
            key={tool.name}
            endpoint={name}
            tool={tool}
            isOpen={tool.name === openName}
            onToggle={() => set({ tool: tool.name === openName ? undefined : tool.name })}
          />
        ))}
      </ul>
      {found.length > shownMax && (
        <div className="border-t p-2 text-center">
          <Button size="sm" onClick={() => setShownMax(shownMax + SHOWN_MAX)}>
            Show more ({exact(found.length - shownMax)} left)
          </Button>
        </div>
      )}
    </Section>
  )
}
