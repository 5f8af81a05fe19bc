import { getRouteApi } from '@tanstack/react-router'
import { Pause, Play, Trash2, ScrollText } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { Badge } from '@/components/ui/badge.tsx'
import { Button } from '@/components/ui/button.tsx'
import { CopyButton } from '@/components/ui/copy.tsx'
import { Empty, Section } from '@/components/ui/layout.tsx'
import { ProblemNote } from '@/components/ui/problem.tsx'
import { SearchField } from '@/components/ui/search-field.tsx'
import type { StreamState } from '@/lib/event-stream.ts'
import { exact } from '@/lib/format.ts'
import { asProblem } from '@/lib/problem.ts'
import type { Deployment } from './deployment-model.ts'
import type { ShownLine } from './log-buffer.ts'
import { LogView } from './log-view.tsx'
import { useLog } from './use-log.ts'

const LINES_MAX = 5_000
const route = getRouteApi('/app/deployments/$name')

/** What a process writes beside the protocol, as it comes. */
export function LogsTab({ deployment }: { readonly deployment: Deployment }) {
  if (deployment.spec.kind !== 'process')
    return (
      <Section>
        <Empty icon={<ScrollText />} title="Look where it runs">
          {deployment.name} runs elsewhere, so its log is there too. Here only processes that Sallyport starts write one.
        </Empty>
      </Section>
    )
  return <LiveLog key={deployment.name} name={deployment.name} />
}

const textOf = (lines: readonly ShownLine[]): string =>
  lines
    .filter(({ isGap }) => !isGap)
    .map(({ at, text }) => `${at} ${text}`)
    .join('\n')

function LiveLog({ name }: { readonly name: string }) {
  const { q = '' } = route.useSearch()
  const navigate = route.useNavigate()
  const { lines, state, error, buffer } = useLog(name, LINES_MAX)
  const [held, setHeld] = useState<readonly ShownLine[] | null>(null)
  const wanted = useDeferredValue(q).toLowerCase()
  const current = held ?? lines
  const shown = useMemo(
    () => (wanted === '' ? current : current.filter(({ text, isGap }) => !isGap && text.toLowerCase().includes(wanted))),
    [current, wanted],
  )
  const setQuery = (next: string): void =>
    void navigate({
      search: (before) => ({ ...before, q: next === '' ? undefined : next }),
      replace: true,
    })
  return (
    <Section isPadded={false}>
      <h2 className="sr-only">Log</h2>
      <div className="flex flex-wrap items-center gap-2 border-b p-2">
        <SearchField label="Filter lines" placeholder="Filter lines" value={q} onChange={setQuery} />
        <LiveSign state={state} isHeld={held !== null} />
        <span className="text-xs text-faint" data-tabular>
          {wanted === '' ? `${exact(current.length)} lines` : `${exact(shown.length)} of ${exact(current.length)} lines`}
        </span>
        <div className="ml-auto flex gap-1">
          <Button size="sm" aria-pressed={held !== null} onClick={() => setHeld(held === null ? lines : null)}>
            {held === null ? <Pause /> : <Play />}
            {held === null ? 'Pause' : 'Go on'}
          </Button>
          <CopyButton text={textOf(shown)} label="Copy the lines shown" className="size-7" />
          <Button
            variant="ghost"
            size="icon"
            className="size-7"
            aria-label="Clear the view"
            title="Clear the view; the server keeps its lines"
            onClick={() => (setHeld(null), buffer.clear())}
          >
            <Trash2 />
          </Button>
        </div>
      </div>
      {error !== null && <ProblemNote problem={asProblem(error)} className="m-3" />}
      <LogView
        lines={shown}
        mark={wanted}
        onReading={(isReading) => buffer.setReading(isReading)}
        empty={wanted === '' ? 'Nothing has been written to stderr yet. New lines appear here by themselves.' : 'No line holds this text.'}
      />
    </Section>
  )
}

const SIGNS = {
  connecting: ['neutral', 'Connecting'],
  live: ['ok', 'Live'],
  waiting: ['warn', 'Connecting again'],
  ended: ['bad', 'Ended'],
} as const satisfies Record<StreamState, unknown>

function LiveSign({ state, isHeld }: { readonly state: StreamState; readonly isHeld: boolean }) {
  const [tone, label] = isHeld ? (['neutral', 'Paused'] as const) : SIGNS[state]
  return (
    <Badge
      tone={tone}
      icon={<span aria-hidden className={`size-1.5 rounded-full bg-current ${tone === 'ok' ? 'animate-pulse-soft' : ''}`} />}
    >
      {label}
    </Badge>
  )
}
