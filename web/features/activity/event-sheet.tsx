import { Link } from '@tanstack/react-router'
import { ArrowDown, ArrowUp, FlaskConical } from 'lucide-react'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Waterfall } from '@/components/waterfall.tsx'
import { Button, buttonClass } from '@/components/ui/button.tsx'
import { CodeBlock, CopyButton } from '@/components/ui/copy.tsx'
import { Sheet } from '@/components/ui/dialog.tsx'
import { Skeleton } from '@/components/ui/layout.tsx'
import { ProblemView } from '@/components/ui/problem.tsx'
import { inertLine } from '@/lib/inert.ts'
import { asProblem } from '@/lib/problem.ts'
import { useApi } from '@/lib/queries.ts'
import type { ActivityDetail, ActivityItem } from './activity-search.ts'
import { kindName, methodName, sentenceOf } from './activity-text.ts'
import { EventBodies } from './event-bodies.tsx'
import { EventFacts } from './event-facts.tsx'
import { EventPart } from './event-part.tsx'
import type { OnFilter } from './filter-value.tsx'

interface EventSheetProps {
  /** Null: closed. */
  readonly id: string | null
  /** The list it belongs to; keys move through it. */
  readonly rows: readonly ActivityItem[]
  readonly onFilter: OnFilter
  readonly onMove: (item: ActivityItem) => void
  readonly onClose: () => void
}

/** One event, whole. */
export function EventSheet({ id, rows, onFilter, onMove, onClose }: EventSheetProps) {
  // What was open stays drawn while the panel leaves.
  const [lastId, setLastId] = useState(id)
  if (id !== null && id !== lastId) setLastId(id)
  const shownId = id ?? lastId
  const { previous, next } = neighboursOf(rows, id)
  useMoveKeys(id !== null, previous, next, onMove)
  const { data, error, refetch } = useApi(
    'getActivity',
    { params: { id: shownId ?? '' } },
    { enabled: shownId !== null, staleTime: Infinity },
  )
  const row = rows.find((each) => each.id === shownId)
  const known = data ?? row
  return (
    <Sheet
      isOpen={id !== null}
      onClose={onClose}
      title={known === undefined ? 'Event' : titleOf(known)}
      description={known === undefined ? undefined : sentenceOf(known)}
      footer={
        <>
          <div className="mr-auto flex gap-1">
            <Button
              size="icon"
              variant="ghost"
              aria-label="Newer event (k)"
              disabled={previous === undefined}
              onClick={() => previous !== undefined && onMove(previous)}
            >
              <ArrowUp />
            </Button>
            <Button
              size="icon"
              variant="ghost"
              aria-label="Older event (j)"
              disabled={next === undefined}
              onClick={() => next !== undefined && onMove(next)}
            >
              <ArrowDown />
            </Button>
          </div>
          {known !== undefined && (
            <CopyButton text={known.id} label="Copy id of the event">
              Copy id
            </CopyButton>
          )}
          {known !== undefined && known.method === 'tools/call' && known.target !== '' && !known.endpoint.startsWith('/') && (
            <Link
              to="/app/playground"
              search={{ endpoint: known.endpoint, tool: known.target }}
              className={buttonClass({ variant: 'primary' })}
            >
              <FlaskConical aria-hidden /> Replay in Playground
            </Link>
          )}
        </>
      }
    >
      {error !== null && data === undefined ? (
        <ProblemView error={error} {...(asProblem(error).status === 404 ? {} : { onRetry: () => void refetch() })} />
      ) : data === undefined ? (
        <Waiting />
      ) : (
        <Details key={data.id} event={data} onFilter={onFilter} />
      )}
    </Sheet>
  )
}

const sentenceCase = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
const titleOf = ({ kind, method, target }: ActivityItem): string =>
  target === '' ? (method === '' ? kindName(kind) : sentenceCase(methodName(method))) : inertLine(target, 120)

function Details({ event, onFilter }: { readonly event: ActivityDetail; readonly onFilter: OnFilter }) {
  return (
    <div className="flex flex-col gap-6">
      {(event.kind === 'call' || event.steps.length > 0) && (
        <EventPart title="Flight record">
          <Waterfall steps={event.steps} totalUs={event.us} verdict={event.verdict} outcome={event.outcome} />
        </EventPart>
      )}
      <EventPart title="Facts">
        <EventFacts event={event} onFilter={onFilter} />
      </EventPart>
      {event.kind === 'call' && <EventBodies event={event} />}
      <EventPart title="In a terminal">
        <CodeBlock text={`sallyport activity show ${event.id}`} label="Command that shows this event" />
      </EventPart>
    </div>
  )
}

function Waiting() {
  return (
    <div className="flex flex-col gap-3" aria-busy>
      <Skeleton className="h-4 w-28" />
      <Skeleton className="h-44 w-full" />
      <Skeleton className="mt-3 h-4 w-16" />
      <Skeleton className="h-64 w-full" />
    </div>
  )
}

interface Neighbours {
  readonly previous: ActivityItem | undefined
  readonly next: ActivityItem | undefined
}

function neighboursOf(rows: readonly ActivityItem[], id: string | null): Neighbours {
  const index = id === null ? -1 : rows.findIndex((row) => row.id === id)
  return index < 0 ? { previous: undefined, next: undefined } : { previous: rows[index - 1], next: rows[index + 1] }
}

const TYPING = 'input, textarea, select, [contenteditable], [role="tree"], [role="tab"], pre'

/** j and ↓ go to the older event, k and ↑ to the newer one. */
function useMoveKeys(
  isOn: boolean,
  previous: ActivityItem | undefined,
  next: ActivityItem | undefined,
  onMove: (item: ActivityItem) => void,
): void {
  const latest = useRef({ previous, next, onMove })
  useLayoutEffect(() => {
    latest.current = { previous, next, onMove }
  })
  useEffect(() => {
    if (!isOn) return undefined
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target instanceof Element && event.target.closest(TYPING) !== null) return
      const isNext = event.key === 'j' || event.key === 'ArrowDown'
      if (!isNext && event.key !== 'k' && event.key !== 'ArrowUp') return
      event.preventDefault()
      const item = isNext ? latest.current.next : latest.current.previous
      if (item !== undefined) latest.current.onMove(item)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [isOn])
}
