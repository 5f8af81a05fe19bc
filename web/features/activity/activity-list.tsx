import { ArrowUp, LoaderCircle } from 'lucide-react'
import { type UIEvent, useEffect, useMemo, useRef } from 'react'
import { VirtualList } from '@/components/virtual-list.tsx'
import { Button } from '@/components/ui/button.tsx'
import { ProblemView } from '@/components/ui/problem.tsx'
import { cn } from '@/lib/cn.ts'
import { count, exact } from '@/lib/format.ts'
import { asProblem } from '@/lib/problem.ts'
import { NoActivity, NothingMatches } from './activity-empty.tsx'
import { type ActivityItem, type ActivitySearch, hasFilters } from './activity-search.ts'
import { activityColumns, ROW_HEIGHTS } from './columns.tsx'
import type { OnFilter } from './filter-value.tsx'
import type { Activity } from './use-activity.ts'
import { useWidth } from './use-width.ts'

interface ActivityListProps {
  readonly activity: Activity
  readonly search: ActivitySearch
  readonly onFilter: OnFilter
  readonly onOpen: (item: ActivityItem) => void
  readonly onClear: () => void
}

const idOf = ({ id }: ActivityItem): string => id
/** Fewer rows than this may leave the list without a scroll bar, and then nobody would ask for more. */
const ROWS_ENOUGH = 60
const AT_TOP_PX = 8

export function ActivityList({ activity, search, onFilter, onOpen, onClear }: ActivityListProps) {
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const columns = useMemo(() => activityColumns(width, onFilter), [width, onFilter])
  const { rows, isLoading, hasMore, isLoadingMore, error, loadMore, setIsAtTop } = activity
  const needsMore = hasMore && rows.length < ROWS_ENOUGH && error === null
  useEffect(() => {
    if (needsMore && !isLoadingMore) loadMore()
  })
  const onScroll = ({ target }: UIEvent): void => setIsAtTop((target as HTMLElement).scrollTop <= AT_TOP_PX)
  const goToTop = (): void => {
    const list = box.current?.querySelector('[role="grid"]')
    if (list !== null && list !== undefined) list.scrollTop = 0
    setIsAtTop(true)
  }
  if (error !== null && rows.length === 0 && !isLoading) return <ProblemView error={error} onRetry={activity.retry} />
  const isSearching = rows.length === 0 && (isLoadingMore || needsMore)
  return (
    <section
      ref={box}
      aria-label="Events"
      className="relative flex min-w-0 flex-col overflow-hidden rounded-lg border bg-surface"
      onScrollCapture={onScroll}
    >
      <div className={cn('transition-opacity', activity.isOld && 'opacity-60')}>
        <VirtualList
          label="Events, newest first"
          columns={columns}
          rows={rows}
          rowKey={idOf}
          onOpen={onOpen}
          openKey={search.id ?? null}
          isLoading={isLoading || isSearching}
          rowHeight={ROW_HEIGHTS[width]}
          onEnd={loadMore}
          className="h-[calc(100dvh-11.5rem)] min-h-80"
          empty={
            <div className="grid h-[calc(100dvh-11.5rem)] min-h-80 place-items-center">
              {hasFilters(search) ? <NothingMatches onClear={onClear} /> : <NoActivity />}
            </div>
          }
        />
      </div>
      {activity.waitingCount > 0 && (
        <Button
          variant="primary"
          size="sm"
          className="absolute top-10 left-1/2 z-10 -translate-x-1/2 rounded-full px-3 shadow-float"
          onClick={goToTop}
        >
          <ArrowUp /> {count(activity.waitingCount)} new
        </Button>
      )}
      <ListFoot activity={activity} />
    </section>
  )
}

/** How much is shown, and what is under way at the end of it. */
function ListFoot({ activity: { rows, hasMore, isLoadingMore, isLoading, isFull, error, retry } }: Pick<ActivityListProps, 'activity'>) {
  return (
    <footer className="flex h-8 items-center gap-2 border-t px-4 text-xs text-faint" data-tabular>
      {error !== null && rows.length > 0 ? (
        <>
          <span className="truncate text-bad">Older events could not be loaded: {asProblem(error).title}.</span>
          <Button size="sm" variant="ghost" onClick={retry}>
            Try again
          </Button>
        </>
      ) : (
        <span>
          {isLoading ? 'Loading' : `${exact(rows.length)} ${rows.length === 1 ? 'event' : 'events'}${hasMore || isFull ? ' loaded' : ''}`}
        </span>
      )}
      {isLoadingMore && (
        <span className="inline-flex items-center gap-1.5">
          <LoaderCircle aria-hidden className="size-3 animate-spin" /> Loading older ones
        </span>
      )}
      {isFull && <span>This page holds no more. Narrow the filter or the time to see older ones.</span>}
      <span className="ml-auto max-md:hidden">
        <kbd className="font-mono">↑ ↓</kbd> move · <kbd className="font-mono">Enter</kbd> opens · <kbd className="font-mono">/</kbd>{' '}
        searches
      </span>
    </footer>
  )
}
