import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { api } from '@/lib/api.ts'
import { follow, type StreamState } from '@/lib/event-stream.ts'
import type { ActivityItem, Filter } from './activity-search.ts'

const FLUSH_MS = 250
const BUFFER_MAX = 5_000
const FILL_PAGE = 500
const FILL_PAGES_MAX = 10
/** Events stand where their call began but appear when it has ended: look back a little further than the newest known. */
const OVERLAP_MS = 10_000

interface TailOptions {
  /** Changes when another list is followed. */
  readonly place: string
  readonly filter: Filter
  readonly isOn: boolean
  /** When the newest event that is known happened. */
  readonly newestAt: () => string | null
  readonly onItems: (items: readonly ActivityItem[]) => void
  /** More was missed than can be made up: everything is to be asked for anew. */
  readonly onLost: () => void
}

export type TailState = StreamState | 'off'

/**
 * Follows what happens. Events are handed over in batches, four times a second; whatever happened while the connection
 * was away, or was left out because we were slow, is fetched from the list.
 */
export function useLiveTail(options: TailOptions): TailState {
  const { place, isOn } = options
  const [state, setState] = useState<TailState>('off')
  const latest = useRef(options)
  useLayoutEffect(() => {
    latest.current = options
  })
  useEffect(() => {
    if (!isOn) return undefined
    const tail = openTail(latest.current, () => latest.current, setState)
    return () => {
      tail.close()
      setState('off')
    }
  }, [place, isOn])
  return state
}

function openTail({ filter, place }: TailOptions, latest: () => TailOptions, onState: (state: StreamState) => void): { close(): void } {
  const closing = new AbortController()
  const batch = openBatch((items) => {
    // What was collected for one list is nothing for the next.
    if (latest().place === place) latest().onItems(items)
  })
  let isFilling = false
  const fill = async (): Promise<void> => {
    if (isFilling) return
    isFilling = true
    try {
      const missed = await fetchMissed(filter, latest().newestAt(), closing.signal)
      if (closing.signal.aborted) return
      if (missed === null) latest().onLost()
      else batch.add(missed)
    } catch {
      // The stream tells when the server is away; it fills again when it is back.
    } finally {
      isFilling = false
    }
  }
  const stop = follow(
    'streamActivity',
    { query: filter },
    {
      onEvent: ({ event, data }) => {
        if (event === 'dropped') void fill()
        else if (event === 'activity') batch.add([JSON.parse(data) as ActivityItem])
      },
      onState: (state) => {
        if (closing.signal.aborted) return
        onState(state)
        if (state === 'live') void fill()
      },
    },
  )
  return {
    close() {
      stop()
      closing.abort()
      batch.close()
    },
  }
}

interface Batch {
  add(items: readonly ActivityItem[]): void
  close(): void
}

/** Collects items and hands them over together. */
function openBatch(onItems: (items: readonly ActivityItem[]) => void): Batch {
  let items: ActivityItem[] = []
  let timer = 0
  const flush = (): void => {
    timer = 0
    const taken = items
    items = []
    onItems(taken)
  }
  return {
    add(more) {
      if (more.length === 0) return
      items = items.length + more.length > BUFFER_MAX ? [...items, ...more].slice(-BUFFER_MAX) : items.concat(more)
      if (timer === 0) timer = window.setTimeout(flush, FLUSH_MS)
    },
    close() {
      window.clearTimeout(timer)
      if (items.length > 0) flush()
    },
  }
}

/** What happened since the newest known event. Null: too much to fetch. */
async function fetchMissed(filter: Filter, newestAt: string | null, signal: AbortSignal): Promise<readonly ActivityItem[] | null> {
  const since = newestAt === null ? undefined : new Date(Date.parse(newestAt) - OVERLAP_MS).toISOString()
  const found: ActivityItem[] = []
  let cursor: string | null = null
  for (let page = 0; page < FILL_PAGES_MAX; page++) {
    const answer: { items: ActivityItem[]; nextCursor: string | null } = await api(
      'listActivity',
      { query: { ...filter, since, limit: FILL_PAGE, cursor } },
      { signal },
    )
    found.push(...answer.items)
    cursor = answer.nextCursor
    // Without a known event there is nothing to join: the pages below have the rest.
    if (cursor === null || newestAt === null) return found
  }
  return null
}
