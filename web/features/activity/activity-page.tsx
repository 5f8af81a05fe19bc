import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { Page } from '@/components/ui/layout.tsx'
import { useTitle } from '@/lib/use-title.ts'
import { ActivityList } from './activity-list.tsx'
import { type ActivityItem, type ActivitySearch, withField, withoutFilters, withoutOpen } from './activity-search.ts'
import { EventSheet } from './event-sheet.tsx'
import { ExportMenu } from './export-menu.tsx'
import { FilterBar } from './filter-bar.tsx'
import type { OnFilter } from './filter-value.tsx'
import { LiveToggle } from './live-toggle.tsx'
import { useActivity } from './use-activity.ts'
import { useActorNames } from './use-actor-names.ts'

/** The audit trail: everything that was asked, who asked, which rule decided, how it ended. */
export function ActivityPage() {
  useTitle('Activity')
  const search = useSearch({ from: '/app/activity' })
  const { change, filter, open, close } = usePlaces(search)
  const [isPaused, setIsPaused] = useState(false)
  const isClosedRange = search.until !== undefined
  const activity = useActivity(search, !isPaused && !isClosedRange)
  const { rows } = activity
  const actorNames = useActorNames(search.actor !== undefined, rows)
  const latestRows = useRef(rows)
  useLayoutEffect(() => {
    latestRows.current = rows
  })
  const rowsNow = useCallback(() => latestRows.current, [])
  return (
    <Page
      title="Activity"
      actions={
        <>
          <ExportMenu search={search} />
          <LiveToggle state={activity.tail} isPaused={isPaused} isClosedRange={isClosedRange} onChange={setIsPaused} />
        </>
      }
    >
      <div className="-mt-2 -mb-10 flex min-w-0 flex-col gap-3">
        <FilterBar
          search={search}
          actorName={search.actor === undefined ? undefined : actorNames.get(search.actor)}
          rowsNow={rowsNow}
          onChange={change}
        />
        <ActivityList activity={activity} search={search} onFilter={filter} onOpen={open} onClear={() => change(withoutFilters(search))} />
      </div>
      <EventSheet id={search.id ?? null} rows={rows} onFilter={filter} onMove={(item) => open(item)} onClose={close} />
    </Page>
  )
}

/** All that changes the address. Opening an event adds a step that the back button undoes; moving on from it adds none. */
function usePlaces(search: ActivitySearch) {
  const navigate = useNavigate({ from: '/app/activity' })
  const latest = useRef(search)
  useLayoutEffect(() => {
    latest.current = search
  })
  const wasOpenedHere = useRef(false)
  const change = useCallback((next: ActivitySearch) => void navigate({ search: next, resetScroll: false }), [navigate])
  const filter: OnFilter = useCallback(
    (field, value) => {
      change(withoutOpen(withField(latest.current, field, value)))
    },
    [change],
  )
  const open = useCallback(
    ({ id }: Pick<ActivityItem, 'id'>) => {
      const isMove = latest.current.id !== undefined
      if (!isMove) wasOpenedHere.current = true
      void navigate({ search: (now) => ({ ...now, id }), replace: isMove, resetScroll: false })
    },
    [navigate],
  )
  const close = useCallback(() => {
    if (wasOpenedHere.current) window.history.back()
    else void navigate({ search: withoutOpen, replace: true, resetScroll: false })
    wasOpenedHere.current = false
  }, [navigate])
  return useMemo(() => ({ change, filter, open, close }), [change, filter, open, close])
}
