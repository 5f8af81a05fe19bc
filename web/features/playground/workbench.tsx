import { getRouteApi } from '@tanstack/react-router'
import { useCallback, useRef, useState, useSyncExternalStore } from 'react'
import type { McpTool } from '@/lib/mcp-answer.ts'
import { EVERYTHING, replaySearch, type PlaygroundSearch } from './hand-over.ts'
import { History } from './history.tsx'
import { NoTool } from './nothing-to-call.tsx'
import { ResultPanel } from './result-panel.tsx'
import type { Run } from './runs.ts'
import { ToolPanel } from './tool-panel.tsx'
import { useDraft } from './use-draft.ts'
import { useToolRun } from './use-tool-run.ts'
import { visitRuns } from './visit.ts'

interface WorkbenchProps {
  /** The endpoint as it stands in the address. */
  readonly place: string
  readonly endpoint: string | null
  readonly kind: 'profile' | 'deployment' | null
  readonly tools: readonly McpTool[]
  readonly search: PlaygroundSearch
}

const route = getRouteApi('/app/playground')

/** The chosen tool beside what came of its runs. */
export function Workbench({ place, endpoint, kind, tools, search }: WorkbenchProps) {
  const navigate = route.useNavigate()
  const tool = tools.find(({ name }) => name === search.tool)
  const runs = useSyncExternalStore(visitRuns.subscribe, visitRuns.all)
  const result = useRef<HTMLDivElement>(null)
  const [shown, setShown] = useState<{ readonly id: string; readonly place: string; readonly tool: string | undefined } | null>(null)
  const show = useCallback(
    (run: Run) => {
      setShown({ id: run.id, place, tool: search.tool })
      // On a narrow screen the result lies below the form.
      const top = result.current?.getBoundingClientRect().top ?? 0
      if (top > window.innerHeight - 120) result.current?.scrollIntoView({ block: 'start', behavior: 'smooth' })
    },
    [place, search.tool],
  )
  const { running, start, cancel } = useToolRun(show)
  const { draft, setDraft, take } = useDraft(
    place,
    tool,
    search,
    () => void navigate({ search: { endpoint: place, tool: search.tool }, replace: true }),
  )
  const isPicked = shown !== null && shown.place === place && shown.tool === search.tool
  const newest = runs.find((run) => run.endpoint === endpoint && run.tool === search.tool) ?? null
  const run = (isPicked ? runs.find(({ id }) => id === shown.id) : undefined) ?? newest
  const replay = (again: Run): void => {
    if (again.endpoint === endpoint && again.tool === tool?.name) return take(again.args)
    void navigate({ search: replaySearch(again.endpoint ?? EVERYTHING, again.tool, again.args), resetScroll: false })
  }
  return (
    <div className="grid min-w-0 items-start gap-4 xl:grid-cols-2">
      {tool === undefined ? (
        <div className={run === null ? 'min-w-0 xl:col-span-2' : 'min-w-0'}>
          <NoTool name={search.tool} />
        </div>
      ) : (
        <ToolPanel
          key={`${place} ${tool.name}`}
          tool={tool}
          endpoint={endpoint}
          kind={kind}
          draft={draft}
          onDraft={setDraft}
          running={running}
          onRun={(call) => void start(call)}
          onCancel={cancel}
        />
      )}
      <div ref={result} className="flex min-w-0 scroll-mt-16 flex-col gap-4">
        <p role="status" className="sr-only">
          {running !== null ? 'The tool is running.' : run === null ? '' : spoken(run)}
        </p>
        {(tool !== undefined || run !== null) && <ResultPanel run={run} isOld={run !== null && run !== newest} onReplay={replay} />}
        <History runs={runs} shownId={run?.id} onShow={show} onReplay={replay} onClear={() => visitRuns.clear()} />
      </div>
    </div>
  )
}

const SPOKEN = {
  ok: 'The tool has answered.',
  'tool-error': 'The tool says that it failed.',
  failed: 'The call failed.',
  cancelled: 'The call was cancelled.',
} as const
const spoken = ({ outcome }: Run): string => SPOKEN[outcome]
