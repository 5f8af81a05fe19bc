import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useRef, useState } from 'react'
import { api } from '@/lib/api.ts'
import { useIsVisible } from '@/lib/use-is-visible.ts'
import { type ActivityItem, type ActivitySearch, filterOf, queryOf } from './activity-search.ts'
import { justAfter, type LiveRows, mergeItems, NO_ROWS, takeItems } from './live-rows.ts'
import { type TailState, useLiveTail } from './use-live-tail.ts'

const PAGE_SIZE = 250
const PAGES_MAX = 200
const LIVE_ROWS_MAX = 5_000

interface Shown {
  readonly place: string
  /** Ranges count back from here. */
  readonly nowMs: number
  readonly live: LiveRows
  /** Where the loaded pages begin when live rows were let go; null: at the newest. */
  readonly until: string | null
}

const begin = (place: string): Shown => ({ place, nowMs: Date.now(), live: NO_ROWS, until: null })

export interface Activity {
  readonly rows: readonly ActivityItem[]
  /** Rows that came while somebody was reading further down. */
  readonly waitingCount: number
  readonly tail: TailState
  readonly isLoading: boolean
  /** What is shown belongs to the filter before. */
  readonly isOld: boolean
  readonly error: unknown
  readonly hasMore: boolean
  readonly isLoadingMore: boolean
  /** More rows exist than this page holds. */
  readonly isFull: boolean
  readonly loadMore: () => void
  readonly retry: () => void
  /** Tells whether the newest row is in view. */
  readonly setIsAtTop: (isAtTop: boolean) => void
}

/** The trail that fits an address: loaded pages, above them what happens now. */
export function useActivity(search: ActivitySearch, isLive: boolean): Activity {
  const place = JSON.stringify({ ...search, id: undefined })
  const [kept, setShown] = useState(() => begin(place))
  const shown = kept.place === place ? kept : begin(place)
  if (kept !== shown) setShown(shown)
  const isAtTop = useRef(true)

  const pages = usePages(search, shown)
  const rows = useMemo(() => mergeItems(shown.live.shown, pages.items), [shown.live.shown, pages.items])

  const take = useCallback((items: readonly ActivityItem[]) => {
    setShown((now) => {
      const { cutAt, ...live } = takeItems(now.live, { items, isAtTop: isAtTop.current, rowsMax: LIVE_ROWS_MAX })
      return { ...now, live, until: cutAt === null ? now.until : justAfter(cutAt) }
    })
  }, [])
  const newest = shown.live.waiting[0] ?? rows[0]
  const isVisible = useIsVisible()
  const tail = useLiveTail({
    place,
    filter: filterOf(search),
    isOn: isLive && isVisible,
    newestAt: () => newest?.at ?? null,
    onItems: take,
    onLost: () => setShown(begin(place)),
  })
  const setIsAtTop = useCallback(
    (now: boolean) => {
      const isBack = now && !isAtTop.current
      isAtTop.current = now
      if (isBack) take([])
    },
    [take],
  )
  const waitingCount = shown.live.waiting.length + shown.live.skipped
  return { ...pages, rows, waitingCount, tail, setIsAtTop }
}

function usePages(search: ActivitySearch, { nowMs, until }: Shown) {
  const asked = queryOf(search, nowMs)
  const query = until === null ? asked : { ...asked, until }
  const { data, error, isPending, isPlaceholderData, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey: ['listActivity', 'pages', query],
    queryFn: ({ pageParam, signal }) => api('listActivity', { query: { ...query, limit: PAGE_SIZE, cursor: pageParam } }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    // The live tail brings what is new; what happened does not change.
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data])
  const isFull = hasNextPage && (data?.pages.length ?? 0) >= PAGES_MAX
  const hasMore = hasNextPage && !isFull
  return {
    items,
    error,
    isLoading: isPending,
    isOld: isPlaceholderData && until === null,
    hasMore,
    isLoadingMore: isFetchingNextPage,
    isFull,
    loadMore: () => {
      if (hasMore && !isFetchingNextPage) void fetchNextPage()
    },
    retry: () => void (data === undefined ? refetch() : fetchNextPage()),
  }
}
